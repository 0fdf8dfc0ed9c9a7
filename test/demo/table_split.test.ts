import { expect, test } from "vitest";
import { splitRows } from "../../demo/worker/table/split.ts";

const rows = Array.from({ length: 103 }, (_, i) => 2 * i);
const classes = rows.map((_, i) => (i < 60 ? "a" : i < 100 ? "b" : i < 102 ? "c" : "alone"));
const classOf = (row: number) => classes[row / 2];

test("each row trains or tests, in the order of the table", () => {
  const { train, test: held } = splitRows(rows, 0.25, 0, classes);
  expect([...train, ...held].sort((a, b) => a - b)).toEqual(rows);
  for (const part of [train, held]) expect(part).toEqual([...part].sort((a, b) => a - b));
});

test.each([0.1, 0.25, 0.5])(
  "a share of %s of each class tests, to within a row; a class of one row trains",
  (share) => {
    for (const seed of [0, 1, 2, 3]) {
      const { test: held } = splitRows(rows, share, seed, classes);
      expect(held.length).toBe(Math.floor(102 * share));
      for (const [name, size] of [
        ["a", 60],
        ["b", 40],
        ["c", 2],
      ] as const) {
        const tests = held.filter((row) => classOf(row) === name).length;
        expect(Math.abs(tests - size * share)).toBeLessThan(1);
      }
      expect(held.some((row) => classOf(row) === "alone")).toBe(false);
    }
  },
);

test("what comes once can't be tested, wherever it falls", () => {
  for (let seed = 0; seed < 30; seed++) {
    const { test: held } = splitRows([0, 1, 2, 3], 0.5, seed, ["a", "a", "a", "alone"]);
    expect(held).toHaveLength(1);
    expect(held).not.toContain(3);
  }
});

test("a seed gives the same rows again, another others; every row's chance is alike", () => {
  expect(splitRows(rows, 0.25, 7)).toEqual(splitRows(rows, 0.25, 7));
  expect(splitRows(rows, 0.25, 7)).not.toEqual(splitRows(rows, 0.25, 8));
  const times = new Map(rows.map((row) => [row, 0]));
  for (let seed = 0; seed < 2000; seed++) {
    for (const row of splitRows(rows, 0.25, seed).test) times.set(row, times.get(row)! + 1);
  }
  // Binomial of 2,000 draws at 25/103: mean 485, deviation 19.
  for (const count of times.values()) expect(Math.abs(count - 485)).toBeLessThan(5 * 19.2);
});
