// The settings that all estimators share, their defaults and their checks.
import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { FeatureMapName } from "../../nn/layers/random_fourier_features.ts";
import type { Seed } from "../../random.ts";
import type { Callbacks } from "../../train/callbacks.ts";
import type { Verbosity } from "../../train/progress.ts";
import { positiveInteger, type SequentialOptions } from "../options.ts";
import { checkGamma, type Gamma, type KernelName } from "./bandwidth.ts";
import { checkStandardize, type Standardize } from "./input_scaling.ts";

/** The device an estimator works on; see SequentialOptions. */
export type DeviceOptions = Pick<SequentialOptions, "gpu" | "tune" | "tuningStore">;

/** What all estimators take. */
export interface EstimatorOptions extends DeviceOptions {
  /** D, the number of random features. Default 4096. */
  nComponents?: number;
  /** Which kernel the features approximate: see KernelName. Default "gaussian". */
  kernel?: KernelName;
  /** The kernel's width: see Gamma. Default "scale". */
  gamma?: Gamma;
  /**
   * How random directions are drawn: see FeatureMapName. Default "auto": for the gaussian kernel "sorf" from 64 columns on
   * and "orthogonal" below, where structured directions would be few; for the laplacian kernel "dense".
   */
  featureMap?: FeatureMapName | "auto";
  /** What is done to the columns: see Standardize. Default "auto". */
  standardize?: Standardize;
  /** Passes over the rows. Default "auto": as many as make 1,000 steps, at least 20. */
  epochs?: number | "auto";
  /** Rows of a step. Default "auto": a sixteenth of the rows, at least 16 and at most 128. */
  batchSize?: number | "auto";
  /** Adam's, at the beginning; it falls to 0 along half a cosine. Default: 2e-3 times 4096 / D. */
  learningRate?: number;
  /** Of the random features, the initial weights, the order of rows and everything else drawn. Default 0. */
  seed?: Seed;
  /** 0 silent, 1 a bar, 2 a line for each epoch. Default 0. */
  verbose?: Verbosity;
}

/** Of one call of `fit`. */
export interface FitEstimatorOptions {
  /** A weight for each row's loss, [rows], times the weight of its class. Default 1 each. */
  sampleWeight?: ArrayLike<number>;
  /** Called along the fit, in this order. Default none. */
  callbacks?: readonly Callbacks[];
  /** Ends the fit after the running minibatches; what was learned stays. */
  signal?: AbortSignal;
}

/** The keys of DeviceOptions. */
export const deviceOptions: readonly (keyof DeviceOptions)[] = ["gpu", "tune", "tuningStore"];

/** The keys of EstimatorOptions. */
const estimatorOptions: readonly (keyof EstimatorOptions)[] = [
  "nComponents",
  "kernel",
  "gamma",
  "featureMap",
  "standardize",
  "epochs",
  "batchSize",
  "learningRate",
  "seed",
  "verbose",
  ...deviceOptions,
];

/** The keys of FitEstimatorOptions. */
export const fitEstimatorOptions: readonly (keyof FitEstimatorOptions)[] = ["sampleWeight", "callbacks", "signal"];

/** Options with their defaults. */
export interface EstimatorSettings {
  readonly nComponents: number;
  readonly kernel: KernelName;
  readonly gamma: Gamma;
  readonly featureMap: FeatureMapName | "auto";
  readonly standardize: Standardize;
  readonly epochs: number | "auto";
  readonly batchSize: number | "auto";
  readonly learningRate: number;
  readonly seed: Seed;
  readonly verbose: Verbosity;
  readonly device: DeviceOptions;
}

/**
 * @param more the keys that this estimator knows beside the shared ones.
 * @throws ConfigError for an unknown key or a value that can't be used.
 */
export function estimatorSettings(options: EstimatorOptions, more: readonly string[], what: string): EstimatorSettings {
  checkOptions(options, [...more, ...estimatorOptions], what);
  const {
    nComponents = 4096,
    kernel = "gaussian",
    gamma = "scale",
    featureMap = "auto",
    standardize = "auto",
  } = options;
  const { epochs = "auto", batchSize = "auto", seed = 0, verbose = 0 } = options;
  positiveInteger(`${what}: nComponents`, nComponents);
  const { learningRate = (2e-3 * 4096) / nComponents, gpu, tune, tuningStore } = options;
  if (kernel !== "gaussian" && kernel !== "laplacian") {
    throw new ConfigError(`${what}: kernel must be "gaussian" or "laplacian", got ${show(kernel)}.`);
  }
  checkGamma(gamma, what);
  checkStandardize(standardize, what);
  if (epochs !== "auto") positiveInteger(`${what}: epochs`, epochs);
  if (batchSize !== "auto") positiveInteger(`${what}: batchSize`, batchSize);
  positive(learningRate, `${what}: learningRate`);
  const device = { ...(gpu && { gpu }), ...(tune && { tune }), ...(tuningStore && { tuningStore }) };
  return {
    nComponents,
    kernel,
    gamma,
    featureMap,
    standardize,
    epochs,
    batchSize,
    learningRate,
    seed,
    verbose,
    device,
  };
}

/** @throws ConfigError unless it is a positive number. */
export function positive(value: number, what: string): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new ConfigError(`${what} must be a positive number, got ${show(value)}.`);
  }
}

/** Rows of a step. */
export function batchSizeFor({ batchSize }: EstimatorSettings, rows: number): number {
  return batchSize === "auto" ? Math.min(128, Math.max(16, Math.ceil(rows / 16))) : batchSize;
}

/** Passes over the rows. */
export function epochsFor(settings: EstimatorSettings, rows: number): number {
  const steps = Math.ceil(rows / batchSizeFor(settings, rows));
  return settings.epochs === "auto" ? Math.max(20, Math.ceil(1000 / steps)) : settings.epochs;
}

/** The feature map that "auto" stands for with d columns. */
export function featureMapFor({ featureMap, kernel }: EstimatorSettings, columns: number): FeatureMapName {
  if (featureMap !== "auto") return featureMap;
  if (kernel === "laplacian") return "dense";
  return columns >= 64 ? "sorf" : "orthogonal";
}
