import { expect, test } from "vitest";
import { winnerOf } from "../../demo/scores.ts";
import { decimals } from "../../demo/ui/numbers.ts";
import { barOf, barsOf, shownScores } from "../../demo/views/draw/bars.ts";
import { latestWins } from "../../demo/views/draw/latest.ts";

test("of questions that come before an answer, only the last is asked", async () => {
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const ask = latestWins(async (question: number) => {
    asked.push(question);
    await new Promise<void>((resolve) => answers.push(resolve));
  });
  for (const question of [1, 2, 3]) ask(question);
  expect(asked).toEqual([1]);
  answers.shift()?.();
  await settled();
  expect(asked).toEqual([1, 3]);
  answers.shift()?.();
  await settled();
  ask(4);
  expect(asked).toEqual([1, 3, 4]);
});

test("bars reach from 0 to the score and end with the range", () => {
  const bars = barsOf("hinge");
  expect(barOf(1, bars)).toEqual({ start: 0.5, length: 0.125 });
  expect(barOf(4, bars)).toEqual({ start: 0.5, length: 0.25 });
  expect(barOf(-9, bars)).toEqual({ start: 0.125, length: 0.375 });
  expect(barOf(70, bars)).toEqual({ start: 0.5, length: 0.5 });
  expect(barOf(0.25, barsOf("categorical_crossentropy"))).toEqual({ start: 0, length: 0.25 });
});

test("logits are shown as their softmax, others as they are", () => {
  const bars = barsOf("categorical_crossentropy");
  expect(shownScores([0, Math.log(3)], bars).map((p) => Number(p.toFixed(12)))).toEqual([0.25, 0.75]);
  expect(shownScores([1000, 1000], bars)).toEqual([0.5, 0.5]);
  expect(shownScores(Float32Array.of(0.5, -2), barsOf("squared_hinge"))).toEqual([0.5, -2]);
});

test("the highest score wins, the first of equal ones; numbers have no 0 before the point", () => {
  expect(winnerOf([0, 2, 1, 2])).toBe(1);
  expect([decimals(0.31, 2), decimals(-0.8, 2), decimals(1.2, 2), decimals(10.04, 1)]).toEqual([
    ".31",
    "-.80",
    "1.20",
    "10.0",
  ]);
});

const settled = () => new Promise((resolve) => setTimeout(resolve));
