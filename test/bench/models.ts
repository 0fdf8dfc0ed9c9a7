// The example's model, through the front door.
import { type Gpu, layers, optimizers, type RandomFourierFeaturesOptions, Sequential } from "../../src/index.ts";
import { example } from "./bench.ts";

/** How features are made: by a dense projection, or a structured one. */
export const featureMaps = ["dense", "sorf"] as const;
export type FeatureMap = (typeof featureMaps)[number];

export interface ModelOptions {
  readonly gpu?: Gpu;
  readonly inputs?: number;
  readonly features?: number;
  readonly map?: FeatureMap;
}

/** Compiled, as the example is. @throws ConfigError where this version has no such feature map. */
export function exampleModel({
  gpu,
  inputs = example.inputs,
  features = example.features,
  map = "dense",
}: ModelOptions = {}) {
  const { scale, classes } = example;
  const structure = map === "dense" ? {} : { featureMap: map };
  const options: RandomFourierFeaturesOptions = { outputDim: features, scale, ...structure };
  const model = new Sequential(
    [layers.input({ shape: [inputs] }), layers.randomFourierFeatures(options), layers.dense({ units: classes })],
    { seed: 0, ...(gpu && { gpu }) },
  );
  model.compile({ optimizer: optimizers.adam({ learningRate: 1e-3 }), loss: "hinge", metrics: ["acc"] });
  return model;
}
