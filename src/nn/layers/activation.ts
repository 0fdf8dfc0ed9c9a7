import { checkOptions } from "../../errors.ts";
import { type ActivationName, activationStages, checkActivation } from "../activation_stage.ts";
import type { Layer } from "../layer.ts";

/** Of `layers.activation`. */
export interface ActivationOptions {
  /** "linear", "relu", "sigmoid", "tanh", or "softmax" over the last axis. */
  activation: ActivationName;
  /** The layer's name in the model. Default "activation". */
  name?: string;
}

/**
 * y = f(x), value by value, rows of any shape; "softmax" over the last axis. Keras' Activation.
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
