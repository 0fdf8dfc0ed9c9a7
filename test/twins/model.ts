// Stacks of layers in float64, and the slopes of their loss by central differences.
import { featureMap } from "./features.ts";
import { distanceToKink, type LossName, losses } from "./losses.ts";
import { forward } from "./matmul.ts";
import { type Matrix, vector } from "./matrix.ts";

export interface LayerTwin {
  readonly kind: "dense" | "features" | "trained features";
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** Weights row after row, by `layer.weight`. */
export type WeightTwins = Record<string, number[]>;

export interface Batch {
  readonly x: Matrix;
  /** As the loss takes them: signed where it signs them. */
  readonly y: Matrix;
  readonly weights: readonly number[];
}

/** The names of a layer's weights that train. */
export function trained({ kind, name }: LayerTwin): string[] {
  if (kind === "dense") return [`${name}.kernel`, `${name}.bias`];
  return kind === "features" ? [] : [`${name}.kernel_scale`];
}

/** The outputs of the last layer. */
export function outputs(layers: readonly LayerTwin[], weights: WeightTwins, x: Matrix): Matrix {
  return layers.reduce((rows, { kind, name, inputs, outputs }) => {
    const rowsOf = (flat: readonly number[]) => vector(inputs, (i) => flat.slice(i * outputs, (i + 1) * outputs));
    const bias = weights[`${name}.bias`]!;
    if (kind === "dense") return forward(rows, rowsOf(weights[`${name}.kernel`]!), bias);
    return featureMap(rows, rowsOf(weights[`${name}.unscaled_kernel`]!), bias, weights[`${name}.kernel_scale`]![0]!);
  }, x);
}

/** What each row adds to the batch's loss. */
export function rowLosses(layers: readonly LayerTwin[], weights: WeightTwins, batch: Batch, loss: LossName): number[] {
  const rows = outputs(layers, weights, batch.x);
  return rows.map((p, i) => (losses[loss](p, batch.y[i]!).value * batch.weights[i]!) / rows.length);
}

/** The distance of the row that is nearest to a kink of the loss. */
export function nearestKink(layers: readonly LayerTwin[], weights: WeightTwins, batch: Batch, loss: LossName): number {
  return Math.min(...outputs(layers, weights, batch.x).map((p, i) => distanceToKink(loss, p, batch.y[i]!)));
}

/** The slope of the batch's loss along each value of a weight, and the sum of its rows' magnitudes. */
export function slopes(
  layers: readonly LayerTwin[],
  weights: WeightTwins,
  name: string,
  batch: Batch,
  loss: LossName,
): { gradient: number[]; sizes: number[] } {
  // Truncation is of the order of h^2 = 1e-12, rounding of 1e-16 / h = 1e-10.
  const h = 2 ** -20;
  const values = weights[name]!;
  // What lies below the weight does not move with it.
  const layer = layers.findIndex((one) => name.startsWith(`${one.name}.`));
  const above = layers.slice(layer);
  const input = { ...batch, x: outputs(layers.slice(0, layer), weights, batch.x) };
  const rows = values.map((_, i) => {
    const at = (by: number) => {
      const moved = values.map((value, k) => (k === i ? value + by : value));
      return rowLosses(above, { ...weights, [name]: moved }, input, loss);
    };
    const below = at(-h);
    return at(h).map((value, row) => (value - below[row]!) / (2 * h));
  });
  return {
    gradient: rows.map((row) => row.reduce((a, b) => a + b, 0)),
    sizes: rows.map((row) => row.reduce((a, b) => a + Math.abs(b), 0)),
  };
}
