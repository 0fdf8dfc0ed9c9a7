import { ConfigError, checkOptions, show } from "../../errors.ts";
import { batchNormalizationStage } from "../batch_normalization_stage.ts";
import { type InitializerName, initializerOf } from "../initializers.ts";
import { checkTrainable, type Layer } from "../layer.ts";
import type { WeightSpec } from "../weights.ts";

/** Of `layers.batchNormalization`. */
export interface BatchNormalizationOptions {
  /** The axis of the channels: the last one, -1, is the only one there is. */
  axis?: -1;
  /** Share of the moving mean and variance that stays in a step, from 0 to 1. Default .99. */
  momentum?: number;
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Adds beta [channels], zero at first. Default true. */
  center?: boolean;
  /** Multiplies by gamma [channels], one at first. Default true. */
  scale?: boolean;
  /** False keeps gamma, beta and the moving statistics as they are, and always normalizes by these. Default true. */
  trainable?: boolean;
  /** The layer's name in the model. Default "batch_normalization". */
  name?: string;
}

/**
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each channel, the last axis (Ioffe and Szegedy, "Batch
 * normalization: accelerating deep network training by reducing internal covariate shift", 2015). While the model
 * trains, mean and variance (biased) are the minibatch's, over its rows and all their pixels; otherwise they are moving
 * averages of those.
 * Weights, as in Keras: gamma, beta, moving_mean, moving_variance, each [channels].
 * @throws ConfigError where a setting can't be used.
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): Layer {
  checkOptions(
    options,
    ["axis", "momentum", "epsilon", "center", "scale", "trainable", "name"],
    "layers.batchNormalization",
  );
  const { axis = -1, momentum = 0.99, epsilon = 1e-3, center = true, scale = true, trainable = true, name } = options;
  if (axis !== -1) {
    throw new ConfigError(`layers.batchNormalization: axis must be -1, the channels, got ${show(axis)}.`);
  }
  if (!(typeof momentum === "number" && momentum >= 0 && momentum <= 1)) {
    throw new ConfigError(`layers.batchNormalization: momentum must be a number from 0 to 1, got ${show(momentum)}.`);
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0)) {
    throw new ConfigError(`layers.batchNormalization: epsilon must be a positive number, got ${show(epsilon)}.`);
  }
  for (const [option, value] of Object.entries({ center, scale })) {
    if (typeof value !== "boolean") {
      throw new ConfigError(`layers.batchNormalization: ${option} must be true or false, got ${show(value)}.`);
    }
  }
  checkTrainable(trainable, "layers.batchNormalization");
  return {
    className: "BatchNormalization",
    name,
    defaultName: "batch_normalization",
    config: { momentum, epsilon, center, scale, ...(!trainable && { trainable }) },
    trainable,
    outputShape: (inputShape) => inputShape,
    weights: (inputShape) => {
      const shape = inputShape.slice(-1);
      return [
        ...(scale ? [weight("gamma", shape, trainable, "ones")] : []),
        ...(center ? [weight("beta", shape, trainable, "zeros")] : []),
        weight("moving_mean", shape, false, "zeros"),
        weight("moving_variance", shape, false, "ones"),
      ];
    },
    stages: (layerName, shape) => [
      batchNormalizationStage({ name: layerName, shape, momentum, epsilon, center, scale, trainable }),
    ],
    largestFit: (_, bytes) => `at most ${Math.floor(bytes / 64) * 16} channels`,
  };
}

function weight(name: string, shape: readonly number[], trainable: boolean, initializer: InitializerName): WeightSpec {
  const draw = initializerOf(initializer, name);
  return { name, shape, trainable, resident: true, initialize: (stream) => draw(shape, stream) };
}
