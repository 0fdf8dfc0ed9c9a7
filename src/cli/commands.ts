// What train, evaluate and predict do.
import Papa from "papaparse";
import { isImageSetName } from "../data/image_sets.ts";
import type { Matrix } from "../data/matrix.ts";
import { labelsOf, tableToFeatures } from "../data/table.ts";
import { ConfigError } from "../errors.ts";
import {
  type Evaluation,
  type FeatureMapName,
  type LossName,
  layers,
  lossOf,
  optimizers,
  Sequential,
  savedLoss,
  type TuneMode,
  type Weights,
} from "../index.ts";
import { readTable } from "./csv.ts";
import { labelColumn, loadDataset } from "./datasets.ts";
import { checkWritable, readBytes, writeAtomically } from "./files.ts";
import type { Dataset } from "./image_files.ts";
import { interruptible } from "./interrupt.ts";
import type { FeatureCache } from "./options.ts";
import { inDeno } from "./packages.ts";
import { profileTable } from "./profile_table.ts";
import { prepare, standardized } from "./standardization.ts";
import { kernelsInWords, tuningStore } from "./tuning_file.ts";

export interface DataOptions {
  tune: TuneMode;
  data: string;
  label?: string;
  dataDir?: string;
}

export interface TrainOptions extends DataOptions {
  outputDim: number;
  scale?: number;
  standardize: boolean;
  kernel: "gaussian" | "laplacian";
  featureMap: FeatureMapName;
  trainableScale: boolean;
  loss: LossName;
  learningRate: number;
  epochs: number;
  batchSize: number;
  validationSplit: number;
  shuffle: boolean;
  featureCache: FeatureCache;
  featureStorage: "float32" | "snorm16";
  seed: number;
  init?: string;
  out?: string;
  compact: boolean;
  profile: boolean;
  json: boolean;
  quiet: boolean;
}

export interface EvaluateOptions extends DataOptions {
  model: string;
  json: boolean;
}

export interface PredictOptions {
  tune: TuneMode;
  model: string;
  data: string;
  out?: string;
}

/** The example's scale, for images whose pixels lie in 0..1. */
const imageScale = 10;
/** Exit code of a command that Ctrl-C ended. */
const interrupted = 130;
const evaluationBatch = 128;

export async function train(options: TrainOptions): Promise<number> {
  const begun = performance.now();
  const say = options.quiet ? () => {} : console.log;
  if (options.out) await checkWritable(options.out);
  const initial = options.init === undefined ? undefined : await readModel(options.init, options.tune);
  const dataset = await loadDataset(options.data, { ...options, notify: say });
  const weights = initial && (await initialWeights(initial, dataset, options));
  const scale = initialScale(weights, options);
  const prepared = prepare(dataset, options, initial?.metadata.standardization);
  const model = buildModel(dataset, { ...options, scale });
  try {
    if (weights) await model.setWeights(weights);
    const { adapter } = await model.gpu();
    say(`data     ${dataset.name}: ${shapeOf(dataset.train.x)} from ${dataset.source}`);
    say(`adapter  ${adapter.name}${adapter.isSoftware ? ", a software adapter" : ""}, in ${inDeno ? "Deno" : "Node"}`);
    const history = await interruptible(say, (signal) =>
      model.fit(prepared.train, dataset.train.y, {
        epochs: options.epochs,
        batchSize: options.batchSize,
        validationSplit: options.validationSplit,
        shuffle: options.shuffle,
        featureCache: options.featureCache,
        featureStorage: options.featureStorage,
        profile: options.profile,
        verbose: options.quiet ? 0 : 1,
        signal,
      }),
    );
    if (history.steps === 0) {
      say(`Nothing was learned${options.out ? `; ${options.out} is as it was` : ""}.`);
      return interrupted;
    }
    const test =
      prepared.test && dataset.test && !history.aborted
        ? await model.evaluate(prepared.test, dataset.test.y, { batchSize: evaluationBatch })
        : undefined;
    if (test) say(`test     ${inWords(test)}`);
    const total = (performance.now() - begun) / 1000;
    const { features, train: trained } = history.seconds;
    const seconds = { total: round(total), features: round(features), train: round(trained) };
    const { profile, noProfile } = history;
    if (profile) say(profileTable(profile));
    if (noProfile) say(`profile  none. ${noProfile}`);
    const learned = { history: history.history, test, seconds, profile, noProfile };
    const { tuning } = model;
    if (tuning) say(`kernels  ${kernelsInWords(tuning)}`);
    const result = { ...whereItRan(adapter), ...learned, tuning, model: options.out };
    if (options.out) {
      await writeAtomically(options.out, await model.save(prepared.metadata, { compact: options.compact }));
      const record = { epoch: history.epoch, ...result };
      await writeAtomically(historyFile(options.out), `${JSON.stringify(record, undefined, 1)}\n`);
      say(`saved    ${options.out}, history in ${historyFile(options.out)}`);
    }
    say(`seconds  ${seconds.total}: features ${seconds.features}, training ${seconds.train}`);
    if (options.json) console.log(JSON.stringify(result));
    return history.aborted ? interrupted : 0;
  } finally {
    model.dispose();
  }
}

