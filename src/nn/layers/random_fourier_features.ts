import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { RandomStream } from "../../random.ts";
import { cosineStage, featureMapStage, projectionStage } from "../feature_stages.ts";
import { type Initializer, type InitializerName, initializerName, initializerOf } from "../initializers.ts";
import { checkTrainable, type Layer } from "../layer.ts";
import { packedDepth } from "../moving.ts";
import { orthogonalProjection } from "../orthogonal.ts";
import { rowWidth } from "../shape.ts";
import { drawNorms, drawSigns, signsShape, sorfShape } from "../sorf.ts";
import { sorfMapStage, sorfProjectionStage } from "../sorf_stage.ts";
import type { WeightSpec } from "../weights.ts";

/**
 * How the random directions are drawn, for the Gaussian kernel (Yu et al., "Orthogonal Random Features", 2016):
 * "dense": independent ones; "orthogonal": orthogonal ones, whose features have a smaller error; "sorf": orthogonal
 * ones by Walsh-Hadamard transforms, whose features are computed many times faster.
 * @useDeclaredType
 */
export type FeatureMapName = (typeof featureMaps)[number];
export const featureMaps = ["dense", "orthogonal", "sorf"] as const;

/** Of `layers.randomFourierFeatures`. */
export interface RandomFourierFeaturesOptions {
  /** D, the number of random features. */
  outputDim: number;
  /**
   * "gaussian" approximates exp(-|x - y|^2 / (2 s^2)), "laplacian" exp(-|x - y|_1 / s); any initializer may be given.
   * Default "gaussian".
   */
  kernelInitializer?: InitializerName | Initializer | (string & {});
  /** How the random directions are drawn; default "dense". The others are for the gaussian kernel. */
  featureMap?: FeatureMapName;
  /** s; default sqrt(inputDim / 2) for "gaussian", 1 for everything else. */
  scale?: number | null;
  /** Trains the scale, and only the scale. Default false. */
  trainable?: boolean;
  /** The layer's name in the model. Default "random_fourier_features". */
  name?: string;
}

/**
 * z = cos(x U / s + b), without a factor sqrt(2 / D)  [B, d] -> [B, D]
 * (Rahimi and Recht, "Random features for large-scale kernel machines", 2007; Keras' RandomFourierFeatures).
 * Weights: kernel_scale [1], unscaled_kernel U [d, D], bias b [D]; with featureMap "sorf", signs and norms in place of U.
 * @throws ConfigError for an outputDim, initializer, feature map or scale that can't be used; it names what was given.
 */
export function randomFourierFeatures(options: RandomFourierFeaturesOptions): Layer {
  const what = "layers.randomFourierFeatures";
  checkOptions(options, ["outputDim", "kernelInitializer", "featureMap", "scale", "trainable", "name"], what);
  const { outputDim, kernelInitializer = "gaussian", featureMap = "dense" } = options;
  const { scale = null, trainable = false, name } = options;
  if (!(Number.isInteger(outputDim) && outputDim > 0)) {
    throw new ConfigError(`${what}: outputDim must be a positive whole number, got ${show(outputDim)}.`);
  }
  if (scale !== null && !(Number.isFinite(scale) && scale > 0)) {
    throw new ConfigError(`${what}: scale, where given, must be a positive number, got ${show(scale)}.`);
  }
  checkTrainable(trainable, what);
  const initializer = initializerName(kernelInitializer, `${what}: kernelInitializer`);
  const draw = featureMap === "orthogonal" ? orthogonal : initializerOf(kernelInitializer, what);
  if (!featureMaps.includes(featureMap)) {
    throw new ConfigError(`${what}: featureMap must be one of ${featureMaps.join(", ")}, got ${show(featureMap)}.`);
  }
  if (featureMap !== "dense" && initializer !== "gaussian") {
    throw new ConfigError(
      `${what}: featureMap ${show(featureMap)} is for kernelInitializer "gaussian", got ${show(initializer)}; ` +
        `leave featureMap out, or choose the gaussian kernel.`,
    );
  }
  const scaleFor = (inputDim: number) => scale ?? (initializer === "gaussian" ? Math.sqrt(inputDim / 2) : 1);
  return {
    className: "RandomFourierFeatures",
    name,
    defaultName: "random_fourier_features",
    config: {
      outputDim,
      kernelInitializer: initializer,
      ...(featureMap !== "dense" && { featureMap }),
      scale,
      trainable,
    },
    trainable,
    outputShape: (inputShape) => {
      rowWidth(inputShape, what);
      return [outputDim];
    },
    weights: ([inputDim = 0]): WeightSpec[] => [
      {
        name: "kernel_scale",
        shape: [1],
        trainable,
        nonNegative: true,
        initialize: () => Float32Array.of(scaleFor(inputDim)),
      },
      ...(featureMap === "sorf"
        ? structuredProjection(inputDim, outputDim)
        : [
            {
              name: "unscaled_kernel",
              shape: [inputDim, outputDim],
              trainable: false,
              custom: initializer === "custom",
              initialize: (stream: RandomStream) => draw([inputDim, outputDim], stream),
            },
          ]),
      { name: "bias", shape: [outputDim], trainable: false, initialize: (stream) => phases(outputDim, stream) },
    ],
    stages: (layerName, [inputDim = 0], inputTrains) => {
      const map = { name: layerName, inputDim, outputDim, trainable };
      const [mapStage, projection] =
        featureMap === "sorf" ? [sorfMapStage, sorfProjectionStage] : [featureMapStage, projectionStage];
      return trainable || inputTrains ? [projection(map), cosineStage(map)] : [mapStage(map)];
    },
    largestFit: ([inputDim = 0], bytes) => {
      const largest =
        featureMap === "sorf" ? Math.floor(bytes / 16) : Math.floor(bytes / (64 * packedDepth(inputDim))) * 16;
      return `an outputDim of at most ${largest} for ${inputDim} inputs`;
    },
  };
}

function orthogonal([inputDim, outputDim]: readonly number[], stream: RandomStream): Float32Array {
  return orthogonalProjection(inputDim as number, outputDim as number, stream);
}

function structuredProjection(inputDim: number, outputDim: number): WeightSpec[] {
  const shape = sorfShape(inputDim, outputDim);
  return [
    {
      name: "signs",
      shape: signsShape(shape),
      trainable: false,
      signs: true,
      initialize: (stream) => drawSigns(shape, stream),
    },
    {
      name: "norms",
      shape: [outputDim],
      trainable: false,
      initialize: (stream) => drawNorms(shape, outputDim, stream),
    },
  ];
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
