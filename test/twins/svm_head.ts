// A Dense head computed in slices of its inputs.
import { gradientWeights, multiply } from "./matmul.ts";
import { type Matrix, matrix, up4 } from "./matrix.ts";

/** One product for each slice of the features; a slice is a whole number of four features. */
export function partialLogits(z: Matrix, w: Matrix, slices: number): Matrix[] {
  const width = Math.ceil(up4(w.length) / 4 / slices) * 4;
  return Array.from({ length: slices }, (_, slice) => {
    const begin = slice * width;
    const part = w.slice(begin, begin + width);
    if (part.length === 0) return matrix(z.length, w[0]!.length, () => 0);
    return multiply(
      z.map((row) => row.slice(begin, begin + width)),
      part,
    );
  });
}

/** dW with db as its last row, over the first `valid` rows only. */
export function headGradient(z: Matrix, g: Matrix, valid: number): Matrix {
  const { dw, db } = gradientWeights(z.slice(0, valid), g.slice(0, valid));
  return [...dw, db];
}
