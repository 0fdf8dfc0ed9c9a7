// Scores as lengths of bars.
import type { LossName } from "../../../src/index.ts";

/** What the bars of a model's scores show: a fixed range, so that they can be compared while they move. */
export interface Bars {
  readonly unit: "score" | "probability";
  readonly min: number;
  readonly max: number;
  /** Where the bars begin, and further values that have a line. */
  readonly marks: readonly number[];
  /** Where a value lies, in shares of the range. */
  place(value: number): number;
}

/** A hinge is content with 1 and scores grow on; the square root shows 1 as well as 10. */
const scores: Bars = {
  unit: "score",
  min: -16,
  max: 16,
  marks: [0, -9, -4, -1, 1, 4, 9],
  place: (value) => (1 + Math.sign(value) * Math.sqrt(Math.abs(value) / 16)) / 2,
};

const probabilities: Bars = {
  unit: "probability",
  min: 0,
  max: 1,
  marks: [0, 0.25, 0.5, 0.75],
  place: (value) => value,
};

/** Softmax cross-entropy learns logits, which say more as probabilities. */
export function barsOf(loss: LossName): Bars {
  return loss === "categorical_crossentropy" ? probabilities : scores;
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

/** Where the bar of a score begins and how long it is, in shares of the range; what exceeds the range is cut. */
export function barOf(score: number, { min, max, place }: Bars): { start: number; length: number } {
  const zero = place(0);
  const end = place(Math.min(Math.max(score, min), max));
  return { start: Math.min(zero, end), length: Math.abs(end - zero) };
}
