import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { Layer } from "../layer.ts";
import type { Shape } from "../shape.ts";

/** Of `layers.input`. */
export interface InputOptions {
  /** [features], or of images [height, width, channels]. */
  shape: Shape;
  /** The layer's name in the model. Default "input". */
  name?: string;
}

/**
 * Declares the shape of a row. It comes first in every model.
 * @throws ConfigError unless the shape is a list of positive whole numbers.
 */
export function input(options: InputOptions): Layer {
  checkOptions(options, ["shape", "name"], "layers.input");
  const { shape, name } = options;
  if (!Array.isArray(shape) || shape.length === 0) {
    throw new ConfigError(
      `layers.input: expected the shape of a row, [features] or [height, width, channels], got ${show(shape)}.`,
    );
  }
  const bad = shape.find((size) => !(Number.isInteger(size) && size > 0));
  if (bad !== undefined || shape.includes(undefined)) {
    throw new ConfigError(
      `layers.input: every dimension must be known and a positive whole number, got ${show(bad)} in ${show(shape)}.`,
    );
  }
  const own = [...shape];
  return {
    className: "InputLayer",
    name,
    defaultName: "input",
    config: { shape: own },
    trainable: false,
    outputShape: () => own,
    weights: () => [],
    stages: () => [],
    largestFit: () => "",
  };
}
