// Running a model forward over rows: losses and metrics, or the outputs themselves.
import { checkFinite } from "../data/matrix.ts";
import { DivergenceError } from "../errors.ts";
import { readBack } from "../gpu/buffers.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import { stride } from "../nn/rows.ts";
import type { Engine } from "./engine.ts";
import type { Plan, PredictionPlan } from "./plan.ts";
import type { Results, RowResults, RowSet } from "./row_set.ts";

/** Loss and metrics by name. */
export type Evaluation = Record<string, number>;

/** Replays an evaluation plan over all rows of a set, and reads what it gave. */
export async function evaluateSet(
  engine: Engine,
  set: RowSet,
  plan: Plan,
  metrics: readonly CompiledMetric[],
): Promise<Evaluation> {
  await replayInOrder(engine, set, plan);
  return evaluationOf(engine, set, await set.read(), metrics);
}

/** Replays a plan over all rows of a set, in order; nothing is read. */
export async function replayInOrder(engine: Engine, set: RowSet, plan: Plan, stop?: () => boolean): Promise<void> {
  set.begin(set.inOrder);
  await replayRuns(engine, set, set.inOrder, plan, stop ? { stop } : {});
}

/** What a replay over a set gave. @throws DivergenceError for outputs that are not finite. */
export function evaluationOf(
  engine: Engine,
  set: RowSet,
  { fault, sums }: Results,
  metrics: readonly CompiledMetric[],
): Evaluation {
  if (fault !== undefined) {
    throw new DivergenceError(
      `The outputs are not finite in minibatch ${fault + 1} of ${set.steps}: the weights are too large or not numbers. ` +
        `Train again with a smaller learning rate.`,
      engine.iterations,
    );
  }
  return named(sums, set.rowCount, metrics);
}

/** Replays a plan over the samples of a set, run by run. @returns the steps done. */
export async function replayRuns(
  engine: Engine,
  set: RowSet,
  order: Uint32Array,
  plan: Pick<Plan, "dispatches">,
  observer: Parameters<Engine["queue"]["replay"]>[3],
): Promise<number> {
  let step = 0;
  while (step < set.steps) {
    const begin = step * set.batchSize;
    await set.features.load(order, begin, observer?.stop ? { stop: observer.stop } : {});
    const end = Math.ceil((begin + set.features.samplesFrom(begin, order.length)) / set.batchSize);
    step = await engine.queue.replay(plan.dispatches, step, end, observer);
    if (step < end) break;
  }
  return step;
}

/** What the last metric of a set gave, row by row in the order of the samples. */
export function lastMetric({ outcomes, rows }: RowResults, { metrics }: RowSet): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => outcomes[(row + 1) * (1 + metrics.length) - 1] as number);
}

/** Means by name: sum(weighted losses) / rows, then each metric's sum / rows. */
export function named(sums: Float64Array, rows: number, metrics: readonly CompiledMetric[]): Evaluation {
  const values: Evaluation = { loss: (sums[0] as number) / rows };
  for (const [m, { name }] of metrics.entries()) values[name] = (sums[1 + m] as number) / rows;
  return values;
}

/** The outputs of all rows of a set [rows, outputs], one batch at a time. */
export async function predictSet(engine: Engine, set: RowSet, plan: PredictionPlan): Promise<Float32Array> {
  const { outputDim } = engine.network;
  const order = set.inOrder;
  const predictions = new Float32Array(set.rowCount * outputDim);
  set.begin(order);
  for (let step = 0; step < set.steps; step++) {
    const begin = step * set.batchSize;
    if (begin % Math.max(set.features.runRows, 1) === 0) await set.features.load(order, begin);
    await engine.queue.replay(plan.dispatches, step, step + 1);
    const rows = Math.min(set.batchSize, set.rowCount - begin);
    const outputs = new Float32Array(await readBack(engine.gpu, plan.outputs, 0, rows * stride(outputDim) * 4));
    for (let row = 0; row < rows; row++) {
      const values = outputs.subarray(row * stride(outputDim), row * stride(outputDim) + outputDim);
      predictions.set(values, (begin + row) * outputDim);
    }
  }
  checkFinite(predictions, outputDim, "model.predict: the output");
  return predictions;
}
