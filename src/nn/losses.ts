// Losses by Keras' names. The formulas are in shaders/losses.
import { ConfigError, checkOptions, show } from "../errors.ts";
import type { LossShader } from "./kernels/losses.ts";

/** A loss's options, as they are saved with a model, so that it is measured as it was trained. */
export interface LossConfig {
  /** True where the outputs are logits, false where they are probabilities. */
  readonly fromLogits?: boolean;
  /** Share s of a target that goes to all classes alike. */
  readonly labelSmoothing?: number;
  /** Where Huber's loss goes over from a square to a straight line. */
  readonly delta?: number;
  /** Half the width of the tube in which an error costs nothing. */
  readonly epsilon?: number;
}

/** A loss: which shader computes it, and what it asks of the targets. */
export interface Loss {
  /** Keras' name; files say so. */
  readonly name: LossName;
  /** The options it was made with and their defaults. */
  readonly config: LossConfig;
  /** @internal */
  readonly shader: LossShader;
  /** The constant of its shader: delta, epsilon or label smoothing; 0 where it has none. @internal */
  readonly constant: number;
  /** What a single output must exceed to mean class 1: 0 for margins and logits, 0.5 for the others. */
  readonly threshold: number;
}

/** A loss with its defaults, by Keras' name. */
export type LossName =
  | "hinge"
  | "squared_hinge"
  | "categorical_hinge"
  | "categorical_crossentropy"
  | "sparse_categorical_crossentropy"
  | "binary_crossentropy"
  | "mean_squared_error"
  | "mean_absolute_error"
  | "huber"
  | "epsilon_insensitive"
  | "squared_epsilon_insensitive";

/** Of the cross-entropies. Default: probabilities, not smoothed. */
export type CrossentropyOptions = Pick<LossConfig, "fromLogits" | "labelSmoothing">;

/** Losses by Keras' names and formulas, for outputs p and targets y of a row. @namespace */
export const losses = {
  /**
   * mean over outputs of max(1 - y p, 0): one-vs-all, targets -1 and 1. A minibatch whose targets are all 0 or 1 is
   * taken so, as in Keras.
   */
  hinge: (): Loss => loss("hinge", "hinge", { threshold: 0 }),

  /** mean over outputs of max(1 - y p, 0)^2, targets as of `hinge`. */
  squaredHinge: (): Loss => loss("squared_hinge", "squared_hinge", { threshold: 0 }),

  /** max(max over the wrong classes - right class + 1, 0), for one-hot rows or labels (Crammer and Singer, 2001). */
  categoricalHinge: (): Loss => loss("categorical_hinge", "categorical_hinge", { threshold: 0 }),

  /**
   * -sum over classes of y log p: softmax cross-entropy; on probabilities unless `fromLogits`.
   * `labelSmoothing` s in [0, 1] takes y (1 - s) + s / classes for y; default 0 (Szegedy et al., 2016).
   * @throws ConfigError for options out of range.
   */
  categoricalCrossentropy: (options: CrossentropyOptions = {}): Loss => {
    checkOptions(options, ["fromLogits", "labelSmoothing"], "losses.categoricalCrossentropy");
    const { fromLogits, smoothing, config } = crossentropy(options, "losses.categoricalCrossentropy");
    return loss("categorical_crossentropy", categoricalShader(fromLogits), { config, constant: smoothing });
  },

  /**
   * Categorical cross-entropy for targets that are integer labels [n].
   * @throws ConfigError for options out of range.
   */
  sparseCategoricalCrossentropy: (options: Pick<LossConfig, "fromLogits"> = {}): Loss => {
    checkOptions(options, ["fromLogits"], "losses.sparseCategoricalCrossentropy");
    const { fromLogits, config } = crossentropy(options, "losses.sparseCategoricalCrossentropy");
    return loss("sparse_categorical_crossentropy", categoricalShader(fromLogits), { config });
  },

  /**
   * mean over outputs of -(y log p + (1 - y) log(1 - p)), y in [0, 1]; on probabilities, clipped to [1e-7, 1 - 1e-7],
   * unless `fromLogits`. Targets that are all 1 or -1 are taken as 1 and 0.
   * `labelSmoothing` s in [0, 1] takes y (1 - s) + s / 2 for y; default 0.
   * @throws ConfigError for options out of range.
   */
  binaryCrossentropy: (options: CrossentropyOptions = {}): Loss => {
    checkOptions(options, ["fromLogits", "labelSmoothing"], "losses.binaryCrossentropy");
    const { fromLogits, smoothing, config } = crossentropy(options, "losses.binaryCrossentropy");
    const shader = fromLogits ? "binary_crossentropy_logits" : "binary_crossentropy";
    return loss("binary_crossentropy", shader, { config, constant: smoothing, threshold: fromLogits ? 0 : 0.5 });
  },

  /** mean over outputs of (p - y)^2. */
  meanSquaredError: (): Loss => loss("mean_squared_error", "mean_squared_error"),

  /** mean over outputs of |p - y|; no gradient where p = y. */
  meanAbsoluteError: (): Loss => loss("mean_absolute_error", "epsilon_insensitive"),

  /**
   * mean over outputs of e^2 / 2 where |e| <= delta and delta |e| - delta^2 / 2 beyond, e = p - y (Huber, "Robust
   * estimation of a location parameter", 1964).
   * @param options.delta in units of the targets, above 0. Default 1.
   * @throws ConfigError for options out of range.
   */
  huber: (options: Pick<LossConfig, "delta"> = {}): Loss => {
    checkOptions(options, ["delta"], "losses.huber");
    const { delta = 1 } = options;
    const fits = Number.isFinite(delta) && delta > 0;
    if (!fits) throw new ConfigError(`losses.huber: delta must be a positive number, got ${show(delta)}.`);
    return loss("huber", "huber", { config: { delta }, constant: delta });
  },

  /**
   * mean over outputs of max(|p - y| - epsilon, 0): support vector regression (Vapnik, "The Nature of Statistical
   * Learning Theory", section 6.1).
   * @param options.epsilon in units of the targets, at least 0. Default 0.1.
   * @throws ConfigError for options out of range.
   */
  epsilonInsensitive: (options: Pick<LossConfig, "epsilon"> = {}): Loss => {
    const epsilon = tube(options, "losses.epsilonInsensitive");
    return loss("epsilon_insensitive", "epsilon_insensitive", { config: { epsilon }, constant: epsilon });
  },

  /**
   * mean over outputs of max(|p - y| - epsilon, 0)^2.
   * @param options.epsilon in units of the targets, at least 0. Default 0.1.
   * @throws ConfigError for options out of range.
   */
  squaredEpsilonInsensitive: (options: Pick<LossConfig, "epsilon"> = {}): Loss => {
    const epsilon = tube(options, "losses.squaredEpsilonInsensitive");
    const shader = "squared_epsilon_insensitive";
    return loss("squared_epsilon_insensitive", shader, { config: { epsilon }, constant: epsilon });
  },
};

