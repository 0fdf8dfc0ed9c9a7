// The steps of one epoch over rows that are on the GPU.
import { write } from "../gpu/buffers.ts";
import type { SubmitObserver } from "../gpu/queue.ts";
import type { Metric } from "../nn/metrics.ts";
import { stepTable } from "../nn/optimizers.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import { BatchWatcher } from "./batch_watcher.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { replayRuns } from "./evaluate.ts";
import type { Plan, PlanOptions } from "./plan.ts";
import type { RowSet } from "./row_set.ts";

export interface EpochPlan extends PlanOptions {
  readonly shuffle: boolean;
  readonly seed: Seed;
  readonly metrics: readonly Metric[];
  readonly callbacks: readonly Callbacks[];
  readonly signal?: AbortSignal | undefined;
}

/** The steps of one epoch. @returns how many were done: fewer than there are where it was aborted. */
export async function trainEpoch(engine: Engine, set: RowSet, step: Plan, plan: EpochPlan): Promise<number> {
  const { gpu } = engine;
  const { steps, rowCount } = set;
  const shuffling = randomStream(plan.seed, `shuffle.${engine.iterations}`);
  const order = plan.shuffle ? permutation(shuffling, rowCount).map((i) => set.inOrder[i] as number) : set.inOrder;
  set.begin(order);
  write(gpu, set.stepTable, stepTable(plan.optimizer, engine.iterations, steps));
  const watcher = plan.callbacks.some(({ onBatchEnd }) => onBatchEnd)
    ? new BatchWatcher(engine, set, plan.metrics, plan.callbacks)
    : undefined;
  const observer: SubmitObserver = {
    stop: () => plan.signal?.aborted === true,
    record: (encoder, begin, end) => {
      engine.iterations += end - begin; // counted here, since a callback may throw before the epoch's end
      watcher?.observer.record?.(encoder, begin, end);
    },
    done: (begin, end) => watcher?.observer.done?.(begin, end),
  };
  try {
    return await replayRuns(engine, set, order, step, observer);
  } finally {
    watcher?.destroy();
  }
}
