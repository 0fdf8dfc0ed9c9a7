// The cosine of Keras' RandomFourierFeatures where its kernel_scale trains, and its gradients by the chain rule.
import type { Matrix } from "./matrix.ts";

/** z = cos(p / s + b) */
export function cosineForward(p: Matrix, b: readonly number[], s: number): Matrix {
  return p.map((row) => row.map((value, j) => Math.cos(value / s + b[j]!)));
}

/** dz/dp = -sin(p / s + b) / s, dz/ds = sin(p / s + b) p / s^2 */
export function cosineBackward(p: Matrix, b: readonly number[], s: number, g: Matrix): { dp: Matrix; ds: number } {
  let ds = 0;
  const dp = p.map((row, i) =>
    row.map((value, j) => {
      const sine = Math.sin(value / s + b[j]!);
      ds += (g[i]![j]! * sine * value) / s ** 2;
      return (-g[i]![j]! * sine) / s;
    }),
  );
  return { dp, ds };
}

/** cos(2 pi t); the remainder of t is exact in float64, so that large turns lose nothing. */
export function cosTurns(t: number): number {
  return Math.cos(2 * Math.PI * (t - Math.round(t)));
}

/** sin(2 pi t) */
export function sinTurns(t: number): number {
  return Math.sin(2 * Math.PI * (t - Math.round(t)));
}
