// Loss, metrics and a report of classes over rows, in one pass.
import { type ClassificationReport, classificationReport } from "../nn/classification_report.ts";
import { predictedClass } from "../nn/metrics.ts";
import type { Engine } from "../train/engine.ts";
import { type Evaluation, evaluationOf, lastMetric, replayInOrder } from "../train/evaluate.ts";
import type { FitData } from "../train/fit_data.ts";
import { evaluationPlan } from "../train/plan.ts";
import { RowSet } from "../train/row_set.ts";
import type { Compiled } from "./compile.ts";

/** Loss and metrics by name, with the report that was asked for. */
export type ReportedEvaluation = Evaluation & {
  /** Class by class. */
  readonly report: ClassificationReport;
};

/** Features that are kept at a time: those of one small minibatch alone would make the device wait for each. */
const featureBytes = 2 ** 26;

/**
 * @param classes the true class of each row, where a report is asked for.
 * @throws DivergenceError for outputs that are not finite.
 */
export async function evaluateRows(
  engine: Engine,
  { x, targets, weights }: FitData,
  { optimizer, loss, metrics }: Compiled,
  { batchSize, classes }: { batchSize: number; classes: Uint32Array | undefined },
): Promise<Evaluation> {
  const measured = classes ? [...metrics, predictedClass(loss)] : metrics;
  const options = { batchSize, budget: featureBytes, precision: "float32", weights, metrics: measured } as const;
  const set = await RowSet.create(engine, x, targets, options);
  try {
    const plan = await evaluationPlan(engine, set, { loss, optimizer, fuse: true });
    try {
      await replayInOrder(engine, set, plan);
      const results = await set.read();
      const values = evaluationOf(engine, set, results, metrics);
      if (!classes) return values;
      const count = Math.max(2, engine.network.outputDim);
      return Object.assign(values, { report: classificationReport(classes, lastMetric(results, set), count) });
    } finally {
      plan.destroy();
    }
  } finally {
    set.destroy();
  }
}
