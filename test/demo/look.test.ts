import { expect, test } from "vitest";
import { passing } from "../../demo/views/look/filter.ts";
import { accuracyOf, accuracyRange, geometric, roundsOf, withComparison } from "../../demo/views/look/trials.ts";
import { inWords } from "../../demo/views/look/words.ts";
import { ranked } from "../../demo/worker/ranking.ts";

/** Scores of a row: `values` at the classes given, -1 elsewhere. */
const row = (values: Record<number, number>) => Array.from({ length: 10 }, (_, digit) => values[digit] ?? -1);

const labels = Uint8Array.of(4, 4, 7, 0);
const scores = Float32Array.from([
  ...row({ 4: 1, 9: 0.5 }), // right, by .5
  ...row({ 4: 0.25, 9: 1.25 }), // wrong, by 1
  ...row({ 7: 0.25, 1: 0.5 }), // wrong, by .25
  ...row({ 0: 2 }), // right, by 3
]);

test("mistakes come first, the most confident before; then the right ones, the surest last", () => {
  const { predicted, order } = ranked(scores, labels);
  expect([...predicted]).toEqual([4, 9, 1, 0]);
  expect([...order]).toEqual([1, 2, 0, 3]);
});

test("a filter lets mistakes, a digit or a pair pass, in that order", () => {
  const report = { labels, ...ranked(scores, labels) };
  const any = { label: undefined, taken: undefined };
  expect([...passing(report, { which: "mistakes", ...any })]).toEqual([1, 2]);
  expect([...passing(report, { which: "all", ...any })]).toEqual([1, 2, 0, 3]);
  expect([...passing(report, { which: "all", label: 4, taken: undefined })]).toEqual([1, 0]);
  expect([...passing(report, { which: "all", label: 4, taken: 4 })]).toEqual([0]);
  expect([...passing(report, { which: "mistakes", label: 4, taken: 4 })]).toEqual([]);
});

test("a digit in words", () => {
  expect(inWords(4, scores.subarray(10, 20))).toBe("4 taken for 9, score 1.25 against .25");
  expect(inWords(4, scores.subarray(0, 10))).toBe("4 taken for 4, score 1.00 against .50 of 9");
  expect(inWords(0, scores.subarray(30, 40))).toBe("0 taken for 0, score 2.00 against -1.00 of 1");
});

test("scales a factor apart", () => {
  expect(geometric(2, 20, 8)).toEqual([2, 2.78, 3.86, 5.37, 7.46, 10.4, 14.4, 20]);
});

test("comparisons of a search, round by round", () => {
  const trial = (scale: number, epochs: number, score: number) => ({
    scale,
    epochs,
    score,
    lambda: 0,
    evaluation: undefined,
  });
  const first = withComparison([], [trial(4, 1, 0.9), trial(2, 1, 0.8), trial(8, 1, Number.NEGATIVE_INFINITY)]);
  // A comparison names those that have left, too, as they were.
  const second = withComparison(first, [trial(4, 2, 0.95), trial(2, 1, 0.8)]);
  expect(second.length).toBe(4);
  expect(roundsOf(second)).toEqual([1, 2]);
  expect(accuracyOf(second, 4, 1)).toBe(0.9);
  expect(accuracyOf(second, 4, 2)).toBe(0.95);
  expect(accuracyOf(second, 2, 2)).toBe(undefined);
  expect(accuracyOf(second, 8, 1)).toBe(undefined);
});

test("a chart of accuracies shows all in twentieths, or the best .3", () => {
  const trials = (...scores: number[]) =>
    scores.map((score, scale) => ({ scale, epochs: 1, score, lambda: 0, evaluation: undefined }));
  expect(accuracyRange(trials(0.81, 0.93))).toEqual([0.8, 0.95]);
  expect(accuracyRange(trials(0.1, 0.92, Number.NEGATIVE_INFINITY))).toEqual([0.6, 0.95]);
  expect(accuracyRange([])).toEqual([0, 1]);
});
