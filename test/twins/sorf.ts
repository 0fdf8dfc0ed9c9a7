// Structured orthogonal random features in float64: p = N H D1 H D2 H D3 x / P^1.5, block after block.
import { type Matrix, vector } from "./matrix.ts";

export interface Sorf {
  /** P */
  readonly points: number;
  /** [3][blocks * P]: the diagonals of D1, D2 and D3 */
  readonly signs: ArrayLike<number>;
  /** N [D] */
  readonly norms: ArrayLike<number>;
}

/** H x of a power of two of values: with H = [[G, G], [G, -G]], G the matrix of half the size, first level outermost. */
export function walshHadamard(x: Float64Array): Float64Array {
  const y = x.slice();
  for (let size = y.length; size > 1; size /= 2) {
    const half = size / 2;
    for (let first = 0; first < y.length; first += size) {
      for (let i = first; i < first + half; i++) {
        const [a, b] = [y[i]!, y[i + half]!];
        y[i] = a + b;
        y[i + half] = a - b;
      }
    }
  }
  return y;
}

/** p [D] of one row of inputs. */
export function project({ points, signs, norms }: Sorf, x: ArrayLike<number>): Float64Array {
  const columns = signs.length / 3;
  const p = new Float64Array(norms.length);
  for (let first = 0; first < norms.length; first += points) {
    let values: Float64Array = new Float64Array(points);
    values.set(x);
    for (const round of [2, 1, 0]) {
      values = walshHadamard(values.map((value, i) => value * signs[round * columns + first + i]!));
    }
    for (let i = 0; i < points && first + i < norms.length; i++) {
      p[first + i] = (norms[first + i]! * values[i]!) / points ** 1.5;
    }
  }
  return p;
}

/** p [rows, D] */
export function projection(sorf: Sorf, x: Matrix): Matrix {
  return x.map((row) => [...project(sorf, row)]);
}

/** z = cos(p / s + b) */
export function featureMap(sorf: Sorf, x: Matrix, b: readonly number[], s: number): Matrix {
  return projection(sorf, x).map((row) => row.map((value, j) => Math.cos(value / s + b[j]!)));
}

/** U [d, D] by its definition: the images of the unit vectors. */
export function matrixOf(sorf: Sorf, d: number): Matrix {
  return vector(d, (i) => [
    ...project(
      sorf,
      vector(d, (k) => (k === i ? 1 : 0)),
    ),
  ]);
}
