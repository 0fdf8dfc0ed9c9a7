// The settings of a Sequential model and of its calls, and their checks.
import type { LabelWeights } from "../data/class_weights.ts";
import type { MatrixLike } from "../data/matrix.ts";
import type { TargetsLike } from "../data/targets.ts";
import { ConfigError, DataError, show } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Loss, LossName } from "../nn/losses.ts";
import type { Metric } from "../nn/metrics.ts";
import type { Optimizer, OptimizerName } from "../nn/optimizers.ts";
import type { TuneMode, TuningStore } from "../nn/tuning.ts";
import type { Seed } from "../random.ts";
import type { Callbacks } from "../train/callbacks.ts";
import type { Verbosity } from "../train/progress.ts";

/** Of `new Sequential`. */
export interface SequentialOptions {
  /** Seed of the initial weights and of the order of rows. Default 0. */
  seed?: Seed;
  /** A device to work on; by default the model opens its own at first use and frees it in `dispose`. */
  gpu?: Gpu;
  /** The model's name in its summary. Default "sequential". */
  name?: string;
  /**
   * Which of the kernels that give the same bits: "auto" measures on the device once, under 300 ms, "force" measures
   * again, "off" takes what suits devices of its kind. Default "auto".
   */
  tune?: TuneMode;
  /** Where the choice is remembered. Default: IndexedDB in a browser, elsewhere only as long as the device lives. */
  tuningStore?: TuningStore;
}

/** Of `model.compile`. */
export interface CompileOptions {
  /** One of `optimizers`, or its name for Keras' defaults. */
  optimizer: Optimizer | OptimizerName;
  /** One of `losses`, or its name. */
  loss: Loss | LossName;
  /** Names such as "acc" or "mse", or what `metrics` makes; at most 7. Default none. */
  metrics?: readonly (Metric | string)[];
}

/** What `fit` and `fitDataset` have in common; names and defaults are those of Keras' fit where it has them. */
export interface TrainingOptions {
  /** The number behind the last epoch: epochs are counted from `initialEpoch` to here, as in Keras. Default 1. */
  epochs?: number;
  /** The number of the first epoch; for a model that goes on, `model.trained.epochs`. Default 0. */
  initialEpoch?: number;
  /** Rows and targets that validate, with a weight for each row's loss. Default none. */
  validationData?: readonly [x: MatrixLike, y: TargetsLike, sampleWeight?: ArrayLike<number>];
  /** Validates after every so many epochs, or after those of a list; both count from 1. Default 1. */
  validationFreq?: number | readonly number[];
  /**
   * A weight for each label, { label: weight } or a list: it multiplies the weights of the training rows, not of those
   * that validate. Targets must be labels or one-hot rows.
   */
  classWeight?: LabelWeights;
  /** Called along the fit, in this order. Default none. */
  callbacks?: readonly Callbacks[];
  /** 0 silent, 1 a bar, 2 a line for each epoch. Default 1. */
  verbose?: Verbosity;
  /** Ends the fit after the running minibatches; what was learned stays, and `history.aborted` is true. */
  signal?: AbortSignal;
  /** Keeps computed features on the GPU: "auto" up to 2 GiB, "off" never, or a number of bytes. Default "auto". */
  featureCache?: "auto" | "off" | number;
  /**
   * How features are kept: "float32", or "snorm16" in half the memory, within 1.5e-5, for features that lie in [-1, 1].
   * Default "float32".
   */
  featureStorage?: "float32" | "snorm16";
  /** Fuses the last layer with the loss and the optimizer where it can. Default true. */
  fuse?: boolean;
  /**
   * Measures the GPU time of every kernel, for `history.profile`. It takes the feature "timestamp-query"; where a device
   * does not have it, `history.noProfile` says so. Slower, the same bits. Browsers round the times. Default false.
   */
  profile?: boolean;
}

/** Of `model.fit`. */
export interface FitOptions extends TrainingOptions {
  /** Rows of a minibatch; the last of an epoch may be smaller. Default 32. */
  batchSize?: number;
  /**
   * Share of the rows, taken from their end before any shuffling, that validates; `validationData` goes before it.
   * Default 0.
   */
  validationSplit?: number;
  /** A fresh order of the training rows every epoch. Default true. */
  shuffle?: boolean;
  /** A weight for each row's loss, [rows of x]; not for metrics. Default 1 each. */
  sampleWeight?: ArrayLike<number>;
}

