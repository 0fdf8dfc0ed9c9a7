import { describe, expect, it } from "vitest";
import { splitPoint } from "../../src/data/split.ts";

const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("splitPoint", () => {
  // floor(n (1 - split)) in float64, as Keras computes it: 10 (1 - 0.9) is 0.99..., 100 (1 - 0.29) is 71.
  it.each([
    [60000, 0.2, 48000],
    [10, 0.25, 7],
    [10, 0.3, 7],
    [3, 0.5, 1],
    [100, 0.29, 71],
    [10, 0.001, 9],
    [20, 0.9, 1],
  ])("of %d rows at %d is %d", (rows, split, point) => {
    expect(splitPoint(rows, split)).toBe(point);
  });

  it.each([1, 1.5, 0, -0.1, Number.NaN])("refuses a split of %d", (split) => {
    expect(() => splitPoint(10, split)).toThrow(error("config", /validationSplit must be above 0 and below 1, got/));
  });

  it.each([
    [1, 0.5, "training"],
    [10, 0.9, "training"],
    [10, 0.99, "training"],
    [10, 1e-17, "validation"],
  ])("of %d rows at %d leaves no rows for %s", (rows, split, side) => {
    expect(() => splitPoint(rows, split)).toThrow(error("data", new RegExp(`leaves no rows for ${side}`)));
  });
});
