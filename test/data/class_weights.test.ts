import { describe, expect, it } from "vitest";
import { classWeights, type LabelWeights } from "../../src/data/class_weights.ts";
import { toTargets } from "../../src/data/targets.ts";

const labels = toTargets([2, 0, 1, 2], 4, 3, "y");
const oneHot = toTargets(
  [
    [0, 0, 1],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  4,
  3,
  "y",
);

describe("classWeights", () => {
  it.each<[string, LabelWeights]>([
    ["by label", { 0: 0.5, 1: 2, 2: 3 }],
    ["in a list", [0.5, 2, 3]],
  ])("are those of the rows' labels, %s", (_, given) => {
    for (const targets of [labels, oneHot]) expect([...classWeights(targets, given)]).toEqual([3, 0.5, 2, 3]);
  });

  it("multiply the rows' own, in float32", () => {
    const own = Float32Array.of(0.1, 1, 0, 7);
    expect([...classWeights(labels, [1, 1, 0.3], own)]).toEqual([
      Math.fround(0.3 * Math.fround(0.1)),
      1,
      0,
      Math.fround(2.1),
    ]);
  });

  it("are of the whole numbers of a single output", () => {
    expect([...classWeights(toTargets([-1, 1, 1], 3, 1, "y"), { "-1": 2, 1: 0.5 })]).toEqual([2, 0.5, 0.5]);
  });

  it.each<[string, Parameters<typeof classWeights>, string, RegExp]>([
    ["a class without a weight", [labels, [1, 1]], "data", /row 0 is of class 2, which has no weight; .* for 0, 1/],
    [
      "soft targets",
      [toTargets([[0.5, 0.5]], 1, 2, "y"), [1, 1]],
      "data",
      /row 0 are \[0\.5, 0\.5\]; only labels and one-hot/,
    ],
    [
      "two ones",
      [
        toTargets(
          [
            [1, 0],
            [1, 1],
          ],
          2,
          2,
          "y",
        ),
        [1, 1],
      ],
      "data",
      /row 1 are \[1, 1\]/,
    ],
    ["no class", [toTargets([[0, 0]], 1, 2, "y"), [1, 1]], "data", /row 0 are \[0, 0\]/],
    ["a real number", [toTargets([0.5], 1, 1, "y"), [1, 1]], "data", /row 0 has the target 0\.5/],
    ["an infinite weight", [labels, [1, 1, Number.POSITIVE_INFINITY]], "config", /got Infinity for 2/],
    ["a name", [labels, { cat: 1 } as never], "config", /whole-numbered label, got 1 for NaN/],
    ["a number", [labels, 3 as never], "config", /expected \{ label: weight \} or a list of weights, got 3/],
  ])("refuse %s", (_, given, code, message) => {
    expect(() => classWeights(...given)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
