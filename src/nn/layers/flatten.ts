import { checkOptions } from "../../errors.ts";
import type { Layer } from "../layer.ts";
import { sizeOf } from "../shape.ts";

/** Of `layers.flatten`. */
export interface FlattenOptions {
  /** The layer's name in the model. Default "flatten". */
  name?: string;
}

/**
 * Images as rows of features: their values in order, row after row, the channels last
 * [B, height, width, channels] -> [B, height width channels].
 * @throws ConfigError for an unknown option.
 */
export function flatten(options: FlattenOptions = {}): Layer {
  checkOptions(options, ["name"], "layers.flatten");
  return {
    className: "Flatten",
    name: options.name,
    defaultName: "flatten",
    config: {},
    trainable: false,
    outputShape: (inputShape) => [sizeOf(inputShape)],
    weights: () => [],
    stages: () => [],
    largestFit: () => "",
  };
}