const byName: Record<LossName, (options?: LossConfig) => Loss> = {
  hinge: withoutOptions(losses.hinge),
  squared_hinge: withoutOptions(losses.squaredHinge),
  categorical_hinge: withoutOptions(losses.categoricalHinge),
  categorical_crossentropy: losses.categoricalCrossentropy,
  sparse_categorical_crossentropy: losses.sparseCategoricalCrossentropy,
  binary_crossentropy: losses.binaryCrossentropy,
  mean_squared_error: withoutOptions(losses.meanSquaredError),
  mean_absolute_error: withoutOptions(losses.meanAbsoluteError),
  huber: losses.huber,
  epsilon_insensitive: losses.epsilonInsensitive,
  squared_epsilon_insensitive: losses.squaredEpsilonInsensitive,
};
/** The names of all losses, those that tell classes apart first. */
export const lossNames = Object.keys(byName) as LossName[];
const regressionLosses = lossNames.slice(lossNames.indexOf("mean_squared_error"));

/** True for losses whose targets are numbers, not classes. */
export function isRegression(name: LossName): boolean {
  return regressionLosses.includes(name);
}

/**
 * A loss by its name, with the options given.
 * @throws ConfigError with the names there are, or for options that the loss does not have.
 */
export function lossOf(given: LossName | string | Loss, config: LossConfig = {}): Loss {
  return typeof given === "object" && given !== null ? given : namedLoss(given, config);
}

function namedLoss(name: string, config: LossConfig): Loss {
  if (!lossNames.includes(name as LossName)) {
    throw new ConfigError(`Unknown loss ${JSON.stringify(name)}. Known: ${lossNames.join(", ")}.`);
  }
  return byName[name as LossName](config);
}

/** A loss as a saved model names it: its name beside its options. */
export interface SavedLoss extends LossConfig {
  /** Its name. */
  readonly loss?: LossName;
}
/** The keys of SavedLoss. */
export const savedLossKeys = ["loss", "fromLogits", "labelSmoothing", "delta", "epsilon"] as const;

/**
 * The loss that a saved model was compiled with, from its metadata; undefined where that names none.
 * @throws ConfigError for an unknown name, or for options that the loss does not have.
 */
export function savedLoss(saved: SavedLoss): Loss | undefined {
  const given = savedLossKeys.flatMap((key) => (saved[key] === undefined ? [] : [[key, saved[key]] as const]));
  const { loss: name, ...config }: SavedLoss = Object.fromEntries(given);
  if (name !== undefined) return namedLoss(name, config);
  checkOptions(config, [], "metadata without a loss");
  return undefined;
}

function loss(
  name: LossName,
  shader: LossShader,
  { config = {}, constant = 0, threshold = 0.5 }: Partial<Pick<Loss, "config" | "constant" | "threshold">> = {},
): Loss {
  return { name, config, shader, constant, threshold };
}

function withoutOptions(make: () => Loss): (options?: LossConfig) => Loss {
  return (options = {}) => {
    const made = make();
    checkOptions(options, [], `the loss ${made.name}`);
    return made;
  };
}

function categoricalShader(fromLogits: boolean): LossShader {
  return fromLogits ? "categorical_crossentropy_logits" : "categorical_crossentropy";
}

function crossentropy({ fromLogits = false, labelSmoothing: smoothing = 0 }: CrossentropyOptions, what: string) {
  if (typeof fromLogits !== "boolean") {
    throw new ConfigError(`${what}: fromLogits must be true or false, got ${show(fromLogits)}.`);
  }
  if (!(typeof smoothing === "number" && smoothing >= 0 && smoothing <= 1)) {
    throw new ConfigError(`${what}: labelSmoothing must be a number from 0 to 1, got ${show(smoothing)}.`);
  }
  // Left out where there is none, so that files say no more than they must.
  const config: LossConfig = { fromLogits, ...(smoothing > 0 && { labelSmoothing: smoothing }) };
  return { fromLogits, smoothing, config };
}

function tube(options: Pick<LossConfig, "epsilon">, what: string): number {
  checkOptions(options, ["epsilon"], what);
  const { epsilon = 0.1 } = options;
  const fits = Number.isFinite(epsilon) && epsilon >= 0;
  if (!fits) throw new ConfigError(`${what}: epsilon must be a number of at least 0, got ${show(epsilon)}.`);
  return epsilon;
}
