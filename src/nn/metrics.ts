// Metrics by Keras' names. What each gives for a row is in shaders/metrics.wgsl; sample weights do not weigh it.
import { ConfigError, checkOptions, show } from "../errors.ts";
import { type MetricKind, mostMetrics, type RowMetric } from "./kernels/losses.ts";
import type { Loss } from "./losses.ts";

/** A metric as it is asked for; "accuracy" becomes another kind when a model is compiled. */
export interface Metric {
  /** Key in the history; validation's has "val_" before it. */
  readonly name: string;
  /** @internal */
  readonly kind: MetricKind | "accuracy";
  /** The constant of its kind: a threshold, or k. */
  readonly option?: number;
  /** The only form of targets that it takes, where it does not take both. */
  readonly targets?: "labels" | "values";
}

/** A metric of a compiled model. */
export interface CompiledMetric extends RowMetric, Pick<Metric, "name" | "targets"> {}

/** What every metric takes. */
export interface MetricOptions {
  /** Key in the history. Default: Keras' name of the metric. */
  name?: string;
}

/**
 * Metrics by Keras' names, for outputs p and targets y: means over rows.
 * @throws ConfigError for an unknown option.
 * @namespace
 */
export const metrics = {
  /**
   * Keras' "accuracy": binaryAccuracy for a model with one output, categoricalAccuracy for others. A single output means
   * class 1 above 0.5 or, where the loss takes margins or logits, above 0 (Keras: 0.5 always).
   */
  accuracy: (options: MetricOptions = {}): Metric => ({ name: named(options, "accuracy"), kind: "accuracy" }),

  /**
   * The share of outputs on their target's side: above the threshold where the target is above 0.5, so targets are 0 and 1
   * or -1 and 1.
   * @param options.threshold Default 0.5.
   * @throws ConfigError for a threshold that is not a finite number.
   */
  binaryAccuracy: (options: MetricOptions & { threshold?: number } = {}): Metric => {
    const name = named(options, "binary_accuracy", "threshold");
    const { threshold = 0.5 } = options;
    if (!Number.isFinite(threshold)) {
      throw new ConfigError(`metrics.binaryAccuracy: threshold must be a finite number, got ${show(threshold)}.`);
    }
    return { name, kind: "binary_accuracy", option: threshold };
  },

  /** The share of rows whose largest output stands where the largest target does; the first of equal ones counts. */
  categoricalAccuracy: (options: MetricOptions = {}): Metric => ({
    name: named(options, "categorical_accuracy"),
    kind: "categorical_accuracy",
  }),

  /** The same for targets that are integer labels [n]. */
  sparseCategoricalAccuracy: (options: MetricOptions = {}): Metric => ({
    name: named(options, "sparse_categorical_accuracy"),
    kind: "categorical_accuracy",
    targets: "labels",
  }),

  /**
   * The share of rows with fewer than k outputs above that of the right class.
   * @param options.k Default 5.
   * @throws ConfigError unless k is a positive whole number.
   */
  topKCategoricalAccuracy: (options: MetricOptions & { k?: number } = {}): Metric => {
    const name = named(options, "top_k_categorical_accuracy", "k");
    const { k = 5 } = options;
    if (!(Number.isInteger(k) && k > 0)) {
      throw new ConfigError(`metrics.topKCategoricalAccuracy: k must be a positive whole number, got ${show(k)}.`);
    }
    return { name, kind: "top_k_accuracy", option: k };
  },

  /** mean over outputs of max(1 - y p, 0). */
  hinge: (options: MetricOptions = {}): Metric => ({ name: named(options, "hinge"), kind: "hinge" }),

  /** mean over outputs of (p - y)^2, in squared units of the targets. */
  meanSquaredError: (options: MetricOptions = {}): Metric => ({
    name: named(options, "mean_squared_error"),
    kind: "squared_error",
  }),

  /** mean over outputs of |p - y|, in units of the targets. */
  meanAbsoluteError: (options: MetricOptions = {}): Metric => ({
    name: named(options, "mean_absolute_error"),
    kind: "absolute_error",
  }),

  /**
   * The coefficient of determination: 1 - sum (p - y)^2 / sum (y - mean y)^2 over all rows, its mean over outputs. An
   * output whose targets are all equal counts 0, as in Keras. The variance is that of all rows
   * of an epoch; where rows come block by block, that of each block.
   */
  r2Score: (options: MetricOptions = {}): Metric => ({
    name: named(options, "r2_score"),
    kind: "r2_score",
    targets: "values",
  }),
};

const byName: Record<string, (options: MetricOptions) => Metric> = {
  acc: metrics.accuracy,
  accuracy: metrics.accuracy,
  binary_accuracy: metrics.binaryAccuracy,
  categorical_accuracy: metrics.categoricalAccuracy,
  sparse_categorical_accuracy: metrics.sparseCategoricalAccuracy,
  top_k_categorical_accuracy: metrics.topKCategoricalAccuracy,
  hinge: metrics.hinge,
  mean_squared_error: metrics.meanSquaredError,
  mse: metrics.meanSquaredError,
  mean_absolute_error: metrics.meanAbsoluteError,
  mae: metrics.meanAbsoluteError,
  r2_score: metrics.r2Score,
};

/** A metric by its name, which stays its key in the history. @throws ConfigError with the names there are. */
export function metricOf(given: string | Metric): Metric {
  if (typeof given === "object" && given !== null) return given;
  if (!Object.hasOwn(byName, given)) {
    throw new ConfigError(`Unknown metric ${JSON.stringify(given)}. Known: ${Object.keys(byName).join(", ")}.`);
  }
  return (byName[given] as (options: MetricOptions) => Metric)({ name: given });
}

/**
 * The metrics of a model with this loss and so many outputs; "accuracy" is chosen by them.
 * @throws ConfigError for an unknown metric, one that the outputs do not suit, a name that stands twice, or too many.
 */
export function compileMetrics(given: readonly (string | Metric)[], loss: Loss, outputs: number): CompiledMetric[] {
  const most = mostMetrics - 1; // one is left for the predicted class
  if (given.length > most) throw new ConfigError(`A model has at most ${most} metrics, got ${given.length}.`);
  const names = new Set(["loss"]);
  return given.map(metricOf).map(({ name, kind, option = 0, targets }) => {
    if (names.has(name)) throw new ConfigError(`Two metrics are called "${name}"; give one another name.`);
    names.add(name);
    if (kind === "accuracy") {
      return outputs === 1
        ? { name, kind: "binary_accuracy", option: loss.threshold, targets }
        : { name, kind: "categorical_accuracy", option, targets };
    }
    if (outputs === 1 && ofSeveral.includes(kind)) {
      throw new ConfigError(
        `The metric "${name}" needs a model with at least 2 outputs; this one has 1. Use "accuracy".`,
      );
    }
    return { name, kind, option, targets };
  });
}

/** What `evaluate` measures for its report; a single output means class 1 above the loss's threshold. */
export function predictedClass({ threshold }: Loss): RowMetric {
  return { kind: "predicted_class", option: threshold };
}

const ofSeveral: readonly MetricKind[] = ["categorical_accuracy", "top_k_accuracy"];

function named(options: MetricOptions, name: string, ...others: string[]): string {
  checkOptions(options, ["name", ...others], `the metric ${name}`);
  return options.name ?? name;
}
