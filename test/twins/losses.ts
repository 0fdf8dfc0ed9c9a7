// Keras' losses for one row, each with its gradient with respect to the outputs.
import { vector } from "./matrix.ts";

/** The loss of a row of outputs p and targets y. */
export interface RowLoss {
  value: number;
  gradient: number[];
}
export type Loss = (p: readonly number[], y: readonly number[]) => RowLoss;

/** Keras' epsilon for clipped probabilities. */
export const clip = 1e-7;

/** Keras' Hinge on targets of +-1. At a margin of exactly 1 the maximum passes the gradient. */
function hinge(p: readonly number[], y: readonly number[]): RowLoss {
  const slack = p.map((value, c) => 1 - y[c]! * value);
  return {
    value: mean(slack.map((s) => Math.max(s, 0))),
    gradient: slack.map((s, c) => (s >= 0 ? -y[c]! / p.length : 0)),
  };
}

/** Keras' SquaredHinge on targets of +-1. */
function squaredHinge(p: readonly number[], y: readonly number[]): RowLoss {
  const slack = p.map((value, c) => Math.max(1 - y[c]! * value, 0));
  return { value: mean(slack.map((s) => s ** 2)), gradient: slack.map((s, c) => (-2 * y[c]! * s) / p.length) };
}

/** Keras' CategoricalHinge: the right class contributes 0 to the largest wrong one; equal maxima share the gradient. */
function categoricalHinge(p: readonly number[], y: readonly number[]): RowLoss {
  const wrong = p.map((value, c) => (1 - y[c]!) * value);
  const largest = Math.max(...wrong);
  const ties = wrong.filter((value) => value === largest).length;
  const margin = largest - sum(p.map((value, c) => y[c]! * value)) + 1;
  const gradient = wrong.map((value, c) => (value === largest ? (1 - y[c]!) / ties : 0) - y[c]!);
  return { value: Math.max(margin, 0), gradient: margin >= 0 ? gradient : gradient.map(() => 0) };
}

/** Keras' label smoothing: a share s of every row's targets goes to all classes alike. */
function smoothed(loss: Loss, s: number): Loss {
  return (p, y) =>
    loss(
      p,
      y.map((value) => value * (1 - s) + s / p.length),
    );
}

/** The same for targets that stand for themselves, each with a class of its own and its opposite. */
function smoothedBinary(loss: Loss, s: number): Loss {
  return (p, y) =>
    loss(
      p,
      y.map((value) => value * (1 - s) + s / 2),
    );
}

/** Keras' CategoricalCrossentropy on probabilities: p / sum p, clipped; a clipped one passes no gradient. */
function categoricalCrossentropy(p: readonly number[], y: readonly number[]): RowLoss {
  const total = sum(p);
  const q = p.map((value) => value / total);
  const dq = q.map((value, c) => (value >= clip && value <= 1 - clip ? -y[c]! / value : 0));
  const inner = sum(dq.map((d, c) => d * q[c]!));
  return {
    value: -sum(q.map((value, c) => y[c]! * Math.log(Math.min(Math.max(value, clip), 1 - clip)))),
    gradient: dq.map((d) => (d - inner) / total),
  };
}

/** Keras' CategoricalCrossentropy(from_logits=True). */
function categoricalCrossentropyLogits(p: readonly number[], y: readonly number[]): RowLoss {
  const largest = Math.max(...p);
  const exponentials = p.map((value) => Math.exp(value - largest));
  const total = sum(exponentials);
  return {
    value: -sum(p.map((value, c) => y[c]! * (value - largest - Math.log(total)))),
    gradient: exponentials.map((e, c) => (sum(y) * e) / total - y[c]!),
  };
}

/** Keras' BinaryCrossentropy on probabilities: p clipped; a clipped one passes no gradient. */
function binaryCrossentropy(p: readonly number[], y: readonly number[]): RowLoss {
  const clipped = p.map((value) => Math.min(Math.max(value, clip), 1 - clip));
  return {
    value: -mean(clipped.map((value, c) => y[c]! * Math.log(value) + (1 - y[c]!) * Math.log(1 - value))),
    gradient: p.map((value, c) => {
      const inside = value >= clip && value <= 1 - clip;
      return inside ? (value - y[c]!) / (value * (1 - value)) / p.length : 0;
    }),
  };
}

/** Keras' BinaryCrossentropy(from_logits=True). */
function binaryCrossentropyLogits(x: readonly number[], y: readonly number[]): RowLoss {
  return {
    value: mean(x.map((value, c) => Math.max(value, 0) - value * y[c]! + Math.log1p(Math.exp(-Math.abs(value))))),
    gradient: x.map((value, c) => (1 / (1 + Math.exp(-value)) - y[c]!) / x.length),
  };
}

/** Keras' Huber. */
function huber(delta: number): Loss {
  return (p, y) => {
    const errors = p.map((value, c) => value - y[c]!);
    const value = (e: number) => (Math.abs(e) <= delta ? e ** 2 / 2 : delta * Math.abs(e) - delta ** 2 / 2);
    return {
      value: mean(errors.map(value)),
      gradient: errors.map((e) => (Math.abs(e) <= delta ? e : delta * Math.sign(e)) / p.length),
    };
  };
}

