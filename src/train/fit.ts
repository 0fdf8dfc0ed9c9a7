// The training loop: epochs over a frozen plan.

import type { Matrix } from "../data/matrix.ts";
import { inOrder } from "../data/samples.ts";
import type { Targets } from "../data/targets.ts";
import { DivergenceError } from "../errors.ts";
import { Buffers, mapAndCopy, write } from "../gpu/buffers.ts";
import { Profiler } from "../gpu/profile.ts";
import type { SubmitObserver } from "../gpu/queue.ts";
import type { Metric } from "../nn/metrics.ts";
import { checkLearningRate } from "../nn/optimizers.ts";
import type { Storage } from "../nn/rows.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { evaluationOf, named, replayInOrder, replayRuns } from "./evaluate.ts";
import { History } from "./history.ts";
import { evaluationPlan, type Plan, type PlanOptions, trainingPlan } from "./plan.ts";
import { addUp, type Results, RowSet, type Sums } from "./row_set.ts";

/** Rows with their targets, checked. */
export interface FitData {
  readonly x: Matrix;
  readonly targets: Targets;
  readonly weights?: Float32Array | undefined;
}

export interface FitPlan extends PlanOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: Seed;
  readonly metrics: readonly Metric[];
  readonly callbacks: readonly Callbacks[];
  readonly signal?: AbortSignal | undefined;
  /** Bytes of features that may be kept on the GPU. */
  readonly featureBudget: number;
  readonly precision: Storage["precision"];
  /** Times every dispatch. */
  readonly profile: boolean;
}

/**
 * Trains, and validates after every epoch.
 * @throws DivergenceError with the number of the first step that gave a value that is not finite.
 */
export async function fit(
  engine: Engine,
  training: FitData,
  validation: FitData | undefined,
  plan: FitPlan,
): Promise<History> {
  const history = new History();
  const open: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(resource: T): T => {
    open.push(resource);
    return resource;
  };
  try {
    if (plan.profile) {
      const obstacle = Profiler.obstacle(engine.gpu);
      if (obstacle) history.noProfile = obstacle;
      else engine.queue.profiler = keep(new Profiler(engine.gpu));
    }
    const begun = performance.now();
    const set = keep(await rowSet(engine, training, plan, plan.featureBudget));
    const left = Math.max(0, plan.featureBudget - set.features.bytes);
    const validationSet = validation && keep(await rowSet(engine, validation, plan, left));
    const step = keep(await trainingPlan(engine, set, plan));
    const validationStep = validationSet && keep(await evaluationPlan(engine, validationSet, plan));
    await loadKept(
      [set, validationSet].flatMap((rows) => rows ?? []),
      plan,
    );
    history.seconds.features = (performance.now() - begun) / 1000;
    await call(plan, (callbacks) => callbacks.onTrainBegin?.());
    const stop = () => plan.signal?.aborted === true;
    const before = engine.iterations;
    let logs: Record<string, number> = {};
    for (let epoch = 0; epoch < plan.epochs; epoch++) {
      if (stop()) {
        history.aborted = true;
        break;
      }
      await call(plan, (callbacks) => callbacks.onEpochBegin?.(epoch));
      const done = await trainEpoch(engine, set, step, plan);
      history.steps = engine.iterations - before;
      if (validationSet && validationStep && !stop()) await replayInOrder(engine, validationSet, validationStep, stop);
      // Read only now: nothing is made and nothing mapped between the first and the last step of an epoch.
      const [trained, validated] = await Promise.all([set.read(), validationSet?.read()]);
      checkFault(engine, set, trained, plan, epoch);
      // An epoch counts when its validation is whole.
      if (done < set.steps || stop()) {
        history.aborted = true;
        break;
      }
      logs = named(trained.sums, set.rowCount, plan.metrics);
      if (validationSet && validated) {
        const values = evaluationOf(engine, validationSet, validated, plan.metrics);
        for (const [name, value] of Object.entries(values)) logs[`val_${name}`] = value;
      }
      const ended = logs;
      history.add(epoch, ended);
      await call(plan, (callbacks) => callbacks.onEpochEnd?.(epoch, ended));
    }
    await call(plan, (callbacks) => callbacks.onTrainEnd?.(logs));
    history.seconds.train = (performance.now() - begun) / 1000 - history.seconds.features;
    if (engine.queue.profiler) history.profile = engine.queue.profiler.times;
    return history;
  } finally {
    engine.queue.profiler = undefined;
    for (const resource of open) resource.destroy();
  }
}

