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

function meanSquaredError(p: readonly number[], y: readonly number[]): RowLoss {
  const difference = p.map((value, c) => value - y[c]!);
  return { value: mean(difference.map((d) => d ** 2)), gradient: difference.map((d) => (2 * d) / p.length) };
}

export const losses = {
  hinge,
  squared_hinge: squaredHinge,
  categorical_hinge: categoricalHinge,
  categorical_crossentropy: categoricalCrossentropy,
  categorical_crossentropy_logits: categoricalCrossentropyLogits,
  mean_squared_error: meanSquaredError,
} as const satisfies Record<string, Loss>;
export type LossName = keyof typeof losses;
export const lossNames = Object.keys(losses) as LossName[];

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

/** How far a row is from the nearest point where the loss's gradient, or for squared_hinge its slope, jumps. */
export function distanceToKink(name: LossName, p: readonly number[], y: readonly number[]): number {
  if (name === "hinge" || name === "squared_hinge")
    return Math.min(...p.map((value, c) => Math.abs(1 - y[c]! * value)));
  if (name === "categorical_hinge") {
    const wrong = p.map((value, c) => (1 - y[c]!) * value).sort((a, b) => b - a);
    const margin = wrong[0]! - sum(p.map((value, c) => y[c]! * value)) + 1;
    return Math.min(Math.abs(margin), wrong.length > 1 ? wrong[0]! - wrong[1]! : Number.POSITIVE_INFINITY);
  }
  // A single class always has probability 1, and no gradient on either side of the clip.
  if (name === "categorical_crossentropy" && p.length > 1) {
    const q = p.map((value) => value / sum(p));
    return Math.min(...q.map((value) => Math.min(Math.abs(value - clip), Math.abs(1 - clip - value))));
  }
  return Number.POSITIVE_INFINITY;
}

export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
