// The example's model, by the page's settings.
import {
  FormatError,
  type Gpu,
  type Loss,
  type LossName,
  layers,
  losses,
  type ModelMetadata,
  optimizers,
  Sequential,
} from "../../src/index.ts";
import { fromQuery, type Settings } from "../settings.ts";

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

/** A model from a file. @throws FormatError for bytes that are no model of the digits. */
export function savedModel(bytes: Uint8Array, gpu: Gpu): Sequential {
  const model = Sequential.load(bytes, { gpu, what: "The file", optimizer: false });
  const { inputDim, outputDim } = model;
  if (inputDim === 784 && outputDim === 10) return model;
  model.dispose();
  throw new FormatError(
    `The file holds a model of ${inputDim} inputs and ${outputDim} outputs; expected one of the digits, 784 and 10.`,
  );
}

/** What a model's file says beside the model. */
export function metadataOf(settings: Settings): ModelMetadata {
  return { classNames: Array.from("0123456789"), notes: { ...settings } };
}

/** The settings that a file tells; undefined for one that was made elsewhere. */
export function settingsOf({ notes = {} }: ModelMetadata): Settings | undefined {
  if (!("outputDim" in notes)) return undefined;
  return fromQuery(new URLSearchParams(Object.entries(notes).map(([name, value]) => [name, String(value)])).toString());
}
