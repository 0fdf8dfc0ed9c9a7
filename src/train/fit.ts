// Training on rows that lie in memory: their features are computed once, and every epoch passes over all of them.
import type { Storage } from "../nn/rows.ts";
import type { Seed } from "../random.ts";
import type { Engine } from "./engine.ts";
import { trainEpoch } from "./epoch.ts";
import type { FitData } from "./fit_data.ts";
import type { History } from "./history.ts";
import { type LoopPlan, runEpochs } from "./loop.ts";
import { loadKept, type MeasuredPlan, measured } from "./measured.ts";
import { trainingPlan } from "./plan.ts";
import { RowSet } from "./row_set.ts";
import { openValidation } from "./validation.ts";

/** What fits have in common, wherever their rows come from. */
export interface CommonPlan extends LoopPlan, MeasuredPlan {
  readonly seed: Seed;
  /** Bytes of features that may be kept on the GPU. */
  readonly featureBudget: number;
  readonly precision: Storage["precision"];
}

export interface FitPlan extends CommonPlan {
  readonly batchSize: number;
  readonly shuffle: boolean;
}

/**
 * Trains, and validates after the epochs that are due.
 * @throws DivergenceError with the number of the first step that gave a value that is not finite.
 */
export function fit(
  engine: Engine,
  training: FitData,
  validation: FitData | undefined,
  plan: FitPlan,
): Promise<History> {
  return measured(engine, plan, async (run, keep) => {
    const { x, targets, weights } = training;
    const { batchSize, precision, metrics, featureBudget: budget } = plan;
    const set = keep(await RowSet.create(engine, x, targets, { batchSize, budget, precision, weights, metrics }));
    const left = { batchSize, precision, metrics, budget: Math.max(0, budget - set.features.bytes) };
    const validating = validation && (await openValidation(engine, keep, validation, plan, left));
    const step = keep(await trainingPlan(engine, set, plan));
    run.steps = set.steps;
    await loadKept(validating ? [set, validating.set] : [set], run);
    const epoch = { ...plan, stops: run.stops, beforeSubmit: run.beforeSubmit };
    const train = async () => {
      const done = await trainEpoch(engine, set, step, epoch);
      return { read: () => set.read(done) };
    };
    return () => runEpochs(engine, run, plan, train, validating);
  });
}
