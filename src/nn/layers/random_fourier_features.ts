import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { RandomStream } from "../../random.ts";
import { cosineStage, featureMapStage, projectionStage } from "../feature_stages.ts";
import { type Initializer, type InitializerName, initializerName, initializerOf } from "../initializers.ts";
import type { Layer } from "../layer.ts";
import type { WeightSpec } from "../weights.ts";

export interface RandomFourierFeaturesOptions {
  /** D, the number of random features. */
  outputDim: number;
  /**
   * "gaussian" approximates exp(-|x - y|^2 / (2 s^2)), "laplacian" exp(-|x - y|_1 / s); any initializer may be given.
   * Default "gaussian".
   */
  kernelInitializer?: InitializerName | Initializer | (string & {});
  /** s; default sqrt(inputDim / 2) for "gaussian", 1 for everything else. */
  scale?: number | null;
  /** Trains the scale, and only the scale. Default false. */
  trainable?: boolean;
  name?: string;
}

/**
 * z = cos(x U / s + b), without a factor sqrt(2 / D)  [B, d] -> [B, D]
 * (Rahimi and Recht, "Random features for large-scale kernel machines", 2007; Keras' RandomFourierFeatures).
 * Weights: kernel_scale [1], unscaled_kernel U [d, D], bias b [D].
 * @throws ConfigError for an outputDim, initializer or scale that can't be used; it names what was given.
 */
export function randomFourierFeatures(options: RandomFourierFeaturesOptions): Layer {
  const what = "layers.randomFourierFeatures";
  checkOptions(options, ["outputDim", "kernelInitializer", "scale", "trainable", "name"], what);
  const { outputDim, kernelInitializer = "gaussian", scale = null, trainable = false, name } = options;
  if (!(Number.isInteger(outputDim) && outputDim > 0)) {
    throw new ConfigError(`${what}: outputDim must be a positive whole number, got ${show(outputDim)}.`);
  }
  if (scale !== null && !(Number.isFinite(scale) && scale > 0)) {
    throw new ConfigError(`${what}: scale, where given, must be a positive number, got ${show(scale)}.`);
  }
  if (typeof trainable !== "boolean") {
    throw new ConfigError(`${what}: trainable must be true or false, got ${show(trainable)}.`);
  }
  const initializer = initializerName(kernelInitializer, `${what}: kernelInitializer`);
  const draw = initializerOf(kernelInitializer, what);
  const scaleFor = (inputDim: number) => scale ?? (initializer === "gaussian" ? Math.sqrt(inputDim / 2) : 1);
  return {
    className: "RandomFourierFeatures",
    name,
    defaultName: "random_fourier_features",
    config: { outputDim, kernelInitializer: initializer, scale, trainable },
    trainable,
    outputDim: () => outputDim,
    weights: (inputDim): WeightSpec[] => [
      {
        name: "kernel_scale",
        shape: [1],
        trainable,
        nonNegative: true,
        initialize: () => Float32Array.of(scaleFor(inputDim)),
      },
      {
        name: "unscaled_kernel",
        shape: [inputDim, outputDim],
        trainable: false,
        custom: initializer === "custom",
        initialize: (stream) => draw([inputDim, outputDim], stream),
      },
      { name: "bias", shape: [outputDim], trainable: false, initialize: (stream) => phases(outputDim, stream) },
    ],
    stages: (layerName, inputDim, inputTrains) => {
      const map = { name: layerName, inputDim, outputDim, trainable };
      return trainable || inputTrains ? [projectionStage(map), cosineStage(map)] : [featureMapStage(map)];
    },
    largestFit: (inputDim, bytes) =>
      `an outputDim of at most ${Math.floor(bytes / (64 * Math.ceil(inputDim / 4) * 4)) * 16} for ${inputDim} inputs`,
  };
}

/** Uniform on [0, 2 pi), also after rounding to float32. */
function phases(n: number, stream: RandomStream): Float32Array {
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    do values[i] = 2 * Math.PI * stream.nextUniform();
    while ((values[i] as number) >= 2 * Math.PI);
  }
  return values;
}
