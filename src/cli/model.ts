// The model that a training begins with: new, with the weights of a file, or the one a checkpoint holds.
import { isImageSetName } from "../data/image_sets.ts";
import { ConfigError } from "../errors.ts";
import { layers, regularizers, Sequential, type TuneMode, type Weights } from "../index.ts";
import { readBytes } from "./files.ts";
import type { Dataset } from "./image_files.ts";
import type { TrainOptions } from "./training_options.ts";
import { tuningStore } from "./tuning_file.ts";

/** The example's scale, for images whose pixels lie in 0..1. */
const imageScale = 10;

/**
 * @param optimizer false leaves out the optimizer's state where the file is a checkpoint.
 * @throws DataError where the file can't be read, FormatError where it is not a model.
 */
export async function readModel(path: string, tune: TuneMode, optimizer = false): Promise<Sequential> {
  return Sequential.load(await readBytes(path), { what: path, tune, tuningStore: tuningStore(), optimizer });
}

/** Builds the model that the options describe. @param initial gives it its weights, and its scale. */
export async function newModel(
  dataset: Dataset,
  options: TrainOptions,
  initial: Sequential | undefined,
): Promise<Sequential> {
  const weights = initial && (await initialWeights(initial, options));
  const { l1, l2, outputDim, kernel, featureMap, seed, tune } = options;
  const scale = initialScale(weights, options) ?? (isImageSetName(dataset.name) ? imageScale : null);
  const kernelRegularizer = l1 > 0 || l2 > 0 ? regularizers.l1l2({ l1, l2 }) : null;
  const model = new Sequential(
    [
      layers.input({ shape: [dataset.train.x.shape[1]] }),
      layers.randomFourierFeatures({
        outputDim,
        scale,
        kernelInitializer: kernel,
        featureMap,
        trainable: options.trainableScale,
      }),
      layers.dense({ units: dataset.classNames?.length ?? 1, kernelRegularizer }),
    ],
    { seed, tune, tuningStore: tuningStore() },
  );
  if (weights) await model.setWeights(weights);
  return model;
}

/** @throws ConfigError where a model of a file was trained for other data than these. */
export function checkFits(model: Sequential, { classNames, targetName, train: { x } }: Dataset, option: string): void {
  const { classNames: names, target } = model.metadata;
  if (model.inputDim !== x.shape[1]) differ(option, "a number of features of", model.inputDim, x.shape[1]);
  if (names && classNames && names.join() !== classNames.join()) {
    differ(option, "the classes", names.join(", "), classNames.join(", "));
  }
  const task = (name: string | undefined) => (name === undefined ? "classes" : `values of "${name}"`);
  if (target?.name !== targetName) differ(option, "as outputs", task(target?.name), `is for ${task(targetName)}`);
}

function differ(option: string, what: string, has: unknown, wanted: unknown): never {
  throw new ConfigError(`${option}: the model has ${what} ${has}, but this training ${wanted}.`);
}

/** The weights of a model to start from, which must have been trained for the same kernel. */
async function initialWeights(initial: Sequential, options: TrainOptions): Promise<Weights> {
  const weights = await initial.getWeights();
  const projection = "random_fourier_features.signs" in weights ? "structured" : "dense";
  const wanted = options.featureMap === "sorf" ? "structured" : "dense";
  const option = `--init ${options.init}`;
  if (projection !== wanted) {
    differ(option, `a ${projection}`, "projection", `asks for --feature-map ${options.featureMap}`);
  }
  if (options.standardize && !initial.metadata.standardization) {
    differ(option, "no", "standardization", "asks for one");
  }
  return weights;
}

/** The scale to build with: the initial model's own, which its features were drawn for. */
function initialScale(weights: Weights | undefined, { init, scale }: TrainOptions): number | undefined {
  const own = weights?.["random_fourier_features.kernel_scale"]?.data[0];
  if (own === undefined) return scale;
  if (scale !== undefined && Math.fround(scale) !== own) {
    throw new ConfigError(`--init ${init}: the model has the scale ${own}, but --scale ${scale} asks for another.`);
  }
  return own;
}
