// What train does.
import { sliceRows } from "../data/matrix.ts";
import { ConfigError } from "../errors.ts";
import { isRegression, type Sequential, savedLoss } from "../index.ts";
import { type Calibration, calibrationInWords, calibrationOf, checkHasProbabilities } from "./calibration.ts";
import { loadDataset } from "./datasets.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import type { LabelledRows } from "./image_files.ts";
import { interruptible } from "./interrupt.ts";
import { checkFits, newModel, readModel } from "./model.ts";
import { lossFor, metricsFor, optimizerFor } from "./optimizer.ts";
import { profileTable } from "./profile_table.ts";
import { type Prepared, prepare, trainingRows } from "./standardization.ts";
import { trainingCallbacks } from "./training_callbacks.ts";
import type { TrainOptions } from "./training_options.ts";
import { kernelsInWords } from "./tuning_file.ts";
import { adapterInWords, inWords, round, shapeOf, whereItRan } from "./words.ts";

/** Exit code of a command that Ctrl-C ended. */
export const interrupted = 130;
export const evaluationBatch = 128;

export async function train(options: TrainOptions): Promise<number> {
  const begun = performance.now();
  const say = options.quiet ? () => {} : console.log;
  for (const path of [options.out, options.checkpoint, options.log]) if (path) await checkWritable(path);
  const { model, prepared, origin } = await begin(options, say);
  try {
    const { adapter } = await model.gpu();
    say(`data     ${origin}`);
    say(`adapter  ${adapterInWords(adapter)}`);
    const callbacks = await trainingCallbacks(options, prepared.metadata.target);
    const history = await interruptible(say, (signal) =>
      model.fit(prepared.train.x, prepared.train.y, {
        epochs: options.epochs,
        initialEpoch: model.trained.epochs,
        batchSize: options.batchSize,
        validationSplit: options.validationSplit,
        shuffle: options.shuffle,
        ...(options.classWeight && { classWeight: balanced(prepared, options.validationSplit) }),
        callbacks,
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
    if (history.stopReason) say(history.stopReason);
    const { test } = prepared;
    const measured =
      test && !history.aborted ? await model.evaluate(test.x, test.y, { batchSize: evaluationBatch }) : undefined;
    if (measured) say(`test     ${inWords(measured)}`);
    const calibration = options.calibration ? await calibrate(model, prepared, options, say) : undefined;
    const { features, train: trained } = history.seconds;
    const total = (performance.now() - begun) / 1000;
    const seconds = { total: round(total), features: round(features), train: round(trained) };
    const { profile, noProfile } = history;
    if (profile) say(profileTable(profile));
    if (noProfile) say(`profile  none. ${noProfile}`);
    const learned = { history: history.history, test: measured, calibration, seconds, profile, noProfile };
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

interface Beginning {
  readonly model: Sequential;
  readonly prepared: Prepared;
  /** What the rows are and where they came from, in words. */
  readonly origin: string;
}

/** The data and the compiled model, each as the other asks for it. */
async function begin(options: TrainOptions, notify: (line: string) => void): Promise<Beginning> {
  const path = options.resume ?? options.init;
  const earlier = path === undefined ? undefined : await readModel(path, options.tune, options.resume !== undefined);
  if (options.resume) checkGoesOn(earlier as Sequential, options);
  const known = options.resume ? savedLoss((earlier as Sequential).metadata) : undefined;
  const lossName = known?.name ?? options.loss;
  if (options.calibration) checkHasProbabilities(lossName);
  const dataset = await loadDataset(options.data, {
    ...options,
    regression: lossName !== undefined && isRegression(lossName),
    notify,
  });
  if (earlier) checkFits(earlier, dataset, `${options.resume ? "--resume" : "--init"} ${path}`);
  const prepared = prepare(dataset, options, earlier?.metadata);
  const loss = known ?? lossFor(options, prepared.metadata.target);
  const model = options.resume ? (earlier as Sequential) : await newModel(dataset, options, earlier);
  model.metadata = prepared.metadata; // checkpoints carry it
  const rows = trainingRows(dataset.train.x.shape[0], options.validationSplit);
  const optimizer = optimizerFor(options, Math.ceil(rows / options.batchSize), options.epochs);
  model.compile({ optimizer, loss, metrics: metricsFor(model.outputDim, prepared.metadata.target) });
  // A checkpoint brings the rate it ended with; what the command line says goes before it.
  if (typeof optimizer.learningRate === "number" && options.learningRate) optimizer.learningRate = options.learningRate;
  return { model, prepared, origin: `${dataset.name}: ${shapeOf(dataset.train.x)} from ${dataset.source}` };
}

/** @throws ConfigError for a file that is no checkpoint, or one that is at its end. */
function checkGoesOn({ trained }: Sequential, { resume, epochs }: TrainOptions): void {
  if (trained.steps === 0) {
    throw new ConfigError(
      `--resume ${resume}: it holds no state of an optimizer; name a file that --checkpoint wrote.`,
    );
  }
  if (trained.epochs >= epochs) {
    throw new ConfigError(
      `--resume ${resume}: it was trained for ${trained.epochs} epochs already; --epochs ${epochs} counts from the very ` +
        `first. Give more.`,
    );
  }
}

/** n / (K n_k) for each of K classes with n_k of the n training rows. */
function balanced({ train, metadata }: Prepared, split: number): number[] {
  const { classNames } = metadata;
  if (!classNames) throw new ConfigError("--class-weight balanced: a regression has no classes.");
  const labels = train.y.subarray(0, trainingRows(train.y.length, split));
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts.map((count) => labels.length / (counts.length * Math.max(count, 1)));
}

/** Of the test rows, or of those that validated. */
async function calibrate(
  model: Sequential,
  { train, test }: Prepared,
  { validationSplit }: TrainOptions,
  say: (line: string) => void,
): Promise<Calibration> {
  const rows = test ?? validationRows(train, validationSplit);
  const calibration = await calibrationOf(model, rows.x, rows.y);
  say(`${test ? "test " : "valid"}    ${calibrationInWords(calibration)}`);
  return calibration;
}

function validationRows({ x, y }: LabelledRows, split: number): LabelledRows {
  const end = x.shape[0];
  const begin = trainingRows(end, split);
  if (begin === end) throw new ConfigError("--calibration needs rows that do not train: give a --validation-split.");
  return { x: sliceRows(x, begin, end), y: y.subarray(begin, end) };
}

function historyFile(model: string): string {
  return `${model.replace(/\.safetensors$/, "")}.history.json`;
}
