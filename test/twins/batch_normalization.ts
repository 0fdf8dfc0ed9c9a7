// Keras' BatchNormalization over the last axis, and its gradients by the chain rule.
import { type Matrix, vector } from "./matrix.ts";

export interface Normalization {
  readonly channels: number;
  readonly epsilon: number;
  readonly gamma: readonly number[];
  readonly beta: readonly number[];
}

/** Mean and biased variance of every channel, over all rows and pixels. */
export function moments(x: Matrix, channels: number): { mean: number[]; variance: number[] } {
  const mean = byChannel(x, channels).map(average);
  const variance = byChannel(x, channels).map((values, c) => average(values.map((v) => (v - mean[c]!) ** 2)));
  return { mean, variance };
}

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta */
export function normalize(
  x: Matrix,
  { channels, epsilon, gamma, beta }: Normalization,
  { mean, variance }: { mean: readonly number[]; variance: readonly number[] } = moments(x, channels),
): Matrix {
  return x.map((row) =>
    row.map((value, i) => {
      const c = i % channels;
      return (gamma[c]! * (value - mean[c]!)) / Math.sqrt(variance[c]! + epsilon) + beta[c]!;
    }),
  );
}

/**
 * With u = (x - mean) / sqrt(variance + epsilon) and averages over rows and pixels:
 * dx = gamma / sqrt(variance + epsilon) (g - average(g) - u average(g u)), dgamma = sum(g u), dbeta = sum(g).
 */
export function normalizationGradients(
  x: Matrix,
  g: Matrix,
  { channels, epsilon, gamma }: Normalization,
): { dx: Matrix; dgamma: number[]; dbeta: number[] } {
  const { variance } = moments(x, channels);
  const nothing = vector(channels, () => 0);
  const u = normalize(x, { channels, epsilon, gamma: nothing.map(() => 1), beta: nothing });
  const products = x.map((_, i) => g[i]!.map((value, j) => value * u[i]![j]!));
  const [means, slopes] = [byChannel(g, channels), byChannel(products, channels)];
  const dx = g.map((row, i) =>
    row.map((value, j) => {
      const c = j % channels;
      const scale = gamma[c]! / Math.sqrt(variance[c]! + epsilon);
      return scale * (value - average(means[c]!) - u[i]![j]! * average(slopes[c]!));
    }),
  );
  return { dx, dgamma: slopes.map(total), dbeta: means.map(total) };
}

/** The values of every channel, in order. */
export function byChannel(x: Matrix, channels: number): number[][] {
  return vector(channels, (c) => x.flatMap((row) => row.filter((_, i) => i % channels === c)));
}

function total(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function average(values: readonly number[]): number {
  return total(values) / values.length;
}
