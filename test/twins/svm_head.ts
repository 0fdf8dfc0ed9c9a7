// A Dense head computed in slices of its inputs.
import { gradientWeights, multiply } from "./matmul.ts";
import type { Matrix } from "./matrix.ts";

/** One product for each slice of the features, which are dealt out to the slices in turn, eight at a time. */
export function partialLogits(z: Matrix, w: Matrix, slices: number): Matrix[] {
  return Array.from({ length: slices }, (_, slice) => {
    const inSlice = (feature: number) => Math.floor(feature / 8) % slices === slice;
    const part = w.map((row, feature) => (inSlice(feature) ? row : row.map(() => 0)));
    return multiply(z, part);
  });
}

/** dW with db as its last row, over the first `valid` rows only. */
export function headGradient(z: Matrix, g: Matrix, valid: number): Matrix {
  const { dw, db } = gradientWeights(z.slice(0, valid), g.slice(0, valid));
  return [...dw, db];
}
