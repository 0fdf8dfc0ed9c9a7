// The outputs of a model for rows.
import type { Matrix } from "../data/matrix.ts";
import type { Targets } from "../data/targets.ts";
import type { Engine } from "./engine.ts";
import { predictSet } from "./evaluate.ts";
import { predictionPlan } from "./plan.ts";
import { RowSet } from "./row_set.ts";

/** Rows of a minibatch. */
const batchRows = 256;

/** [rows, outputs] */
export async function predictRows(engine: Engine, matrix: Matrix): Promise<Float32Array> {
  const [rows] = matrix.shape;
  const targets: Targets = { kind: "labels", labels: new Uint32Array(rows), rows };
  const options = { batchSize: Math.min(rows, batchRows), budget: 0, precision: "float32" } as const;
  const set = await RowSet.create(engine, matrix, targets, options);
  try {
    const plan = await predictionPlan(engine, set);
    try {
      return await predictSet(engine, set, plan);
    } finally {
      plan.destroy();
    }
  } finally {
    set.destroy();
  }
}
