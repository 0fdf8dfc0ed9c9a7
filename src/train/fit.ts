// The training loop: epochs over a frozen plan.

import type { Matrix } from "../data/matrix.ts";
import { inOrder } from "../data/samples.ts";
import type { Targets } from "../data/targets.ts";
import { DivergenceError } from "../errors.ts";
import { Profiler } from "../gpu/profile.ts";
import type { Storage } from "../nn/rows.ts";
import { call } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { type EpochPlan, trainEpoch } from "./epoch.ts";
import { evaluationOf, named, replayInOrder } from "./evaluate.ts";
import { History } from "./history.ts";
import { evaluationPlan, trainingPlan } from "./plan.ts";
import { type Results, RowSet } from "./row_set.ts";

/** Rows with their targets, checked. */
export interface FitData {
  readonly x: Matrix;
  readonly targets: Targets;
  readonly weights?: Float32Array | undefined;
}

export interface FitPlan extends EpochPlan {
  readonly epochs: number;
  readonly batchSize: number;
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
    await call(plan.callbacks, (each) => each.onTrainBegin?.());
    const stop = () => plan.signal?.aborted === true;
    const before = engine.iterations;
    let logs: Record<string, number> = {};
    for (let epoch = 0; epoch < plan.epochs; epoch++) {
      if (stop()) {
        history.aborted = true;
        break;
      }
      await call(plan.callbacks, (each) => each.onEpochBegin?.(epoch));
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
      await call(plan.callbacks, (each) => each.onEpochEnd?.(epoch, ended));
    }
    engine.adoptAverage();
    await call(plan.callbacks, (each) => each.onTrainEnd?.(logs));
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
    return call(plan.callbacks, (each) => each.onFeatures?.(done, total));
  };
  for (const { features } of kept) {
    await features.load(inOrder(0), 0, { stop: () => plan.signal?.aborted === true, computed });
  }
}

/** @throws DivergenceError where a step of the epoch gave what is not finite. */
function checkFault(engine: Engine, set: RowSet, { fault }: Results, plan: FitPlan, epoch: number): void {
  if (fault === undefined) return;
  engine.resetOptimizer(); // its slots hold what is not finite
  throw diverged(epoch * set.steps + fault + 1, epoch, fault, plan);
}

function rowSet(engine: Engine, { x, targets, weights }: FitData, plan: FitPlan, budget: number): Promise<RowSet> {
  return RowSet.create(engine, x, targets, { batchSize: plan.batchSize, budget, precision: plan.precision, weights });
}

function diverged(step: number, epoch: number, inEpoch: number, { optimizer, loss }: FitPlan): DivergenceError {
  const { learningRate: rate } = optimizer;
  const below = typeof rate === "number" ? rate : `${rate.name} gives`;
  return new DivergenceError(
    `Training diverged at step ${step} (epoch ${epoch + 1}, minibatch ${inEpoch + 1}): a weight, a logit or a loss is NaN or ` +
      `infinite under ${loss.name}. Use a smaller learning rate than ${below}, or scale the inputs.`,
    step,
  );
}
