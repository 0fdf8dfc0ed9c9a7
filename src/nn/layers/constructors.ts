/**
 * The layers a Sequential model is made of, by Keras' names.
 * @module
 */
export { activation } from "./activation.ts";
export { batchNormalization } from "./batch_normalization.ts";
export { conv2d } from "./conv2d.ts";
export { dense } from "./dense.ts";
export { dropout } from "./dropout.ts";
export { flatten } from "./flatten.ts";
export { input } from "./input.ts";
export { averagePooling2D, maxPooling2D } from "./pooling2d.ts";
export { randomFourierFeatures } from "./random_fourier_features.ts";
export { reshape } from "./reshape.ts";
