// Losses by Keras' names. The formulas are in shaders/losses.
import { ConfigError, checkOptions } from "../errors.ts";
import type { LossShader } from "./kernels/losses.ts";

/** A loss: which shader computes it, and what it asks of the targets. */
export interface Loss {
  readonly name: LossName;
  /** Saved with the model, so that it is measured as it was trained. */
  readonly fromLogits?: boolean;
  readonly shader: LossShader;
}

export type LossName =
  | "hinge"
  | "squared_hinge"
  | "categorical_hinge"
  | "categorical_crossentropy"
  | "mean_squared_error";

export const losses = {
  /** mean over outputs of max(1 - y p, 0): one-vs-all. */
  hinge: (): Loss => ({ name: "hinge", shader: "hinge" }),
  /** mean over outputs of max(1 - y p, 0)^2. */
  squaredHinge: (): Loss => ({ name: "squared_hinge", shader: "squared_hinge" }),
  /** max(max over the wrong classes - right class + 1, 0). */
  categoricalHinge: (): Loss => ({ name: "categorical_hinge", shader: "categorical_hinge" }),
  /** Softmax cross-entropy; on probabilities unless `fromLogits`. */
  categoricalCrossentropy: (options: { fromLogits?: boolean } = {}): Loss => {
    checkOptions(options, ["fromLogits"], "losses.categoricalCrossentropy");
    const { fromLogits = false } = options;
    const shader = fromLogits ? "categorical_crossentropy_logits" : "categorical_crossentropy";
    return { name: "categorical_crossentropy", fromLogits, shader };
  },
  /** mean over outputs of (p - y)^2. */
  meanSquaredError: (): Loss => ({ name: "mean_squared_error", shader: "mean_squared_error" }),
};

const byName: Record<LossName, () => Loss> = {
  hinge: losses.hinge,
  squared_hinge: losses.squaredHinge,
  categorical_hinge: losses.categoricalHinge,
  categorical_crossentropy: losses.categoricalCrossentropy,
  mean_squared_error: losses.meanSquaredError,
};
export const lossNames = Object.keys(byName) as LossName[];

/** @throws ConfigError with the names there are. */
export function lossOf(given: LossName | string | Loss): Loss {
  if (typeof given === "object" && given !== null) return given;
  if (!Object.hasOwn(byName, given)) {
    throw new ConfigError(`Unknown loss ${JSON.stringify(given)}. Known: ${lossNames.join(", ")}.`);
  }
  return byName[given as LossName]();
}
