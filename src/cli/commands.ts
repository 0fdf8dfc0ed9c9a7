// What train, evaluate and predict do.
import Papa from "papaparse";
import { isImageSetName } from "../data/image_sets.ts";
import type { Matrix } from "../data/matrix.ts";
import { sliceRows } from "../data/matrix.ts";
import { splitPoint } from "../data/split.ts";
import { labelsOf, standardization, standardize, tableToFeatures } from "../data/table.ts";
import { ConfigError } from "../errors.ts";
import {
  type Evaluation,
  type History,
  type LossName,
  layers,
  losses,
  type ModelMetadata,
  optimizers,
  Sequential,
} from "../index.ts";
import { readTable } from "./csv.ts";
import { labelColumn, loadDataset } from "./datasets.ts";
import { checkWritable, readBytes, writeAtomically } from "./files.ts";
import type { Dataset } from "./image_files.ts";
import { inDeno } from "./packages.ts";

export interface DataOptions {
  data: string;
  label?: string;
  dataDir?: string;
}

export interface TrainOptions extends DataOptions {
  outputDim: number;
  scale?: number;
  standardize: boolean;
  kernel: "gaussian" | "laplacian";
  trainableScale: boolean;
  loss: LossName;
  learningRate: number;
  epochs: number;
  batchSize: number;
  validationSplit: number;
  shuffle: boolean;
  seed: number;
  init?: string;
  out?: string;
  json: boolean;
  quiet: boolean;
}

export interface EvaluateOptions extends DataOptions {
  model: string;
  json: boolean;
}

export interface PredictOptions {
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
  const dataset = await loadDataset(options.data, { ...options, notify: say });
  const prepared = prepare(dataset, options);
  const model = buildModel(dataset, options);
  try {
    if (options.init) await startFrom(model, options.init);
    const { adapter } = await model.gpu();
    say(`data     ${dataset.name}: ${shapeOf(dataset.train.x)} from ${dataset.source}`);
    say(`adapter  ${adapter.name}${adapter.isSoftware ? ", a software adapter" : ""}, in ${inDeno ? "Deno" : "Node"}`);
    const stop = stopOnInterrupt(say);
    const history = await model.fit(prepared.train, dataset.train.y, {
      epochs: options.epochs,
      batchSize: options.batchSize,
      validationSplit: options.validationSplit,
      shuffle: options.shuffle,
      verbose: options.quiet ? 0 : 1,
      signal: stop.signal,
    });
    const test =
      prepared.test && dataset.test && !history.aborted
        ? await model.evaluate(prepared.test, dataset.test.y, { batchSize: evaluationBatch })
        : undefined;
    if (test) say(`test     ${inWords(test)}`);
    const total = (performance.now() - begun) / 1000;
    const { features, train: trained } = history.seconds;
    const seconds = { total: round(total), features: round(features), train: round(trained) };
    const result = { ...whereItRan(adapter), history: history.history, test, seconds, model: options.out };
    if (options.out) {
      await writeAtomically(options.out, await model.save({ ...prepared.metadata }));
      await writeAtomically(historyFile(options.out), `${JSON.stringify(historyOf(history, result), undefined, 1)}\n`);
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
  const model = await readModel(options.model);
  try {
    const { x, y } = await labelledRows(model, options);
    const metrics = model.outputDim > 1 ? ["acc"] : [];
    model.compile({ optimizer: "adam", loss: lossFor(model.metadata.loss ?? "hinge"), metrics });
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
  const model = await readModel(options.model);
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
    const csv = Papa.unparse({ fields: ["prediction", ...names.map((name) => `score_${name}`)], data: rows });
    if (options.out) await writeAtomically(options.out, `${csv}\n`);
    else console.log(csv);
    return 0;
  } finally {
    model.dispose();
  }
}

/** @throws DataError where the file can't be read, FormatError where it is not a model. */
async function readModel(path: string): Promise<Sequential> {
  return Sequential.load(await readBytes(path), { what: path });
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
        trainable: options.trainableScale,
      }),
      layers.dense({ units: dataset.classNames.length }),
    ],
    { seed: options.seed },
  );
  const optimizer = optimizers.adam({ learningRate: options.learningRate });
  model.compile({ optimizer, loss: lossFor(options.loss), metrics: ["acc"] });
  return model;
}

/** On the command line a model gives logits, so cross-entropy is taken from them. */
function lossFor(name: LossName) {
  return name === "categorical_crossentropy" ? losses.categoricalCrossentropy({ fromLogits: true }) : name;
}

/** The rows as the model takes them, and what a saved model has to remember. */
function prepare(dataset: Dataset, options: TrainOptions): { train: Matrix; test?: Matrix; metadata: ModelMetadata } {
  const { classNames, featureNames, train: trainRows, test } = dataset;
  const metadata: ModelMetadata = { classNames, ...(featureNames && { featureNames }) };
  if (!options.standardize) return { train: trainRows.x, metadata, ...(test && { test: test.x }) };
  // Validation rows must not leak into the statistics.
  const rows = trainRows.x.shape[0];
  const split = options.validationSplit > 0 ? splitPoint(rows, options.validationSplit) : rows;
  const statistics = standardization(sliceRows(trainRows.x, 0, split));
  return {
    train: standardize(trainRows.x, statistics),
    metadata: { ...metadata, standardization: { mean: [...statistics.mean], scale: [...statistics.scale] } },
    ...(test && { test: standardize(test.x, statistics) }),
  };
}

function standardized(x: Matrix, { standardization: statistics }: ModelMetadata): Matrix {
  if (!statistics) return x;
  return standardize(x, { mean: Float32Array.from(statistics.mean), scale: Float32Array.from(statistics.scale) });
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

/** Takes all weights from a saved model of the same layers. */
async function startFrom(model: Sequential, path: string): Promise<void> {
  const initial = await readModel(path);
  try {
    await model.setWeights(await initial.getWeights());
  } finally {
    initial.dispose();
  }
}

/** Ctrl-C ends training after the running batches; a second one ends the program at once. */
function stopOnInterrupt(say: (line: string) => void): AbortController {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      say("\nStopping after the running batches.");
      controller.abort();
    });
  }
  return controller;
}

function whereItRan({ name, isSoftware }: { name: string; isSoftware: boolean }) {
  return { runtime: inDeno ? "deno" : "node", adapter: { name, isSoftware } };
}

function historyFile(model: string): string {
  return `${model.replace(/\.safetensors$/, "")}.history.json`;
}

function historyOf({ epoch }: History, result: object): object {
  return { epoch, ...result };
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
