// Rows and targets as a user gives them, checked against a model.
import { classWeights, type LabelWeights } from "../data/class_weights.ts";
import { type Matrix, type MatrixLike, toMatrix } from "../data/matrix.ts";
import { splitPoint } from "../data/split.ts";
import { type TargetsLike, toTargets } from "../data/targets.ts";
import { DataError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import { targetsFor } from "../nn/targets.ts";
import { type FitData, sliceData } from "../train/fit_data.ts";
import type { Compiled } from "./compile.ts";
import { type FitOptions, sampleWeights } from "./options.ts";

/** What rows and targets have to suit. */
export type Taker = Pick<Network, "inputDim" | "outputDim"> & Pick<Compiled, "loss" | "metrics">;

/** What trains and what validates. */
export function fitData(
  taker: Taker,
  x: MatrixLike,
  y: TargetsLike,
  { validationSplit, validationData, sampleWeight, classWeight }: FitOptions,
): { training: FitData; validation: FitData | undefined } {
  const all = labelledRows(taker, x, y, sampleWeight);
  const validation = validationRows(taker, validationData);
  if (validation) return { training: weighted(all, classWeight), validation };
  if (validationSplit === undefined || validationSplit === 0)
    return { training: weighted(all, classWeight), validation: undefined };
  const rows = all.targets.rows;
  const point = splitPoint(rows, validationSplit);
  // Classes are weighed in training alone.
  return { training: weighted(sliceData(all, 0, point), classWeight), validation: sliceData(all, point, rows) };
}

/** The rows that are given for validation. */
export function validationRows(taker: Taker, given: FitOptions["validationData"]): FitData | undefined {
  if (!given) return undefined;
  const [x, y, sampleWeight] = given;
  return labelledRows(taker, x, y, sampleWeight, "validation ");
}

/** The rows with their classes' weights multiplied into their own. */
export function weighted(data: FitData, classWeight: LabelWeights | undefined): FitData {
  if (classWeight === undefined) return data;
  return { ...data, weights: classWeights(data.targets, classWeight, data.weights) };
}

/** @param whose begins the names of x and y in error messages. */
export function labelledRows(
  taker: Taker,
  x: MatrixLike,
  y: TargetsLike,
  weights?: ArrayLike<number>,
  whose = "",
): FitData {
  const matrix = inputRows(taker, x, `${whose}x`);
  const targets = targetsFor(taker, toTargets(y, matrix.shape[0], taker.outputDim, `${whose}y`), `${whose}y`);
  return { x: matrix, targets, weights: weights && sampleWeights(weights, matrix.shape[0]) };
}

/** @throws DataError for rows that the model does not take. */
export function inputRows({ inputDim }: Pick<Taker, "inputDim">, x: MatrixLike, what = "x"): Matrix {
  const matrix = toMatrix(x, what);
  if (matrix.shape[1] !== inputDim) {
    throw new DataError(`${what}: the model takes ${inputDim} features a row, got ${matrix.shape[1]}.`);
  }
  return matrix;
}
