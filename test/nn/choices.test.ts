// Losses and metrics by their names.
import { describe, expect, it } from "vitest";
import { losses, lossNames, lossOf } from "../../src/nn/losses.ts";
import { metricOf, metrics } from "../../src/nn/metrics.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });
/** Names that are no names; the second is one of every object. */
const strangers = ["rmsprop", "constructor", "", undefined, null, 5];

describe("lossOf", () => {
  it.each(strangers)("refuses %s and lists the losses", (name) => {
    const known =
      /Unknown loss .*\. Known: hinge, squared_hinge, categorical_hinge, categorical_crossentropy, mean_squared_error\./;
    expect(() => lossOf(name as string)).toThrow(configError(known));
  });

  it("knows every name it lists, and takes a loss as it is", () => {
    expect(lossNames.map((name) => lossOf(name).name)).toEqual(lossNames);
    const loss = losses.categoricalCrossentropy({ fromLogits: true });
    expect(lossOf(loss)).toBe(loss);
    expect(lossOf("categorical_crossentropy").fromLogits).toBe(false);
  });
});

describe("metricOf", () => {
  it.each(strangers)("refuses %s and lists the metrics", (name) => {
    const known = /Unknown metric .*\. Known: acc, accuracy, categorical_accuracy\./;
    expect(() => metricOf(name as string)).toThrow(configError(known));
  });

  it("keeps the name given, which is the key in the history", () => {
    expect(["acc", "accuracy", "categorical_accuracy"].map((name) => metricOf(name).name)).toEqual([
      "acc",
      "accuracy",
      "categorical_accuracy",
    ]);
    expect(metrics.categoricalAccuracy().name).toBe("categorical_accuracy");
    expect(metricOf(metrics.categoricalAccuracy({ name: "hits" })).name).toBe("hits");
  });
});
