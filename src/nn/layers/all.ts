// All layers, by the names users and saved files give them.
import type { Layer } from "../layer.ts";
import { type ActivationOptions, activation } from "./activation.ts";
import { type BatchNormalizationOptions, batchNormalization } from "./batch_normalization.ts";
import { type Conv2DOptions, conv2d } from "./conv2d.ts";
import { type DenseOptions, dense } from "./dense.ts";
import { type DropoutOptions, dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { type InputOptions, input } from "./input.ts";
import { averagePooling2D, maxPooling2D, type Pooling2DOptions } from "./pooling2d.ts";
import { type RandomFourierFeaturesOptions, randomFourierFeatures } from "./random_fourier_features.ts";
import { type ReshapeOptions, reshape } from "./reshape.ts";

export * as layers from "./constructors.ts";

/** How a layer is made again from what a file says of it, and the keys that may say it. */
export interface SavedLayerKind {
  readonly keys: readonly string[];
  make(name: string, config: never): Layer;
}

/** The closed list of layers that a file may name. */
export const savedLayerKinds: Readonly<Record<string, SavedLayerKind>> = {
  InputLayer: { keys: ["shape"], make: (name, config: InputOptions) => input({ ...config, name }) },
  RandomFourierFeatures: {
    keys: ["outputDim", "kernelInitializer", "featureMap", "scale", "trainable"],
    make: (name, { kernelInitializer, ...config }: RandomFourierFeaturesOptions) =>
      randomFourierFeatures({
        ...config,
        name,
        // A function can't be saved; the weights that it drew are in the file.
        kernelInitializer: kernelInitializer === "custom" ? (shape) => zeros(shape) : (kernelInitializer ?? "gaussian"),
      }),
  },
  Dense: {
    keys: ["units", "activation", "kernelRegularizer", "biasRegularizer", "trainable"],
    make: (name, config: DenseOptions) => dense({ ...config, name }),
  },
  Activation: { keys: ["activation"], make: (name, config: ActivationOptions) => activation({ ...config, name }) },
  Dropout: { keys: ["rate"], make: (name, config: DropoutOptions) => dropout({ ...config, name }) },
  BatchNormalization: {
    keys: ["momentum", "epsilon", "center", "scale", "trainable"],
    make: (name, config: BatchNormalizationOptions) => batchNormalization({ ...config, name }),
  },
  Flatten: { keys: [], make: (name) => flatten({ name }) },
  Reshape: { keys: ["targetShape"], make: (name, config: ReshapeOptions) => reshape({ ...config, name }) },
  Conv2D: {
    keys: [
      "filters",
      "kernelSize",
      "strides",
      "padding",
      "activation",
      "useBias",
      "kernelRegularizer",
      "biasRegularizer",
      "trainable",
    ],
    make: (name, config: Conv2DOptions) => conv2d({ ...config, name }),
  },
  MaxPooling2D: {
    keys: ["poolSize", "strides", "padding"],
    make: (name, config: Pooling2DOptions) => maxPooling2D({ ...config, name }),
  },
  AveragePooling2D: {
    keys: ["poolSize", "strides", "padding"],
    make: (name, config: Pooling2DOptions) => averagePooling2D({ ...config, name }),
  },
};

function zeros(shape: readonly number[]): Float32Array {
  return new Float32Array(shape.reduce((a, b) => a * b, 1));
}
