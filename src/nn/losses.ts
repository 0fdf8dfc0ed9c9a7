// Losses by Keras' names. The formulas are in shaders/losses.
import { ConfigError } from "../errors.ts";
import type { LossShader } from "./kernels/losses.ts";

/** A loss: which shader computes it, and what it asks of the targets. */
export interface Loss {
  readonly name: LossName;
  readonly fromLogits?: boolean;
  readonly shader: LossShader;
  /** True for hinges of +-1 targets: 0/1 targets of a whole minibatch are turned into -1/1. */
  readonly signsTargets: boolean;
}

export type LossName =
  | "hinge"
  | "squared_hinge"
  | "categorical_hinge"
  | "categorical_crossentropy"
  | "mean_squared_error";

export const losses = {
  /** mean over outputs of max(1 - y p, 0): one-vs-all. */
  hinge: (): Loss => ({ name: "hinge", shader: "hinge", signsTargets: true }),
  /** mean over outputs of max(1 - y p, 0)^2. */
  squaredHinge: (): Loss => ({ name: "squared_hinge", shader: "squared_hinge", signsTargets: true }),
  /** max(max over the wrong classes - right class + 1, 0). */
  categoricalHinge: (): Loss => ({ name: "categorical_hinge", shader: "categorical_hinge", signsTargets: false }),
  /** Softmax cross-entropy; on probabilities unless `fromLogits`. */
  categoricalCrossentropy: ({ fromLogits = false }: { fromLogits?: boolean } = {}): Loss => ({
    name: "categorical_crossentropy",
    fromLogits,
    shader: fromLogits ? "categorical_crossentropy_logits" : "categorical_crossentropy",
    signsTargets: false,
  }),
  /** mean over outputs of (p - y)^2. */
  meanSquaredError: (): Loss => ({ name: "mean_squared_error", shader: "mean_squared_error", signsTargets: false }),
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
