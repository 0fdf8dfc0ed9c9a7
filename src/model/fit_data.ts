// Rows and targets as a user gives them, checked against a model.
import { type Matrix, type MatrixLike, sliceRows, toMatrix } from "../data/matrix.ts";
import { splitPoint } from "../data/split.ts";
import { sliceTargets, type TargetsLike, toTargets } from "../data/targets.ts";
import { DataError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import type { FitData } from "../train/fit.ts";
import { type FitOptions, sampleWeights } from "./options.ts";

type Widths = Pick<Network, "inputDim" | "outputDim">;

/** What trains and what validates. */
export function fitData(
  widths: Widths,
  x: MatrixLike,
  y: TargetsLike,
  { validationSplit, validationData, sampleWeight }: FitOptions,
): { training: FitData; validation: FitData | undefined } {
  const all = labelledRows(widths, x, y, sampleWeight);
  if (validationData) {
    const [validationX, validationY, weights] = validationData;
    return { training: all, validation: labelledRows(widths, validationX, validationY, weights, "validation ") };
  }
  if (validationSplit === undefined || validationSplit === 0) return { training: all, validation: undefined };
  const rows = all.targets.rows;
  const point = splitPoint(rows, validationSplit);
  const part = (begin: number, end: number): FitData => ({
    x: sliceRows(all.x, begin, end),
    targets: sliceTargets(all.targets, begin, end),
    weights: all.weights?.subarray(begin, end),
  });
  return { training: part(0, point), validation: part(point, rows) };
}

/** @param whose begins the names of x and y in error messages. */
export function labelledRows(
  widths: Widths,
  x: MatrixLike,
  y: TargetsLike,
  weights?: ArrayLike<number>,
  whose = "",
): FitData {
  const matrix = inputRows(widths, x, `${whose}x`);
  const targets = toTargets(y, matrix.shape[0], widths.outputDim, `${whose}y`);
  return { x: matrix, targets, weights: weights && sampleWeights(weights, matrix.shape[0]) };
}

/** @throws DataError for rows that the model does not take. */
export function inputRows({ inputDim }: Pick<Widths, "inputDim">, x: MatrixLike, what = "x"): Matrix {
  const matrix = toMatrix(x, what);
  if (matrix.shape[1] !== inputDim) {
    throw new DataError(`${what}: the model takes ${inputDim} features a row, got ${matrix.shape[1]}.`);
  }
  return matrix;
}
