// The outputs of a model for rows.
import type { Matrix } from "../data/matrix.ts";
import type { Targets } from "../data/targets.ts";
import type { Engine } from "./engine.ts";
import { predictSet } from "./evaluate.ts";
import { predictionPlan } from "./plan.ts";
import { RowSet } from "./row_set.ts";

/** Rows of a minibatch. */
const batchRows = 256;

/** The outputs of rows, as `predict` gives them. */
export interface Predictions {
  /** Row after row. */
  readonly data: Float32Array;
  /** Rows, and the outputs of each. */
  readonly shape: [rows: number, outputs: number];
}

/** The outputs [rows, outputs] with the weights as they are on the device. */
export async function predictRows(engine: Engine, matrix: Matrix): Promise<Predictions> {
  const [rows] = matrix.shape;
  const targets: Targets = { kind: "labels", labels: new Uint32Array(rows), rows };
  const options = { batchSize: Math.min(rows, batchRows), budget: 0, precision: "float32" } as const;
  const set = await RowSet.create(engine, matrix, targets, options);
  try {
    const plan = await predictionPlan(engine, set);
    try {
      return { data: await predictSet(engine, set, plan), shape: [rows, engine.network.outputDim] };
    } finally {
      plan.destroy();
    }
  } finally {
    set.destroy();
  }
}
