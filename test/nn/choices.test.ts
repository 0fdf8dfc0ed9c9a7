// Losses, optimizers and metrics by their names.
import { describe, expect, it } from "vitest";
import { losses, lossNames, lossOf } from "../../src/nn/losses.ts";
import { metricOf, metrics } from "../../src/nn/metrics.ts";
import { optimizerOf, optimizers } from "../../src/nn/optimizers.ts";

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

describe("optimizerOf", () => {
  it.each(strangers)("refuses %s and lists the optimizers", (name) => {
    expect(() => optimizerOf(name as string)).toThrow(configError(/Unknown optimizer .*\. Known: adam, sgd\./));
  });

  it("has Keras' defaults", () => {
    const adam = optimizerOf("adam");
    expect(adam.learningRate).toBe(1e-3);
    expect(adam.config).toEqual({ beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false });
    const sgd = optimizerOf("sgd");
    expect(sgd.learningRate).toBe(0.01);
    expect(sgd.config).toEqual({ momentum: 0, nesterov: false });
  });

  it.each([0, -1e-3, Number.NaN, Number.POSITIVE_INFINITY])("refuses a learning rate of %d", (learningRate) => {
    const message = configError(new RegExp(`learningRate must be a positive number, got ${learningRate}`));
    expect(() => optimizers.adam({ learningRate })).toThrow(message);
    expect(() => optimizers.sgd({ learningRate })).toThrow(message);
  });

  it.each([-0.1, 1, 2, Number.NaN])("refuses a decay of %d", (decay) => {
    expect(() => optimizers.adam({ beta1: decay })).toThrow(configError(/beta1 must be at least 0 and below 1/));
    expect(() => optimizers.adam({ beta2: decay })).toThrow(configError(/beta2 must be at least 0 and below 1/));
    expect(() => optimizers.sgd({ momentum: decay })).toThrow(configError(/momentum must be at least 0 and below 1/));
  });

  it("steps as Keras' Adam does, with the learning rate of the moment", () => {
    const adam = optimizers.adam({ learningRate: 0.1 });
    expect(adam.stepSize(1)).toBeCloseTo((0.1 * Math.sqrt(1 - 0.999)) / (1 - 0.9), 15);
    expect(adam.stepSize(10)).toBeCloseTo((0.1 * Math.sqrt(1 - 0.999 ** 10)) / (1 - 0.9 ** 10), 15);
    adam.learningRate = 0.2;
    expect(adam.stepSize(1)).toBeCloseTo((0.2 * Math.sqrt(1 - 0.999)) / (1 - 0.9), 15);
  });
});
