// Keras' activations and their gradients by the chain rule, from the outputs.
import { vector } from "./matrix.ts";

export type ActivationTwin = "linear" | "relu" | "sigmoid" | "tanh" | "softmax";

/** Rows of one pixel after the other, each of `channels` values, over which softmax is taken. */
export function activate(activation: ActivationTwin, x: readonly number[], channels: number): number[] {
  if (activation === "softmax") return pixels(x, channels).flatMap(softmax);
  return x.map(elementwise[activation]);
}

/** dx from y and dy. */
export function activationGradient(
  activation: ActivationTwin,
  y: readonly number[],
  g: readonly number[],
  channels: number,
): number[] {
  if (activation !== "softmax") return y.map((value, i) => g[i]! * slopes[activation](value));
  const gradients = pixels(g, channels);
  return pixels(y, channels).flatMap((pixel, k) => {
    const sum = pixel.reduce((total, value, c) => total + value * gradients[k]![c]!, 0);
    return pixel.map((value, c) => value * (gradients[k]![c]! - sum));
  });
}

const elementwise = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(x, 0),
  sigmoid: (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  tanh: Math.tanh,
};

const slopes = {
  linear: () => 1,
  relu: (y: number) => (y > 0 ? 1 : 0),
  sigmoid: (y: number) => y * (1 - y),
  tanh: (y: number) => 1 - y * y,
};

function softmax(x: readonly number[]): number[] {
  const largest = Math.max(...x);
  const exponentials = x.map((value) => Math.exp(value - largest));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / total);
}

function pixels(values: readonly number[], channels: number): number[][] {
  return vector(values.length / channels, (i) => values.slice(i * channels, (i + 1) * channels));
}