/** Of `model.fitDataset`. */
export interface FitDatasetOptions extends TrainingOptions {
  /** Rows of a minibatch, into which blocks are cut. By default each block is one minibatch. */
  batchSize?: number;
  /**
   * Minibatches of an epoch; the next epoch then goes on where it ended. By default an epoch is one iteration over the
   * data.
   */
  stepsPerEpoch?: number;
  /** Blocks that are fetched before they are needed, while the GPU works. Default 2. */
  lookAhead?: number;
  /** Rows of a minibatch of validation. Default `batchSize`, or 32. */
  validationBatchSize?: number;
}

/** Of `model.trainOnBatch` and `model.testOnBatch`. */
export interface BatchOptions {
  /** A weight for each row's loss, [rows of x]. Default 1 each. */
  sampleWeight?: ArrayLike<number>;
  /** A weight for each label, see `fit`. */
  classWeight?: LabelWeights;
}

/** Of `model.evaluate`. */
export interface EvaluateOptions {
  /** Rows that are computed at a time. Default 32. */
  batchSize?: number;
  /** A weight for each row's loss, [rows of x]; not for metrics. Default 1 each. */
  sampleWeight?: ArrayLike<number>;
  /** Adds `report`: which classes were taken for which, from the same pass over the rows. Default false. */
  report?: boolean;
}

/** Of `model.save`. */
export interface SaveOptions {
  /**
   * Leaves out the frozen weights that the seed gives again, bit for bit; a loaded model draws them at its first use.
   * What was trained, set by hand or drawn by a function is always in the file. Default false.
   */
  compact?: boolean;
  /**
   * Adds what training needs to go on: the optimizer's slots and settings, its steps and the epochs so far. The order of
   * rows and all else that is drawn follow from the seed and the steps. What callbacks remember is not in the file.
   * Default false.
   */
  optimizer?: boolean;
}

/** Of `Sequential.load`; the seed is in the file. */
export interface LoadOptions extends Omit<SequentialOptions, "seed"> {
  /** Names the file in error messages. Default "model". */
  what?: string;
  /** False begins anew with the optimizer where the file holds the state of one. Default true. */
  optimizer?: boolean;
}

/** Weights by `layer.weight`, each with its shape. */
export type Weights = Record<
  string,
  {
    /** As the layer's description gives it. */
    readonly shape: readonly number[];
    /** Its values, row after row. */
    readonly data: Float32Array;
  }
>;

const trainingOptions = [
  ...["epochs", "initialEpoch", "validationData", "validationFreq", "classWeight", "callbacks", "verbose", "signal"],
  ...["featureCache", "featureStorage", "fuse", "profile"],
];
/** The keys of FitOptions. */
export const fitOptions = ["batchSize", "validationSplit", "shuffle", "sampleWeight", ...trainingOptions];
/** The keys of FitDatasetOptions. */
export const fitDatasetOptions = ["batchSize", "stepsPerEpoch", "lookAhead", "validationBatchSize", ...trainingOptions];

const autoFeatureCache = 2 ** 31;

export function sampleWeights(given: ArrayLike<number>, rows: number): Float32Array {
  if (given.length !== rows) {
    throw new DataError(`sampleWeight: expected one weight for each of the ${rows} rows, got ${given.length}.`);
  }
  const weights = Float32Array.from(given);
  const bad = weights.findIndex((w) => !Number.isFinite(w));
  if (bad >= 0) throw new DataError(`sampleWeight: row ${bad} has ${weights[bad]}; expected finite numbers.`);
  return weights;
}

/** @throws ConfigError unless the seed is a whole number of at most 53 bits. */
export function checkSeed(seed: unknown): void {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return;
  throw new ConfigError(`seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${show(seed)}.`);
}

export function positiveInteger(name: string, value: number): void {
  if (!(Number.isInteger(value) && value > 0)) {
    throw new ConfigError(`${name} must be a positive whole number, got ${value}.`);
  }
}

/** @throws ConfigError unless it is a positive whole number or a list of such. */
export function validationFreq(given: number | readonly number[]): number | readonly number[] {
  if (!Array.isArray(given)) positiveInteger("validationFreq", given as number);
  else for (const epoch of given) positiveInteger("An epoch of validationFreq", epoch);
  return given;
}

export function featureBudget(cache: "auto" | "off" | number): number {
  if (cache === "auto") return autoFeatureCache;
  if (cache === "off") return 0;
  if (!(Number.isFinite(cache) && cache >= 0)) {
    throw new ConfigError(`featureCache: expected "auto", "off" or a number of bytes, got ${JSON.stringify(cache)}.`);
  }
  return cache;
}

export function featurePrecision(storage: "float32" | "snorm16"): "float32" | "snorm16" {
  if (storage === "float32" || storage === "snorm16") return storage;
  throw new ConfigError(`featureStorage: expected "float32" or "snorm16", got ${show(storage)}.`);
}
