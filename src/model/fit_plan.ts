// The settings of a fit, checked and with their defaults.
import type { Matrix, MatrixLike } from "../data/matrix.ts";
import { ConfigError, checkOptions, show } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import type { Seed } from "../random.ts";
import type { Training } from "../train/callbacks.ts";
import type { CommonPlan, FitPlan } from "../train/fit.ts";
import type { DatasetPlan } from "../train/fit_dataset.ts";
import { progress } from "../train/progress.ts";
import type { Compiled } from "./compile.ts";
import {
  type FitDatasetOptions,
  type FitOptions,
  featureBudget,
  featurePrecision,
  fitDatasetOptions,
  fitOptions,
  positiveInteger,
  type TrainingOptions,
  validationFreq,
} from "./options.ts";

/** The model that is to be trained. */
export interface Trainee {
  readonly network: Network;
  readonly seed: Seed;
  readonly compiled: Compiled;
  readonly save: Training["save"];
  readonly inputRows: (x: MatrixLike) => Matrix;
}

export function fitPlan(trainee: Trainee, options: FitOptions): FitPlan {
  checkOptions(options, fitOptions, "model.fit");
  const { batchSize = 32, shuffle = true } = options;
  positiveInteger("batchSize", batchSize);
  return { ...commonPlan(trainee, options, "fit"), batchSize, shuffle };
}

export function datasetPlan(trainee: Trainee, options: FitDatasetOptions): DatasetPlan & { lookAhead: number } {
  checkOptions(options, fitDatasetOptions, "model.fitDataset");
  const { batchSize, stepsPerEpoch, lookAhead = 2, validationBatchSize = batchSize ?? 32 } = options;
  for (const [name, value] of Object.entries({ batchSize, stepsPerEpoch, lookAhead, validationBatchSize })) {
    if (value !== undefined) positiveInteger(name, value);
  }
  const common = commonPlan(trainee, options, "fitDataset");
  return { ...common, batchSize, stepsPerEpoch, lookAhead, validationBatchSize };
}

function commonPlan(trainee: Trainee, options: TrainingOptions, what: string): CommonPlan {
  const { network, seed, compiled, save, inputRows } = trainee;
  const { epochs = 1, initialEpoch = 0, verbose = 1, fuse = true, profile = false } = options;
  if (network.stages.every(({ parameters }) => parameters.length === 0)) {
    throw new ConfigError(`model.${what}: no layer of the model trains; add a dense one.`);
  }
  positiveInteger("epochs", epochs);
  if (!(Number.isInteger(initialEpoch) && initialEpoch >= 0)) {
    throw new ConfigError(`initialEpoch must be a whole number from 0 on, got ${show(initialEpoch)}.`);
  }
  if (![0, 1, 2].includes(verbose)) throw new ConfigError(`verbose must be 0, 1 or 2, got ${show(verbose)}.`);
  return {
    ...compiled,
    epochs,
    initialEpoch,
    seed,
    validationFreq: validationFreq(options.validationFreq ?? 1),
    callbacks: [...(options.callbacks ?? []), progress(verbose)],
    signal: options.signal,
    save,
    inputRows,
    warn: verbose === 0 ? () => {} : console.warn,
    fuse,
    featureBudget: featureBudget(options.featureCache ?? "auto"),
    precision: featurePrecision(options.featureStorage ?? "float32"),
    profile,
  };
}
