// Products of a Dense layer in three nested loops.
import { type Matrix, matrix, vector } from "./matrix.ts";

/** X [n, d] times W [d, m] */
export function multiply(x: Matrix, w: Matrix): Matrix {
  return matrix(x.length, w[0]!.length, (i, j) => w.reduce((sum, row, k) => sum + x[i]![k]! * row[j]!, 0));
}

export function transpose(m: Matrix): Matrix {
  return matrix(m[0]!.length, m.length, (i, j) => m[j]![i]!);
}

/** Y = X W + b */
export function forward(x: Matrix, w: Matrix, b: readonly number[]): Matrix {
  return multiply(x, w).map((row) => row.map((value, j) => value + b[j]!));
}

/** dX = G W' */
export function gradientInput(g: Matrix, w: Matrix): Matrix {
  return multiply(g, transpose(w));
}

/** dW = X' G, db = sum of G's rows */
export function gradientWeights(x: Matrix, g: Matrix): { dw: Matrix; db: number[] } {
  const db = vector(g[0]!.length, (j) => g.reduce((sum, row) => sum + row[j]!, 0));
  return { dw: multiply(transpose(x), g), db };
}
