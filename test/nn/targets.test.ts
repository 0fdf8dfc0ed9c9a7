// What losses and metrics ask of targets.
import { describe, expect, it } from "vitest";
import { toTargets } from "../../src/data/targets.ts";
import { lossOf } from "../../src/nn/losses.ts";
import { compileMetrics } from "../../src/nn/metrics.ts";
import { targetsFor } from "../../src/nn/targets.ts";

const compiled = (name: string, metrics: string[] = [], outputs = 2) => {
  const loss = lossOf(name);
  return { loss, metrics: compileMetrics(metrics, loss, outputs) };
};
const labels = toTargets([1, 0, 1], 3, 2, "y");
const values = toTargets(
  [
    [0, 1],
    [1, 0],
    [0.5, 0.5],
  ],
  3,
  2,
  "y",
);
const list = (given: number[]) => toTargets(given, given.length, 1, "y");
const dataError = (message: RegExp) =>
  expect.objectContaining({ code: "data", message: expect.stringMatching(message) });

describe("targetsFor", () => {
  it("leaves targets as they are where nobody asks for more", () => {
    for (const targets of [labels, values]) {
      for (const name of ["hinge", "categorical_crossentropy", "binary_crossentropy", "huber"]) {
        expect(targetsFor(compiled(name, ["acc", "mse"]), targets, "y")).toEqual(targets);
      }
    }
    const regression = list([-3, 0.5, 1e6]);
    expect(targetsFor(compiled("mean_squared_error", ["r2_score"], 1), regression, "y")).toBe(regression);
  });

  it("takes -1 and 1 for 0 and 1 under binary cross-entropy", () => {
    const { loss, metrics } = compiled("binary_crossentropy", [], 1);
    expect(targetsFor({ loss, metrics }, list([-1, 1, -1]), "y")).toEqual(list([0, 1, 0]));
    expect(targetsFor({ loss, metrics }, list([1, 1]), "y")).toEqual(list([1, 1]));
    expect(targetsFor({ loss, metrics }, list([0, 1, 0.25]), "y")).toEqual(list([0, 1, 0.25]));
    expect(targetsFor(compiled("hinge", [], 1), list([-1, 1]), "y")).toEqual(list([-1, 1]));
  });

  it.each([
    [
      "values under sparse cross-entropy",
      "sparse_categorical_crossentropy",
      [],
      values,
      /^y: the loss sparse_.* got values/,
    ],
    [
      "values under sparse accuracy",
      "hinge",
      ["sparse_categorical_accuracy"],
      values,
      /^y: the metric sparse_.* got values/,
    ],
    ["labels under R2", "hinge", ["mse", "r2_score"], labels, /^y: the metric r2_score takes values, .* got labels/],
  ] as const)("refuses %s", (_, loss, metrics, targets, message) => {
    expect(() => targetsFor(compiled(loss, [...metrics]), targets, "y")).toThrow(dataError(message));
  });

  it.each([
    [[0, 1, -1], /^y: row 2 has -1, .* from 0 to 1, or -1 and 1 only/],
    [[0, 2], /^y: row 1 has 2/],
    [[0.5, -0.1], /^y: row 1 has -0\.1/],
  ])("refuses %j under binary cross-entropy", (given, message) => {
    expect(() => targetsFor(compiled("binary_crossentropy", [], 1), list(given), "y")).toThrow(dataError(message));
  });
});
