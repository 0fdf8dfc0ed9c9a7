// Stacks of layers in float64, and the slopes of their loss by central differences.
import { type ActivationTwin, activate } from "./activations.ts";
import { moments, normalize } from "./batch_normalization.ts";
import { dropoutMask } from "./dropout.ts";
import { featureMap } from "./features.ts";
import { distanceToKink, type LossName, losses } from "./losses.ts";
import { forward } from "./matmul.ts";
import { type Matrix, vector } from "./matrix.ts";
import { project } from "./sorf.ts";

/** Values of a row, before and behind a layer. */
interface Sizes {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

export type LayerTwin = Sizes &
  (
    | { readonly kind: "dense"; readonly activation?: ActivationTwin; readonly frozen?: boolean }
    | { readonly kind: "features" | "trained features"; readonly featureMap?: "dense" | "orthogonal" | "sorf" }
    | { readonly kind: "activation"; readonly activation: ActivationTwin; readonly channels: number }
    | { readonly kind: "batch normalization"; readonly channels: number; readonly frozen?: boolean }
    | { readonly kind: "dropout"; readonly rate: number }
  );

/** Weights row after row, by `layer.weight`. */
export type WeightTwins = Record<string, number[]>;

/** A step of training: what dropout draws its masks from. */
export interface StepTwin {
  readonly seed: number;
  /** Optimizer steps before it. */
  readonly iteration: number;
}

export interface Batch {
  readonly x: Matrix;
  /** As the loss takes them: signed where it signs them. */
  readonly y: Matrix;
  readonly weights: readonly number[];
  /** None where the model does not train. */
  readonly step?: StepTwin | undefined;
}

/** The names of a layer's weights that train. */
export function trained(layer: LayerTwin): string[] {
  const named = (...names: string[]) => names.map((name) => `${layer.name}.${name}`);
  if (layer.kind === "dense") return layer.frozen ? [] : named("kernel", "bias");
  if (layer.kind === "batch normalization") return layer.frozen ? [] : named("gamma", "beta");
  return layer.kind === "trained features" ? named("kernel_scale") : [];
}

/** The outputs of the last layer, of a step of training where one is given. */
export function outputs(layers: readonly LayerTwin[], weights: WeightTwins, x: Matrix, step?: StepTwin): Matrix {
  return layers.reduce((rows, layer) => outputsOf(layer, weights, rows, step), x);
}

/** What BatchNormalization's moving statistics become in a step of training, with Keras' momentum of .99. */
export function moved(
  layers: readonly LayerTwin[],
  weights: WeightTwins,
  x: Matrix,
  step: StepTwin,
): Record<string, number[]> {
  const after: Record<string, number[]> = {};
  layers.reduce((rows, layer) => {
    if (layer.kind === "batch normalization" && !layer.frozen) {
      const { mean, variance } = moments(rows, layer.channels);
      for (const [name, values] of Object.entries({ moving_mean: mean, moving_variance: variance })) {
        const before = weights[`${layer.name}.${name}`]!;
        after[`${layer.name}.${name}`] = before.map((value, c) => 0.99 * value + 0.01 * values[c]!);
      }
    }
    return outputsOf(layer, weights, rows, step);
  }, x);
  return after;
}

function outputsOf(layer: LayerTwin, weights: WeightTwins, rows: Matrix, step: StepTwin | undefined): Matrix {
  const { name, inputs, outputs } = layer;
  const weight = (own: string) => weights[`${name}.${own}`]!;
  const rowsOf = (flat: readonly number[]) => vector(inputs, (i) => flat.slice(i * outputs, (i + 1) * outputs));
  switch (layer.kind) {
    case "dense": {
      const y = forward(rows, rowsOf(weight("kernel")), weight("bias"));
      return y.map((row) => activate(layer.activation ?? "linear", row, outputs));
    }
    case "features":
    case "trained features": {
      const [scale, bias] = [weight("kernel_scale")[0]!, weight("bias")];
      if (layer.featureMap !== "sorf") return featureMap(rows, rowsOf(weight("unscaled_kernel")), bias, scale);
      const [signs, norms] = [weight("signs"), weight("norms")];
      const points = pointsOf(inputs);
      return rows.map((row) =>
        Array.from(project({ points, signs, norms }, row), (p, j) => Math.cos(p / scale + bias[j]!)),
      );
    }
    case "activation":
      return rows.map((row) => activate(layer.activation, row, layer.channels));
    case "batch normalization": {
      const own = { channels: layer.channels, epsilon: 1e-3, gamma: weight("gamma"), beta: weight("beta") };
      if (step && !layer.frozen) return normalize(rows, own);
      return normalize(rows, own, { mean: weight("moving_mean"), variance: weight("moving_variance") });
    }
    case "dropout": {
      if (!step) return rows;
      const mask = dropoutMask({ rate: layer.rate, name, ...step }, rows.length, outputs);
      return rows.map((row, i) => row.map((value, j) => value * mask[i]![j]!));
    }
  }
}

/** P of a structured projection: a power of two that holds the inputs, at least 64. */
export function pointsOf(inputs: number): number {
  return Math.max(64, 2 ** Math.ceil(Math.log2(inputs)));
}

/** What each row adds to the batch's loss. */
export function rowLosses(layers: readonly LayerTwin[], weights: WeightTwins, batch: Batch, loss: LossName): number[] {
  const rows = outputs(layers, weights, batch.x, batch.step);
  return rows.map((p, i) => (losses[loss](p, batch.y[i]!).value * batch.weights[i]!) / rows.length);
}

/** The distance of the row that is nearest to a kink of the loss or of a relu. */
export function nearestKink(layers: readonly LayerTwin[], weights: WeightTwins, batch: Batch, loss: LossName): number {
  let nearest = Number.POSITIVE_INFINITY;
  const rows = layers.reduce((x, layer) => {
    if ("activation" in layer && layer.activation === "relu") {
      const inputs = outputsOf({ ...layer, activation: "linear" }, weights, x, batch.step);
      nearest = Math.min(nearest, ...inputs.flat().map(Math.abs));
    }
    return outputsOf(layer, weights, x, batch.step);
  }, batch.x);
  return Math.min(nearest, ...rows.map((p, i) => distanceToKink(loss, p, batch.y[i]!)));
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
  const input = { ...batch, x: outputs(layers.slice(0, layer), weights, batch.x, batch.step) };
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
