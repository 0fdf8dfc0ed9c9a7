// What a search over scales has come to so far.
import type { ScaleTrial } from "../../../src/index.ts";

/** So many scales, each as many times the one before, with three digits. */
export function geometric(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((from * (to / from) ** (i / (count - 1))).toPrecision(3)));
}

/** Adds a comparison to those before; a scale that goes on is in both. */
export function withComparison(trials: readonly ScaleTrial[], compared: readonly ScaleTrial[]): ScaleTrial[] {
  const isNew = ({ scale, epochs }: ScaleTrial) =>
    !trials.some((known) => known.scale === scale && known.epochs === epochs);
  return [...trials, ...compared.filter(isNew)];
}

/** Numbers of epochs after which scales were compared, rising. */
export function roundsOf(trials: readonly ScaleTrial[]): number[] {
  return [...new Set(trials.map(({ epochs }) => epochs))].sort((a, b) => a - b);
}

/** The accuracy of a scale after so many epochs; undefined where it was not compared then, or had diverged. */
export function accuracyOf(trials: readonly ScaleTrial[], scale: number, epochs: number): number | undefined {
  const score = trials.find((trial) => trial.scale === scale && trial.epochs === epochs)?.score;
  return score !== undefined && Number.isFinite(score) ? score : undefined;
}
