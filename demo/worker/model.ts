// The example's model, by the page's settings.
import { type Gpu, type Loss, type LossName, layers, losses, optimizers, Sequential } from "../../src/index.ts";
import type { Settings } from "../settings.ts";

/** A model that was not trained yet. */
export function newModel({ outputDim, scale, kernel, featureMap, seed }: Settings, gpu: Gpu): Sequential {
  return new Sequential(
    [
      layers.input({ shape: [784] }),
      layers.randomFourierFeatures({ outputDim, scale, kernelInitializer: kernel, featureMap }),
      layers.dense({ units: 10 }),
    ],
    { seed, gpu },
  );
}

export function compile(model: Sequential, { loss, learningRate }: Settings): void {
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: lossOfOutputs(loss), metrics: ["acc"] });
}

/** The model's outputs are linear: scores, or logits. */
export function lossOfOutputs(loss: LossName): Loss | LossName {
  return loss === "categorical_crossentropy" ? losses.categoricalCrossentropy({ fromLogits: true }) : loss;
}
