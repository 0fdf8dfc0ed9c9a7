// The steps of one epoch over rows that are on the GPU.
import { write } from "../gpu/buffers.ts";
import type { SubmitObserver } from "../gpu/queue.ts";
import { stepBytes } from "../nn/kernels/wgsl.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import { type Optimizer, stepTable } from "../nn/optimizers.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import { BatchWatcher } from "./batch_watcher.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { replayRuns } from "./evaluate.ts";
import type { Plan } from "./plan.ts";
import type { RowSet } from "./row_set.ts";

export interface OrderPlan {
  readonly optimizer: Optimizer;
  readonly shuffle: boolean;
  readonly seed: Seed;
}

export interface EpochPlan extends OrderPlan {
  readonly metrics: readonly CompiledMetric[];
  /** Told of every minibatch, where they ask for it. */
  readonly callbacks: readonly Callbacks[];
  /** What each submit waits for, if anything, and how many steps it may have then. @param step the first, from 0. */
  readonly beforeSubmit?: SubmitObserver["before"];
  /** Asked before each submit; true ends the epoch. */
  stops(): boolean;
}

/** Draws the order of an epoch's rows, and tells the GPU of it and of the steps to come. @returns the order. */
export function beginEpoch(engine: Engine, set: RowSet, { optimizer, shuffle, seed }: OrderPlan): Uint32Array {
  const shuffling = randomStream(seed, `shuffle.${engine.iterations}`);
  const order = shuffle ? permutation(shuffling, set.rowCount).map((i) => set.inOrder[i] as number) : set.inOrder;
  set.begin(order);
  writeSteps(engine, set, optimizer, 0);
  return order;
}

/** Tells the GPU of the steps from this one on, which is the next to go, as the optimizer is now. */
function writeSteps({ gpu, iterations }: Engine, set: RowSet, optimizer: Optimizer, from: number): void {
  write(gpu, set.stepTable, stepTable(optimizer, iterations, set.steps - from), from * stepBytes);
}

/** Trains on all rows of a set, once. @returns how many steps were done: fewer than there are where it was stopped. */
export async function trainEpoch(engine: Engine, set: RowSet, step: Plan, plan: EpochPlan): Promise<number> {
  const order = beginEpoch(engine, set, plan);
  const { optimizer } = plan;
  let rate = optimizer.learningRate;
  const watched = plan.callbacks.some(({ onBatchEnd }) => onBatchEnd);
  const watcher = watched ? new BatchWatcher(engine, set, plan.metrics, plan.callbacks) : undefined;
  const observer: SubmitObserver = {
    before: plan.beforeSubmit,
    stop: () => plan.stops(),
    record: (encoder, begin, end) => {
      // Steps in flight are told already: what is written goes behind them.
      if (optimizer.learningRate !== rate) writeSteps(engine, set, optimizer, begin);
      rate = optimizer.learningRate;
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
