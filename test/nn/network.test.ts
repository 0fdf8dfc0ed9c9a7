import { describe, expect, it } from "vitest";
import type { Layer } from "../../src/nn/layer.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { input } from "../../src/nn/layers/input.ts";
import { randomFourierFeatures } from "../../src/nn/layers/random_fourier_features.ts";
import { buildNetwork } from "../../src/nn/network.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });
const features = (trainable = false) => randomFourierFeatures({ outputDim: 8, trainable });

describe("buildNetwork", () => {
  it.each<[string, Layer[], RegExp]>([
    ["no layers", [], /begins with layers\.input.*, got no layer/],
    ["another first layer", [dense({ units: 1 })], /begins with layers\.input.*, got Dense/],
    ["an input alone", [input({ shape: [2] })], /at least one layer after its input/],
    ["a second input", [input({ shape: [2] }), input({ shape: [2], name: "b" })], /only at the beginning/],
    [
      "a name twice",
      [input({ shape: [2] }), dense({ units: 1, name: "a" }), dense({ units: 1, name: "a" })],
      /called "a"/,
    ],
    [
      "a given name that a number makes twice",
      [input({ shape: [2] }), dense({ units: 1, name: "dense_1" }), dense({ units: 1 }), dense({ units: 1 })],
      /called "dense_1"/,
    ],
    ["a name with a dot", [input({ shape: [2] }), dense({ units: 1, name: "a.b" })], /Layer name "a\.b"/],
    ["an empty name", [input({ shape: [2] }), dense({ units: 1, name: "" })], /Layer name ""/],
  ])("refuses %s", (_, layers, message) => {
    expect(() => buildNetwork(layers)).toThrow(configError(message));
  });

  it.each<[string, Layer[], number, number]>([
    ["a frozen map under a Dense layer", [features(), dense({ units: 2 })], 1, 1],
    ["two frozen maps", [features(), features(), dense({ units: 2 })], 2, 1],
    ["a linear model", [dense({ units: 2 })], 0, 1],
    ["a trained scale, whose projection is still frozen", [features(true), dense({ units: 2 })], 1, 2],
    ["a map over a trained layer", [dense({ units: 4 }), features(), dense({ units: 2 })], 0, 4],
    ["nothing that trains", [features()], 1, 0],
  ])("splits %s into prefix and suffix", (_, layers, prefix, suffix) => {
    const network = buildNetwork([input({ shape: [3] }), ...layers]);
    expect([network.prefix.length, network.suffix.length]).toEqual([prefix, suffix]);
  });
});
