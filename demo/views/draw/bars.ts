// Scores as lengths of bars.
import type { LossName } from "../../../src/index.ts";

/** What the bars of a model's scores show: a fixed range, so that they can be compared while they move. */
export interface Bars {
  readonly unit: "score" | "probability";
  readonly min: number;
  readonly max: number;
}

/** Softmax cross-entropy learns logits, which say more as probabilities; the other losses' targets lie within 1 of 0. */
export function barsOf(loss: LossName): Bars {
  return loss === "categorical_crossentropy"
    ? { unit: "probability", min: 0, max: 1 }
    : { unit: "score", min: -2, max: 2 };
}

/** What is shown of outputs: themselves, or their softmax. */
export function shownScores(outputs: ArrayLike<number>, { unit }: Bars): number[] {
  const all = Array.from(outputs);
  if (unit === "score") return all;
  const largest = Math.max(...all);
  const powers = all.map((output) => Math.exp(output - largest)); // no power exceeds 1
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Where a bar begins and how long it is, in shares of the range; what exceeds the range is cut. */
export function barOf(score: number, { min, max }: Bars): { start: number; length: number } {
  const share = (value: number) => (Math.min(Math.max(value, min), max) - min) / (max - min);
  const zero = share(0);
  const end = share(score);
  return { start: Math.min(zero, end), length: Math.abs(end - zero) };
}
