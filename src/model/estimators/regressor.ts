// What regressors share: targets brought to mean 0 and deviation 1 while training, and R2.
import { type MatrixLike, toMatrix } from "../../data/matrix.ts";
import { checkOptions, DataError } from "../../errors.ts";
import type { ModelMetadata } from "../metadata.ts";
import { sampleWeights } from "../options.ts";
import { Estimator } from "./estimator.ts";
import type { Objective } from "./machine.ts";
import { type FitEstimatorOptions, fitEstimatorOptions } from "./options.ts";
import { savedNumber } from "./saved.ts";

/** What regressors have in common. */
export abstract class Regressor extends Estimator {
  /** The model's output times `deviation`, plus `mean`, is the target. */
  #target = { mean: 0, deviation: 1 };

  /** What a model is trained towards on `rows` rows, in targets divided by `deviation`. */
  protected abstract objective(rows: number, deviation: number): Objective;

  /**
   * Trains anew on rows X [n, d] and one number a row.
   * @throws DataError for bad rows or targets, ConfigError for bad options, DivergenceError, DeviceError.
   */
  async fit(X: MatrixLike, y: ArrayLike<number>, options: FitEstimatorOptions = {}): Promise<this> {
    await this.#run("fit", X, y, options);
    return this;
  }

  /**
   * Trains by one pass over these rows. The first call without a fit before measures the scaling of columns and targets and
   * gamma on its rows, and takes the strength of regularization as for that many rows.
   * @throws as `fit`.
   */
  async partialFit(X: MatrixLike, y: ArrayLike<number>, options: FitEstimatorOptions = {}): Promise<this> {
    await this.#run("partialFit", X, y, options);
    return this;
  }

  /**
   * The target of each row of X [n, d], [n].
   * @throws ConfigError before fit, DataError for bad rows or another number of columns, DeviceError.
   */
  async predict(X: MatrixLike): Promise<Float32Array> {
    const { data } = await this.machine("predict").outputs(X);
    return data.map((value) => value * this.#target.deviation + this.#target.mean);
  }

  /**
   * R2 over rows X [n, d]: 1 - sum((y - f)^2) / sum((y - mean y)^2); at most 1, and 0 for the mean of y.
   * @throws as `predict`.
   */
  async score(X: MatrixLike, y: ArrayLike<number>): Promise<number> {
    const x = toMatrix(X, "X");
    checkTargets(y, x.shape[0]);
    return r2(await this.predict(x), y);
  }

  async #run(what: "fit" | "partialFit", X: MatrixLike, y: ArrayLike<number>, options: FitEstimatorOptions) {
    checkOptions(options, fitEstimatorOptions, `${this.kind}.${what}`);
    const x = toMatrix(X, "X");
    const rows = x.shape[0];
    checkTargets(y, rows);
    if (options.sampleWeight) sampleWeights(options.sampleWeight, rows);
    const target = what === "fit" || !this.isFitted ? spreadOf(y) : this.#target;
    const { mean, deviation } = target;
    const targets = Float32Array.from(y, (value) => (value - mean) / deviation);
    const way = what === "fit" ? "fit" : "fitPart";
    await this.train(way, x, targets, this.objective(rows, deviation), options, () => {
      this.#target = target;
    });
  }

  protected override learned(): Record<string, unknown> {
    return { target: this.#target };
  }

  protected override metadata(): ModelMetadata {
    return {};
  }

  /** @throws FormatError unless it is such as `learned` gives. */
  protected restoreTarget(target: unknown): void {
    const { mean, deviation } = (target ?? {}) as Record<string, unknown>;
    const what = `${this.kind}.load: target`;
    this.#target = { mean: savedNumber(mean, `${what}.mean`), deviation: savedNumber(deviation, `${what}.deviation`) };
  }
}

/** 1 - sum((y - f)^2) / sum((y - mean y)^2), in float64. Where all y are equal: 1 if all are met, otherwise 0. */
export function r2(predicted: ArrayLike<number>, y: ArrayLike<number>): number {
  const { mean } = spreadOf(y);
  let residual = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    residual += ((y[i] as number) - (predicted[i] as number)) ** 2;
    total += ((y[i] as number) - mean) ** 2;
  }
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}

/** Mean and deviation in float64; the deviation is 1 where all values are equal. */
function spreadOf(y: ArrayLike<number>): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += y[i] as number;
  const mean = sum / y.length;
  let squares = 0;
  for (let i = 0; i < y.length; i++) squares += ((y[i] as number) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / y.length) || 1 };
}

function checkTargets(y: ArrayLike<number>, rows: number): void {
  if (y.length !== rows) {
    throw new DataError(`y: expected one number for each of the ${rows} rows of X, got ${y.length}.`);
  }
  for (let i = 0; i < rows; i++) {
    if (!Number.isFinite(y[i])) throw new DataError(`y: row ${i} is ${y[i]}; every target must be a finite number.`);
  }
}
