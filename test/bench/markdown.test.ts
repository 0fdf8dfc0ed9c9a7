import { expect, test } from "vitest";
import type { Figure, Missing, Results } from "./figures.ts";
import { cell, tables } from "./markdown.ts";

function figure(name: string, median: number, more: Partial<Figure> = {}): Figure {
  return { section: "step", name, unit: "ms", median, low: median, high: median, rounds: 1, ...more };
}

const absent: Missing = { section: "step", name: "wide", missing: "no a|b here" };

const results: Results = {
  version: "1.2.3",
  date: "2030-01-02",
  cores: 2,
  processor: "a processor",
  quick: false,
  adapters: [
    { adapter: "A", isSoftware: true, runtime: "Deno 2.0", figures: [figure("step", 3.4567), absent] },
    { adapter: "B", isSoftware: false, runtime: "Node 20.19", figures: [figure("step", 2, { note: "hot" })] },
    { adapter: "C", isSoftware: false, runtime: "Chrome 147", figures: [figure("peak", 9, { section: "roofline" })] },
  ],
};

test("a cell has three digits, a unit, and the spread of several rounds", () => {
  expect(cell(figure("", 3.4567))).toBe("3.46 ms");
  expect(cell(figure("", 3, { low: 2.5, high: 4, rounds: 5 }))).toBe("3 ms (2.5 to 4)");
  expect(cell(figure("", 12345.6, { unit: "x" }))).toBe("12,346 x");
  expect(cell(figure("", 0.000012, { unit: "" }))).toBe("1.2e-5");
  expect(cell(absent)).toBe("not measured: no a|b here");
});

test("a table has a column for each adapter that measured its section", () => {
  const [head, roofline, step, ...rest] = tables(results).split("\n\n");
  expect(head).toBe(
    "quasi-svm 1.2.3 on 2030-01-02, 2 cores (a processor); A (software) in Deno 2.0; B in Node 20.19; C in Chrome 147. " +
      "Medians, with the quartiles of interleaved rounds in brackets.",
  );
  expect(roofline).toBe("| What the adapter can do | C, Chrome |\n| --- | --- |\n| peak | 9 ms |");
  expect(step?.split("\n").slice(1)).toEqual([
    "| --- | --- | --- |",
    "| step (hot) | 3.46 ms | 2 ms |",
    "| wide | not measured: no a\\|b here |  |",
  ]);
  expect(rest).toEqual([]);
});