export async function evaluate(options: EvaluateOptions): Promise<number> {
  const model = await readModel(options.model, options.tune);
  try {
    const { x, y } = await labelledRows(model, options);
    const metrics = model.outputDim > 1 ? ["acc"] : [];
    model.compile({ optimizer: "adam", loss: savedLoss(model.metadata) ?? "hinge", metrics });
    const { adapter } = await model.gpu();
    const values = await model.evaluate(x, y, { batchSize: evaluationBatch });
    console.log(`${x.shape[0]} rows - ${inWords(values)}`);
    if (options.json) {
      console.log(JSON.stringify({ ...whereItRan(adapter), rows: x.shape[0], ...values, model: options.model }));
    }
    return 0;
  } finally {
    model.dispose();
  }
}

export async function predict(options: PredictOptions): Promise<number> {
  if (options.out) await checkWritable(options.out);
  const model = await readModel(options.model, options.tune);
  try {
    const table = await readTable(options.data);
    const { featureNames } = model.metadata;
    const choice = { featureNames, columns: model.inputDim };
    const x = standardized(tableToFeatures(table, choice, options.data), model.metadata);
    const { data, shape } = await model.predict(x);
    const outputs = shape[1];
    const names = model.metadata.classNames ?? Array.from({ length: outputs }, (_, i) => String(i));
    const rows = Array.from({ length: shape[0] }, (_, row) => {
      const scores = data.subarray(row * outputs, (row + 1) * outputs);
      return [names[scores.indexOf(Math.max(...scores))], ...scores];
    });
    const csv = Papa.unparse(
      { fields: ["prediction", ...names.map((name) => `score_${name}`)], data: rows },
      { newline: "\n" },
    );
    if (options.out) await writeAtomically(options.out, `${csv}\n`);
    else console.log(csv);
    return 0;
  } finally {
    model.dispose();
  }
}

/** @throws DataError where the file can't be read, FormatError where it is not a model. */
async function readModel(path: string, tune: TuneMode): Promise<Sequential> {
  return Sequential.load(await readBytes(path), { what: path, optimizer: false, tune, tuningStore: tuningStore() });
}

function buildModel(dataset: Dataset, options: TrainOptions): Sequential {
  const scale = options.scale ?? (isImageSetName(dataset.name) ? imageScale : null);
  const model = new Sequential(
    [
      layers.input({ shape: [dataset.train.x.shape[1]] }),
      layers.randomFourierFeatures({
        outputDim: options.outputDim,
        scale,
        kernelInitializer: options.kernel,
        featureMap: options.featureMap,
        trainable: options.trainableScale,
      }),
      layers.dense({ units: dataset.classNames.length }),
    ],
    { seed: options.seed, tune: options.tune, tuningStore: tuningStore() },
  );
  const optimizer = optimizers.adam({ learningRate: options.learningRate });
  // On the command line a model gives logits, so cross-entropy is taken from them.
  const fromLogits = options.loss === "categorical_crossentropy" ? { fromLogits: true } : {};
  model.compile({ optimizer, loss: lossOf(options.loss, fromLogits), metrics: ["acc"] });
  return model;
}

/** The rows a model is measured on: the test rows of an image set, or all rows of a CSV file. */
async function labelledRows(model: Sequential, options: EvaluateOptions) {
  const { metadata, inputDim, outputDim } = model;
  if (isImageSetName(options.data)) {
    const { test } = await loadDataset(options.data, options);
    if (!test) throw new ConfigError(`${options.data} has no test rows.`);
    return { x: standardized(test.x, metadata), y: test.y };
  }
  const table = await readTable(options.data);
  const label = labelColumn(table, options.label, options.data);
  const choice = { featureNames: metadata.featureNames, columns: inputDim, labelColumn: label };
  const x = standardized(tableToFeatures(table, choice, options.data), metadata);
  const classNames = metadata.classNames ?? Array.from({ length: outputDim }, (_, i) => String(i));
  return { x, y: labelsOf(table, label, classNames, options.data) };
}

/** The weights of a model to start from, which must have been trained for the same kernel and the same classes. */
async function initialWeights(
  initial: Sequential,
  { classNames, train: { x } }: Dataset,
  options: TrainOptions,
): Promise<Weights> {
  const differ = (what: string, has: unknown, wanted: unknown) => {
    throw new ConfigError(`--init ${options.init}: the model has ${what} ${has}, but this training ${wanted}.`);
  };
  const names = initial.metadata.classNames;
  if (initial.inputDim !== x.shape[1]) differ("a number of features of", initial.inputDim, x.shape[1]);
  if (names && names.join() !== classNames.join()) differ("the classes", names.join(", "), classNames.join(", "));
  const weights = await initial.getWeights();
  const projection = "random_fourier_features.signs" in weights ? "structured" : "dense";
  const wanted = options.featureMap === "sorf" ? "structured" : "dense";
  if (projection !== wanted) differ(`a ${projection}`, "projection", `asks for --feature-map ${options.featureMap}`);
  if (options.standardize && !initial.metadata.standardization) differ("no", "standardization", "asks for one");
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

function whereItRan({ name, isSoftware }: { name: string; isSoftware: boolean }) {
  return { runtime: inDeno ? "deno" : "node", adapter: { name, isSoftware } };
}

function historyFile(model: string): string {
  return `${model.replace(/\.safetensors$/, "")}.history.json`;
}

function inWords(values: Evaluation): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value.toFixed(4)}`)
    .join(" - ");
}

function shapeOf({ shape: [rows, columns] }: Matrix): string {
  return `${rows.toLocaleString("en-US")} rows of ${columns} features`;
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
