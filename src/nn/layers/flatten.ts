import { checkOptions } from "../../errors.ts";
import type { Layer } from "../layer.ts";
import { sizeOf } from "../shape.ts";

export interface FlattenOptions {
  name?: string;
}

/** Images as rows of features: their values in order, row after row, the channels last. */
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
