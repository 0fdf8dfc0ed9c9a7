// A single minibatch at a time.
import { DivergenceError } from "../errors.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import type { Optimizer } from "../nn/optimizers.ts";
import type { Seed } from "../random.ts";
import type { Batches } from "./batches.ts";
import type { Engine } from "./engine.ts";
import { trainEpoch } from "./epoch.ts";
import { type Evaluation, evaluateSet, named } from "./evaluate.ts";
import type { FitData } from "./fit_data.ts";

export interface BatchPlan {
  readonly optimizer: Optimizer;
  readonly metrics: readonly CompiledMetric[];
  readonly seed: Seed;
}

/** One optimizer step. @returns loss and metrics before it. @throws DivergenceError where they are not finite. */
export async function trainBatch(
  engine: Engine,
  batches: Batches,
  data: FitData,
  plan: BatchPlan,
): Promise<Evaluation> {
  const batch = await batches.put(data, data.targets.rows);
  const step = { ...plan, shuffle: false, callbacks: [], stops: () => false };
  await trainEpoch(engine, batch.set, await batch.training(), step);
  const { fault, sums, rows } = await batch.set.read();
  if (fault !== undefined) {
    const { iterations } = engine;
    engine.resetOptimizer(); // its slots hold what is not finite
    throw new DivergenceError(
      `Training diverged at step ${iterations}: a weight, a logit or a loss is NaN or infinite. Use a smaller learning ` +
        `rate, or scale the inputs.`,
      iterations,
    );
  }
  return named(sums, rows, plan.metrics);
}

/** Loss and metrics, without a step. */
export async function testBatch(
  engine: Engine,
  batches: Batches,
  data: FitData,
  { metrics }: Pick<BatchPlan, "metrics">,
): Promise<Evaluation> {
  const batch = await batches.put(data, data.targets.rows);
  return evaluateSet(engine, batch.set, await batch.evaluation(), metrics);
}
