import { checkOptions } from "../../errors.ts";
import { type ActivationName, activationStages, checkActivation } from "../activation_stage.ts";
import type { Layer } from "../layer.ts";

export interface ActivationOptions {
  /** "linear", "relu", "sigmoid", "tanh", or "softmax" over the last axis. */
  activation: ActivationName;
  name?: string;
}

/**
 * y = f(x), value by value; "softmax" over the last axis.
 * @throws ConfigError for an unknown activation.
 */
export function activation(options: ActivationOptions): Layer {
  checkOptions(options, ["activation", "name"], "layers.activation");
  const { activation: given, name } = options;
  checkActivation(given, "layers.activation: activation");
  return {
    className: "Activation",
    name,
    defaultName: "activation",
    config: { activation: given },
    trainable: false,
    outputShape: (inputShape) => inputShape,
    weights: () => [],
    stages: (layerName, inputShape) => activationStages(layerName, inputShape, given),
    largestFit: () => "",
  };
}
