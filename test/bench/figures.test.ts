import { expect, test } from "vitest";
import { summarize } from "./figures.ts";
import { interleave } from "./interleave.ts";

test("a summary is the median between the quartiles, whatever the order", () => {
  expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4, rounds: 5 });
  expect(summarize([4, 1])).toEqual({ median: 2.5, low: 1.75, high: 3.25, rounds: 2 });
  expect(summarize([7])).toEqual({ median: 7, low: 7, high: 7, rounds: 1 });
});

test("contenders take turns", async () => {
  const order: string[] = [];
  const contender = (name: string) => async () => order.push(name);
  const rounds = await interleave(2, { a: contender("a"), b: contender("b") });
  expect(order).toEqual(["a", "b", "a", "b"]);
  expect(rounds).toEqual({ a: [1, 3], b: [2, 4] });
});
