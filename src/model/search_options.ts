// What a search over scales is told, and its checks.
import { inOrder } from "../data/samples.ts";
import { splitPoint } from "../data/split.ts";
import type { Targets, TargetsLike } from "../data/targets.ts";
import { ConfigError, DataError, show } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { InitializerName } from "../nn/initializers.ts";
import type { FeatureMapName } from "../nn/layers/random_fourier_features.ts";
import { isRegression, type Loss, type LossName } from "../nn/losses.ts";
import type { Optimizer, OptimizerName } from "../nn/optimizers.ts";
import type { TuneMode, TuningStore } from "../nn/tuning.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import type { Evaluation } from "../train/evaluate.ts";
import type { Split } from "../train/side_by_side.ts";

/** Of `searchScale`. */
export interface SearchScaleOptions {
  /** The scales s to try: the kernel's bandwidths, in the units of x. */
  scales: readonly number[];
  /** Factors of the head's l2 regularizer to try with each scale. Default [0]. */
  lambdas?: readonly number[];
  /** Outputs of the model: classes, or values of a regression. Default: the largest label + 1, or the columns of y. */
  units?: number;
  /** D, the number of random features. Default 4096. */
  outputDim?: number;
  /** As of layers.randomFourierFeatures. */
  kernelInitializer?: InitializerName;
  /** As of layers.randomFourierFeatures. */
  featureMap?: FeatureMapName;
  /** As of compile. Default "hinge". */
  loss?: Loss | LossName;
  /** As of compile. Default "adam". */
  optimizer?: Optimizer | OptimizerName;
  /** For how many the best model is trained; the others end earlier. Default 20. */
  epochs?: number;
  /** Rows of a minibatch. Default 128. */
  batchSize?: number;
  /** Share of the rows, taken from their end, that candidates are judged by. Default .2. */
  validationSplit?: number;
  /**
   * Judges candidates by cross-validation over so many folds, drawn by the seed, in place of a split; the best one is then
   * trained again on all rows.
   */
  folds?: number;
  /** Of the weights, of the order of rows and of the folds. Default 0. */
  seed?: Seed;
  /** A device to work on; the model found works on it too. By default the search opens its own and frees it. */
  gpu?: Gpu;
  /** As of Sequential. */
  tune?: TuneMode;
  /** As of Sequential. */
  tuningStore?: TuningStore;
  /** Keeps the projection, and the features of the best model beside it: as of fit. Default "auto". */
  featureCache?: "auto" | "off" | number;
  /** Ends the search: the best model so far is the result, its weights as far as they came. */
  signal?: AbortSignal;
  /** Called whenever candidates have been compared, with all of those, the best first. */
  onCompared?: (trials: readonly ScaleTrial[]) => unknown;
}

/** What a candidate has come to. */
export interface ScaleTrial {
  /** s of its features. */
  readonly scale: number;
  /** l2 of its head. */
  readonly lambda: number;
  /** Epochs it was trained for. */
  readonly epochs: number;
  /** What candidates are compared by: accuracy, or minus the mean squared error; a mean over the folds. */
  readonly score: number;
  /** Loss and metrics on the validation rows, of the first fold; undefined where training diverged. */
  readonly evaluation: Evaluation | undefined;
}

export const searchScaleOptions: readonly (keyof SearchScaleOptions)[] = [
  ...(["scales", "lambdas", "units", "outputDim", "kernelInitializer", "featureMap", "loss", "optimizer"] as const),
  ...(["epochs", "batchSize", "validationSplit", "folds", "seed", "gpu", "tune", "tuningStore"] as const),
  ...(["featureCache", "signal", "onCompared"] as const),
];

export interface Pair {
  readonly scale: number;
  readonly lambda: number;
}

/** Every scale with every lambda. @throws ConfigError for an empty list, or values out of range. */
export function candidatePairs({ scales, lambdas = [0] }: SearchScaleOptions): Pair[] {
  checkNumbers("scales", scales, (scale) => scale > 0, "positive numbers");
  checkNumbers("lambdas", lambdas, (lambda) => lambda >= 0, "numbers from 0 on");
  return scales.flatMap((scale) => lambdas.map((lambda) => ({ scale, lambda })));
}

function checkNumbers(name: string, values: unknown, fits: (value: number) => boolean, expected: string): void {
  const isList = Array.isArray(values) && values.length > 0;
  if (!isList || !values.every((value) => Number.isFinite(value) && fits(value))) {
    throw new ConfigError(`searchScale: ${name} must be a list of ${expected}, got ${show(values)}.`);
  }
}

/** Training and validation rows: the last part of them, or folds drawn by the seed. */
export function splitsOf({ rows }: Targets, { validationSplit, folds, seed = 0 }: SearchScaleOptions): Split[] {
  const all = inOrder(rows);
  if (folds === undefined) {
    const point = splitPoint(rows, validationSplit ?? 0.2);
    return [{ training: all.subarray(0, point), validation: all.subarray(point) }];
  }
  if (validationSplit !== undefined) {
    throw new ConfigError("searchScale: candidates are judged by folds or by a validationSplit; give one of them.");
  }
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= rows)) {
    throw new ConfigError(`searchScale: folds must be a whole number from 2 to the ${rows} rows, got ${show(folds)}.`);
  }
  const order = permutation(randomStream(seed, "folds"), rows);
  return Array.from({ length: folds }, (_, fold) => ({
    training: order.filter((_, i) => i % folds !== fold),
    validation: order.filter((_, i) => i % folds === fold),
  }));
}

/** Outputs of the model where they are not given. */
export function unitsOf(y: TargetsLike, { name }: Loss): number {
  if (typeof y !== "object" || y === null) throw new DataError(`y: expected labels or values, got ${show(y)}.`);
  if ("shape" in y) return y.shape[1] as number;
  const first = (y as ArrayLike<unknown>)[0];
  if (typeof first === "object") return (first as ArrayLike<number>).length;
  if (isRegression(name)) return 1;
  return (y as ArrayLike<number> as number[]).reduce((largest, label) => Math.max(largest, label), 0) + 1;
}

/** The metric that compares candidates, and what of it is the larger the better. */
export function judgedBy({ name }: Loss): { metric: string; score(evaluation: Evaluation): number } {
  if (isRegression(name)) return { metric: "mse", score: ({ mse }) => -(mse as number) };
  return { metric: "acc", score: ({ acc }) => acc as number };
}
