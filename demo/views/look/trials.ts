// What a search over scales has come to so far.
import type { ScaleTrial } from "../../../src/index.ts";

/** What is worse than the best by more than this is below the chart. */
const shownDrop = 0.3;

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

/** Accuracies that a chart shows, in whole twentieths: all of them or, where they lie far apart, the best. */
export function accuracyRange(trials: readonly ScaleTrial[]): [low: number, high: number] {
  const scores = trials.map(({ score }) => score).filter(Number.isFinite);
  if (scores.length === 0) return [0, 1];
  const high = Math.max(...scores);
  const low = Math.max(Math.min(...scores), high - shownDrop);
  return [Math.floor(20 * low) / 20, Math.ceil(20 * high) / 20];
}

/** The accuracy of a scale after so many epochs; undefined where it was not compared then, or had diverged. */
export function accuracyOf(trials: readonly ScaleTrial[], scale: number, epochs: number): number | undefined {
  const score = trials.find((trial) => trial.scale === scale && trial.epochs === epochs)?.score;
  return score !== undefined && Number.isFinite(score) ? score : undefined;
}
