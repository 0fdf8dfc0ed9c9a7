// Losses and metrics by their names.
import { describe, expect, it } from "vitest";
import { losses, lossNames, lossOf } from "../../src/nn/losses.ts";
import { compileMetrics, metricOf, metrics } from "../../src/nn/metrics.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });
/** Names that are no names; the second is one of every object. */
const strangers = ["rmsprop", "constructor", "", undefined, null, 5];

describe("lossOf", () => {
  it.each(strangers)("refuses %s and lists the losses", (name) => {
    const known = /Unknown loss .*\. Known: hinge, squared_hinge, categorical_hinge, .*, squared_epsilon_insensitive\./;
    expect(() => lossOf(name as string)).toThrow(configError(known));
  });

  it("knows every name it lists, and takes a loss as it is", () => {
    expect(lossNames.map((name) => lossOf(name).name)).toEqual(lossNames);
    const loss = losses.categoricalCrossentropy({ fromLogits: true });
    expect(lossOf(loss)).toBe(loss);
    expect(lossOf("categorical_crossentropy").config).toEqual({ fromLogits: false });
  });
});

describe("losses", () => {
  const { categoricalCrossentropy, binaryCrossentropy, huber, epsilonInsensitive, squaredEpsilonInsensitive } = losses;

  it("have Keras' defaults", () => {
    expect(huber()).toMatchObject({ config: { delta: 1 }, constant: 1 });
    expect(epsilonInsensitive()).toMatchObject({ config: { epsilon: 0.1 }, constant: 0.1 });
    expect(binaryCrossentropy()).toMatchObject({ config: { fromLogits: false }, constant: 0 });
    expect(categoricalCrossentropy({ labelSmoothing: 0 }).config).toEqual({ fromLogits: false });
  });

  it("say what a single output must exceed to mean class 1", () => {
    const thresholds = lossNames.map((name) => [name, lossOf(name).threshold] as const);
    const margins = thresholds.flatMap(([name, threshold]) => (threshold === 0 ? [name] : []));
    expect(margins).toEqual(["hinge", "squared_hinge", "categorical_hinge"]);
    expect(binaryCrossentropy({ fromLogits: true }).threshold).toBe(0);
  });

  it.each([
    ["a delta of 0", () => huber({ delta: 0 }), /losses\.huber: delta must be a positive number, got 0/],
    ["a delta of NaN", () => huber({ delta: Number.NaN }), /delta must be a positive number, got NaN/],
    [
      "a negative epsilon",
      () => epsilonInsensitive({ epsilon: -0.1 }),
      /epsilon must be a number of at least 0, got -0\.1/,
    ],
    ["no epsilon", () => squaredEpsilonInsensitive({ epsilon: Number.POSITIVE_INFINITY }), /got Infinity/],
    ["too much smoothing", () => categoricalCrossentropy({ labelSmoothing: 1.1 }), /from 0 to 1, got 1\.1/],
    ["negative smoothing", () => binaryCrossentropy({ labelSmoothing: -0.1 }), /from 0 to 1, got -0\.1/],
    ["an unknown option", () => huber({ epsilon: 1 } as object), /losses\.huber: unknown option "epsilon"/],
    ["an option of another loss", () => lossOf("mean_absolute_error", { delta: 1 }), /unknown option "delta"/],
  ])("refuse %s", (_, make, message) => {
    expect(make).toThrow(configError(message));
  });
});

describe("metricOf", () => {
  it.each(strangers)("refuses %s and lists the metrics", (name) => {
    const known = /Unknown metric .*\. Known: acc, accuracy, binary_accuracy, .*, mae, r2_score\./;
    expect(() => metricOf(name as string)).toThrow(configError(known));
  });

  it("keeps the name given, which is the key in the history", () => {
    const names = ["acc", "accuracy", "categorical_accuracy", "mse", "mean_absolute_error", "mae"];
    expect(names.map((name) => metricOf(name).name)).toEqual(names);
    expect(metrics.categoricalAccuracy().name).toBe("categorical_accuracy");
    expect(metricOf(metrics.categoricalAccuracy({ name: "hits" })).name).toBe("hits");
  });
});

describe("metrics", () => {
  it("have Keras' names where none is given", () => {
    expect(Object.values(metrics).map((make) => make().name)).toEqual([
      "accuracy",
      "binary_accuracy",
      "categorical_accuracy",
      "sparse_categorical_accuracy",
      "top_k_categorical_accuracy",
      "hinge",
      "mean_squared_error",
      "mean_absolute_error",
      "r2_score",
    ]);
  });

  it.each([
    ["a threshold of NaN", () => metrics.binaryAccuracy({ threshold: Number.NaN }), /threshold .* got NaN/],
    ["a k of 0", () => metrics.topKCategoricalAccuracy({ k: 0 }), /k must be a positive whole number, got 0/],
    ["a k of 1.5", () => metrics.topKCategoricalAccuracy({ k: 1.5 }), /got 1\.5/],
    ["an unknown option", () => metrics.r2Score({ k: 1 } as object), /r2_score: unknown option "k"/],
  ])("refuse %s", (_, make, message) => {
    expect(make).toThrow(configError(message));
  });
});

describe("compileMetrics", () => {
  const hinge = losses.hinge();

  it.each([
    ["hinge", 1, { kind: "binary_accuracy", option: 0 }],
    ["mean_squared_error", 1, { kind: "binary_accuracy", option: 0.5 }],
    ["binary_crossentropy", 1, { kind: "binary_accuracy", option: 0.5 }],
    ["hinge", 2, { kind: "categorical_accuracy" }],
    ["binary_crossentropy", 3, { kind: "categorical_accuracy" }],
  ])("takes accuracy under %s with %d outputs for what it is", (loss, outputs, expected) => {
    expect(compileMetrics(["acc"], lossOf(loss), outputs)).toMatchObject([{ name: "acc", ...expected }]);
  });

  it("takes accuracy from logits at 0", () => {
    const logits = losses.binaryCrossentropy({ fromLogits: true });
    expect(compileMetrics([metrics.accuracy()], logits, 1)).toMatchObject([{ name: "accuracy", option: 0 }]);
    expect(compileMetrics([metrics.binaryAccuracy()], logits, 1)).toMatchObject([{ option: 0.5 }]);
  });

  it.each([
    ["two of a name", ["mse", metrics.meanAbsoluteError({ name: "mse" })], 2, /Two metrics are called "mse"/],
    ["one called loss", [metrics.hinge({ name: "loss" })], 2, /Two metrics are called "loss"/],
    ["categorical accuracy of one output", ["categorical_accuracy"], 1, /at least 2 outputs; this one has 1/],
    ["top k of one output", ["top_k_categorical_accuracy"], 1, /at least 2 outputs; this one has 1/],
    ["eight", ["a", "b", "c", "d", "e", "f", "g", "h"], 2, /at most 7 metrics, got 8/],
  ])("refuses %s", (_, given, outputs, message) => {
    expect(() => compileMetrics(given, hinge, outputs)).toThrow(configError(message));
  });
});
