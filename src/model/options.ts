// The settings of a Sequential model and of its calls, and their checks.
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

export interface SequentialOptions {
  /** Seed of the initial weights and of the order of rows. Default 0. */
  seed?: Seed;
  /** A device to work on; by default the model opens its own at first use and frees it in `dispose`. */
  gpu?: Gpu;
  /** Default "sequential". */
  name?: string;
  /**
   * Which of the kernels that give the same bits: "auto" measures on the device once, under 300 ms, "force" measures
   * again, "off" takes what suits devices of its kind. Default "auto".
   */
  tune?: TuneMode;
  /** Where the choice is remembered. Default: IndexedDB in a browser, elsewhere only as long as the device lives. */
  tuningStore?: TuningStore;
}

export interface CompileOptions {
  optimizer: Optimizer | OptimizerName;
  loss: Loss | LossName;
  /** "acc", "accuracy" or metrics.categoricalAccuracy(). Default none. */
  metrics?: readonly (Metric | string)[];
}

export interface FitOptions {
  /** Default 1. */
  epochs?: number;
  /** Default 32. */
  batchSize?: number;
  /** Share of the rows, taken from their end before any shuffling, that validates. Default none. */
  validationSplit?: number;
  /** Rows and targets that validate, in place of `validationSplit`. */
  validationData?: readonly [x: MatrixLike, y: TargetsLike, sampleWeight?: ArrayLike<number>];
  /** A fresh order of the training rows every epoch. Default true. */
  shuffle?: boolean;
  /** A weight for each row's loss, [rows of x]; not for metrics. */
  sampleWeight?: ArrayLike<number>;
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

export interface EvaluateOptions {
  /** Default 32. */
  batchSize?: number;
  /** A weight for each row's loss. */
  sampleWeight?: ArrayLike<number>;
}

export interface SaveOptions {
  /**
   * Leaves out the frozen weights that the seed gives again, bit for bit; a loaded model draws them at its first use.
   * What was trained, set by hand or drawn by a function is always in the file. Default false.
   */
  compact?: boolean;
}

/** Weights by `layer.weight`, each with its shape. */
export type Weights = Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** The keys of FitOptions. */
export const fitOptions: readonly (keyof FitOptions)[] = [
  "epochs",
  "batchSize",
  "validationSplit",
  "validationData",
  "shuffle",
  "sampleWeight",
  "callbacks",
  "verbose",
  "signal",
  "featureCache",
  "featureStorage",
  "fuse",
  "profile",
];

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

export function positiveInteger(name: string, value: number): void {
  if (!(Number.isInteger(value) && value > 0)) {
    throw new ConfigError(`${name} must be a positive whole number, got ${value}.`);
  }
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
