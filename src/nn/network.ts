// Layers in a row, as named stages and weights.
import { ConfigError } from "../errors.ts";
import type { Layer, Stage } from "./layer.ts";
import { type Shape, sizeOf } from "./shape.ts";
import type { WeightSpec } from "./weights.ts";

/** A layer in its place. */
export interface NamedLayer {
  readonly layer: Layer;
  /** Unique in the model. */
  readonly name: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

export interface Network {
  readonly layers: readonly NamedLayer[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Values of a row. */
  readonly inputDim: number;
  readonly outputDim: number;
  /** All stages in order: those of `prefix`, then those of `suffix`. */
  readonly stages: readonly Stage[];
  /** Stages that are a function of the row alone: nothing in or below them trains. */
  readonly prefix: readonly Stage[];
  /** The stages that every training step runs. */
  readonly suffix: readonly Stage[];
  /** `layer.weight` with its description, in the order of import and export. */
  readonly weights: readonly { readonly name: string; readonly spec: WeightSpec }[];
}

/**
 * @throws ConfigError where the first layer is not an input, another one is, a name stands twice, or there is
 * nothing after the input.
 */
export function buildNetwork(given: readonly Layer[]): Network {
  const [first, ...rest] = given;
  if (first?.className !== "InputLayer") {
    throw new ConfigError(
      `A model begins with layers.input({ shape: [features] }), got ${first?.className ?? "no layer"}.`,
    );
  }
  if (rest.length === 0) throw new ConfigError("A model needs at least one layer after its input.");
  if (rest.some(({ className }) => className === "InputLayer")) {
    throw new ConfigError("layers.input stands only at the beginning of a model.");
  }
  const names = nameLayers(given);
  let shape: Shape = [];
  let trains = false;
  const stages: Stage[] = [];
  const layers = given.map((layer, i) => {
    const inputShape = shape;
    const name = names[i] as string;
    shape = layer.outputShape(inputShape);
    const own = layer.stages(name, inputShape, trains);
    stages.push(...own);
    trains ||= own.some(({ parameters }) => parameters.length > 0);
    return { layer, name, inputShape, outputShape: shape };
  });
  const firstMoving = stages.findIndex(({ parameters, isPure = true }) => parameters.length > 0 || !isPure);
  const prefixLength = firstMoving < 0 ? stages.length : firstMoving;
  return {
    layers,
    inputShape: first.outputShape([]),
    outputShape: shape,
    inputDim: sizeOf(first.outputShape([])),
    outputDim: sizeOf(shape),
    stages,
    prefix: stages.slice(0, prefixLength),
    suffix: stages.slice(prefixLength),
    weights: layers.flatMap(({ layer, name, inputShape }) =>
      layer.weights(inputShape).map((spec) => ({ name: `${name}.${spec.name}`, spec })),
    ),
  };
}

/** Keras' default names: dense, dense_1, ... */
function nameLayers(layers: readonly Layer[]): string[] {
  const counts = new Map<string, number>();
  const names = layers.map(({ name, defaultName }) => {
    if (name !== undefined) return name;
    const count = counts.get(defaultName) ?? 0;
    counts.set(defaultName, count + 1);
    return count === 0 ? defaultName : `${defaultName}_${count}`;
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(`Two layers are called "${twice}"; layer names must be unique.`);
  const bad = names.find((name) => !/^[A-Za-z0-9_\-/]+$/.test(name));
  if (bad !== undefined) {
    throw new ConfigError(`Layer name ${JSON.stringify(bad)}: expected letters, digits, "_", "-" and "/" only.`);
  }
  return names;
}