/** Support vector regression's loss; with epsilon 0 Keras' MeanAbsoluteError. */
function epsilonInsensitive(epsilon: number): Loss {
  return (p, y) => {
    const errors = p.map((value, c) => value - y[c]!);
    return {
      value: mean(errors.map((e) => Math.max(Math.abs(e) - epsilon, 0))),
      gradient: errors.map((e) => (Math.abs(e) > epsilon ? Math.sign(e) / p.length : 0)),
    };
  };
}

function squaredEpsilonInsensitive(epsilon: number): Loss {
  return (p, y) => {
    const errors = p.map((value, c) => value - y[c]!);
    const beyond = errors.map((e) => Math.max(Math.abs(e) - epsilon, 0));
    return {
      value: mean(beyond.map((b) => b ** 2)),
      gradient: errors.map((e, c) => (2 * beyond[c]! * Math.sign(e)) / p.length),
    };
  };
}

function meanSquaredError(p: readonly number[], y: readonly number[]): RowLoss {
  const difference = p.map((value, c) => value - y[c]!);
  return { value: mean(difference.map((d) => d ** 2)), gradient: difference.map((d) => (2 * d) / p.length) };
}

/** Every loss, some with more than one constant. */
export const losses = {
  hinge,
  squared_hinge: squaredHinge,
  categorical_hinge: categoricalHinge,
  categorical_crossentropy: categoricalCrossentropy,
  "categorical_crossentropy smoothed": smoothed(categoricalCrossentropy, 0.1),
  categorical_crossentropy_logits: categoricalCrossentropyLogits,
  "categorical_crossentropy_logits smoothed": smoothed(categoricalCrossentropyLogits, 0.3),
  binary_crossentropy: binaryCrossentropy,
  "binary_crossentropy smoothed": smoothedBinary(binaryCrossentropy, 0.3),
  binary_crossentropy_logits: binaryCrossentropyLogits,
  "binary_crossentropy_logits smoothed": smoothedBinary(binaryCrossentropyLogits, 0.1),
  mean_squared_error: meanSquaredError,
  mean_absolute_error: epsilonInsensitive(0),
  huber: huber(1),
  "huber of 0.25": huber(0.25),
  epsilon_insensitive: epsilonInsensitive(0.1),
  "epsilon_insensitive of 0.5": epsilonInsensitive(0.5),
  squared_epsilon_insensitive: squaredEpsilonInsensitive(0.1),
} as const satisfies Record<string, Loss>;
export type LossName = keyof typeof losses;
export const lossNames = Object.keys(losses) as LossName[];

/** Losses that take their outputs as probabilities. */
export function takesProbabilities(name: LossName): boolean {
  return /^(categorical|binary)_crossentropy(?!_logits)/.test(name);
}

/** Keras' hinges turn targets into 2 y - 1 where every one of the batch is 0 or 1. */
export function signsTargets(name: LossName): boolean {
  return name === "hinge" || name === "squared_hinge";
}

export function isBinary(targets: readonly (readonly number[])[]): boolean {
  return targets.every((row) => row.every((y) => y === 0 || y === 1));
}

export function signed(y: readonly number[]): number[] {
  return y.map((value) => 2 * value - 1);
}

/** Integer labels mean the same as their one-hot form. */
export function oneHot(label: number, classes: number): number[] {
  return vector(classes, (c) => (c === label ? 1 : 0));
}

/** Keras' CategoricalAccuracy of a row: the first largest output against the first largest target. */
export function isRight(p: readonly number[], y: readonly number[]): boolean {
  return p.indexOf(Math.max(...p)) === y.indexOf(Math.max(...y));
}

/** How far a row is from the nearest point where the loss's gradient, or its slope, jumps. */
export function distanceToKink(name: LossName, p: readonly number[], y: readonly number[]): number {
  const nearest = (distance: (value: number, c: number) => number) => Math.min(...p.map(distance));
  const error = (value: number, c: number) => Math.abs(value - y[c]!);
  const toClip = (q: number) => Math.min(Math.abs(q - clip), Math.abs(1 - clip - q));
  switch (name) {
    case "hinge":
    case "squared_hinge":
      return nearest((value, c) => Math.abs(1 - y[c]! * value));
    case "categorical_hinge": {
      const wrong = p.map((value, c) => (1 - y[c]!) * value).sort((a, b) => b - a);
      const margin = wrong[0]! - sum(p.map((value, c) => y[c]! * value)) + 1;
      return Math.min(Math.abs(margin), wrong.length > 1 ? wrong[0]! - wrong[1]! : Number.POSITIVE_INFINITY);
    }
    case "categorical_crossentropy":
    case "categorical_crossentropy smoothed":
      // A single class always has probability 1, and no gradient on either side of the clip.
      return p.length > 1 ? nearest((value) => toClip(value / sum(p))) : Number.POSITIVE_INFINITY;
    case "binary_crossentropy":
    case "binary_crossentropy smoothed":
      return nearest(toClip);
    case "mean_absolute_error":
      return nearest(error);
    case "huber":
      return nearest((value, c) => Math.abs(error(value, c) - 1));
    case "huber of 0.25":
      return nearest((value, c) => Math.abs(error(value, c) - 0.25));
    case "epsilon_insensitive":
    case "squared_epsilon_insensitive":
      return nearest((value, c) => Math.abs(error(value, c) - 0.1));
    case "epsilon_insensitive of 0.5":
      return nearest((value, c) => Math.abs(error(value, c) - 0.5));
    default:
      return Number.POSITIVE_INFINITY;
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
