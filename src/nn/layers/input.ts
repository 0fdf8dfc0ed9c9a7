import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { Layer } from "../layer.ts";

export interface InputOptions {
  /** The number of features, in a list of one. */
  shape: readonly number[];
  name?: string;
}

/**
 * Declares the number of features of a row.
 * @throws ConfigError where the shape is not one positive whole number.
 */
export function input(options: InputOptions): Layer {
  checkOptions(options, ["shape", "name"], "layers.input");
  const { shape, name } = options;
  if (!Array.isArray(shape) || shape.length !== 1) {
    throw new ConfigError(
      `layers.input: expected a shape of one number, the features of a row (rank 2 with the batch), got ${show(shape)}.`,
    );
  }
  const [inputDim] = shape as [number];
  if (!(Number.isInteger(inputDim) && inputDim > 0)) {
    throw new ConfigError(
      `layers.input: the number of features must be known and a positive whole number, got ${show(inputDim)}.`,
    );
  }
  return {
    className: "InputLayer",
    name,
    defaultName: "input",
    config: { shape: [inputDim] },
    trainable: false,
    outputDim: () => inputDim,
    weights: () => [],
    stages: () => [],
    largestFit: () => "",
  };
}