/** Computes the features that are kept for all epochs. */
async function loadKept(sets: readonly RowSet[], plan: FitPlan): Promise<void> {
  const kept = sets.filter(({ features }) => features.runRows === 0);
  const total = kept.reduce((sum, { rowCount }) => sum + rowCount, 0);
  let done = 0;
  const computed = (rows: number) => {
    done += rows;
    return call(plan, (callbacks) => callbacks.onFeatures?.(done, total));
  };
  for (const { features } of kept) {
    await features.load(inOrder(0), 0, { stop: () => plan.signal?.aborted === true, computed });
  }
}

/** The steps of one epoch. @returns how many were done: fewer than there are where it was aborted. */
async function trainEpoch(engine: Engine, set: RowSet, step: Plan, plan: FitPlan): Promise<number> {
  const { gpu } = engine;
  const { steps, rowCount } = set;
  checkLearningRate(plan.optimizer);
  const shuffling = randomStream(plan.seed, `shuffle.${engine.iterations}`);
  const order = plan.shuffle ? permutation(shuffling, rowCount) : inOrder(rowCount);
  set.begin(order);
  const stepSizes = Float32Array.from({ length: steps }, (_, i) => plan.optimizer.stepSize(engine.iterations + i + 1));
  write(gpu, set.stepSizes, stepSizes);
  const watcher = plan.callbacks.some(({ onBatchEnd }) => onBatchEnd) ? new BatchWatcher(engine, set, plan) : undefined;
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

/** @throws DivergenceError where a step of the epoch gave what is not finite. */
function checkFault(engine: Engine, set: RowSet, { fault }: Results, plan: FitPlan, epoch: number): void {
  if (fault === undefined) return;
  engine.resetOptimizer(); // its slots hold what is not finite
  throw diverged(epoch * set.steps + fault + 1, epoch, fault, plan);
}

/** Reads outcomes behind each submit and calls onBatchEnd for its steps, without stalling the queue. */
class BatchWatcher {
  readonly observer: SubmitObserver;
  readonly #buffers: Buffers;

  constructor(engine: Engine, set: RowSet, plan: FitPlan) {
    const { batchSize, rowCount } = set;
    this.#buffers = new Buffers(engine.gpu, "batches");
    // At most two submits are in flight, and each is mapped before the next but one is recorded.
    const staging = [0, 1].map((i) => this.#buffers.readback(`outcomes${i}`, rowCount * 8));
    const rowsUntil = (step: number) => Math.min(step * batchSize, rowCount);
    const total: Sums = { loss: 0, correct: 0 };
    let recorded = 0;
    let read = 0;
    this.observer = {
      record: (encoder, begin, end) => {
        const first = rowsUntil(begin) * 8;
        const target = staging[recorded++ % 2] as GPUBuffer;
        encoder.copyBufferToBuffer(set.outcomes, first, target, 0, rowsUntil(end) * 8 - first);
      },
      done: async (begin, end) => {
        const first = rowsUntil(begin);
        const outcomes = await mapAndCopy(staging[read++ % 2] as GPUBuffer, (rowsUntil(end) - first) * 8);
        for (let step = begin; step < end; step++) {
          const rows = outcomes.slice((rowsUntil(step) - first) * 8, (rowsUntil(step + 1) - first) * 8);
          const sums = addUp(rows);
          total.loss += sums.loss;
          total.correct += sums.correct;
          const logs = named(total, rowsUntil(step + 1), plan.metrics);
          await call(plan, (callbacks) => callbacks.onBatchEnd?.(step, logs));
        }
      },
    };
  }

  destroy(): void {
    this.#buffers.destroy();
  }
}

function rowSet(engine: Engine, { x, targets, weights }: FitData, plan: FitPlan, budget: number): Promise<RowSet> {
  return RowSet.create(engine, x, targets, { batchSize: plan.batchSize, budget, precision: plan.precision, weights });
}

async function call(plan: FitPlan, run: (callbacks: Callbacks) => unknown): Promise<void> {
  for (const callbacks of plan.callbacks) await run(callbacks);
}

function diverged(step: number, epoch: number, inEpoch: number, { optimizer, loss }: FitPlan): DivergenceError {
  return new DivergenceError(
    `Training diverged at step ${step} (epoch ${epoch + 1}, minibatch ${inEpoch + 1}): a weight, a logit or a loss is NaN or ` +
      `infinite under ${loss.name}. Use a smaller learning rate than ${optimizer.learningRate}, or scale the inputs.`,
    step,
  );
}
