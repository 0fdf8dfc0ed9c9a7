// Keras' RandomFourierFeatures: cos(x (U / s) + b), without a factor sqrt(2 / D).
import { multiply } from "./matmul.ts";
import { type Matrix, map } from "./matrix.ts";

/** p = X U */
export function projection(x: Matrix, u: Matrix): Matrix {
  return multiply(x, u);
}

/** z = cos(X (U / s) + b) */
export function featureMap(x: Matrix, u: Matrix, b: readonly number[], s: number): Matrix {
  const scaled = map(u, (value) => value / s);
  return projection(x, scaled).map((row) => row.map((value, j) => Math.cos(value + b[j]!)));
}
