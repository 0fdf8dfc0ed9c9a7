// What train, evaluate and predict do.
import { ConfigError } from "../errors.ts";

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
  loss: "hinge" | "squared_hinge" | "categorical_hinge" | "categorical_crossentropy" | "mean_squared_error";
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

export async function train(_options: TrainOptions): Promise<number> {
  throw new ConfigError("train is not written yet.");
}

export async function evaluate(_options: EvaluateOptions): Promise<number> {
  throw new ConfigError("evaluate is not written yet.");
}

export async function predict(_options: PredictOptions): Promise<number> {
  throw new ConfigError("predict is not written yet.");
}
