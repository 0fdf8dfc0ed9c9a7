// Layers without a matrix product: activation, dropout, batchNormalization, flatten, reshape.
import { describe, expect, it } from "vitest";
import { Sequential } from "../../src/model/sequential.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { layers, savedLayerKinds } from "../../src/nn/layers/all.ts";
import { buildNetwork } from "../../src/nn/network.ts";
import { randomStream } from "../../src/random.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });

/** A layer made from options that plain JavaScript may hand over. */
function make(
  kind: "dense" | "activation" | "dropout" | "batchNormalization" | "flatten" | "reshape",
  options: object,
) {
  return () => (layers[kind] as (options: object) => Layer)(options);
}

describe("options that can't be used", () => {
  it.each([
    ["activation", { activation: "gelu" }, /unknown activation "?gelu"?\. Known: linear, relu, sigmoid, tanh, softmax/],
    ["activation", {}, /unknown activation undefined/],
    ["activation", { activation: "relu", units: 3 }, /unknown option "units"/],
    ["dense", { units: 3, activation: "Relu" }, /layers\.dense: activation: unknown activation "?Relu/],
    ["dropout", { rate: 1 }, /rate must be a number at least 0 and below 1, got 1/],
    ["dropout", { rate: -0.1 }, /got -0\.1/],
    ["dropout", { rate: Number.NaN }, /got NaN/],
    ["dropout", { rate: "0.5" }, /got "0\.5"/],
    ["dropout", {}, /got undefined/],
    ["dropout", { rate: 0.5, seed: 1 }, /unknown option "seed"/],
    ["batchNormalization", { axis: 1 }, /axis must be -1, the channels, got 1/],
    ["batchNormalization", { momentum: 1.1 }, /momentum must be a number from 0 to 1, got 1\.1/],
    ["batchNormalization", { momentum: "0.9" }, /momentum .* got "0\.9"/],
    ["batchNormalization", { epsilon: 0 }, /epsilon must be a positive number, got 0/],
    ["batchNormalization", { center: 1 }, /center must be true or false, got 1/],
    ["batchNormalization", { scale: null }, /scale must be true or false, got null/],
    ["batchNormalization", { trainable: "no" }, /trainable must be true or false, got "no"/],
    ["batchNormalization", { virtualBatchSize: 3 }, /unknown option/],
    ["flatten", { dataFormat: "channels_last" }, /unknown option/],
    ["reshape", { targetShape: [] }, /list of positive whole numbers.* got \[\]/],
    ["reshape", { targetShape: 4 }, /got 4/],
    ["reshape", { targetShape: [2, 0] }, /got \[2,0\]/],
    ["reshape", { targetShape: [2.5] }, /got \[2\.5\]/],
    ["reshape", { targetShape: [-1, 2, -1] }, /one of which may be -1, got \[-1,2,-1\]/],
    ["reshape", { targetShape: [2, null] }, /got \[2,null\]/],
  ] as const)("layers.%s refuses %o", (kind, options, message) => {
    expect(make(kind, options)).toThrow(configError(message));
  });
});

describe("shapes", () => {
  it.each<[string, Layer, number[], number[]]>([
    ["activation", layers.activation({ activation: "softmax" }), [4, 4, 2], [4, 4, 2]],
    ["dropout", layers.dropout({ rate: 0.5 }), [4, 4, 2], [4, 4, 2]],
    ["batchNormalization", layers.batchNormalization(), [7], [7]],
    ["flatten of an image", layers.flatten(), [4, 5, 3], [60]],
    ["flatten of a row", layers.flatten(), [7], [7]],
    ["reshape", layers.reshape({ targetShape: [3, 4, 5] }), [60], [3, 4, 5]],
    ["reshape with a dimension left open", layers.reshape({ targetShape: [2, -1, 3] }), [4, 5, 3], [2, 10, 3]],
    ["reshape to a row", layers.reshape({ targetShape: [-1] }), [4, 5, 3], [60]],
  ])("of %s", (_, layer, given, expected) => {
    expect(layer.outputShape(given)).toEqual(expected);
  });

  it("that don't fit are refused with both of them", () => {
    expect(() => layers.reshape({ targetShape: [3, 4] }).outputShape([4, 5])).toThrow(
      configError(/rows \[4, 5\] of 20 values can't become \[3, 4\], which has 12\./),
    );
    expect(() => layers.reshape({ targetShape: [3, -1] }).outputShape([4, 5])).toThrow(
      configError(/rows \[4, 5\] of 20 values can't become \[3, -1\], 20 being no multiple of 3\./),
    );
  });
});

describe("batchNormalization", () => {
  it("has Keras' weights in Keras' order, of the channels", () => {
    const specs = layers.batchNormalization().weights([4, 5, 3]);
    const drawn = specs.map(({ name, shape, trainable, resident, initialize }) => {
      return [name, shape, trainable, resident, [...initialize(randomStream(0, name))]];
    });
    expect(drawn).toEqual([
      ["gamma", [3], true, true, [1, 1, 1]],
      ["beta", [3], true, true, [0, 0, 0]],
      ["moving_mean", [3], false, true, [0, 0, 0]],
      ["moving_variance", [3], false, true, [1, 1, 1]],
    ]);
  });

  it("leaves out what it does not scale or center by, and trains nothing where it is frozen", () => {
    const names = (options: object) =>
      layers
        .batchNormalization(options)
        .weights([3])
        .map(({ name }) => name);
    expect(names({ center: false })).toEqual(["gamma", "moving_mean", "moving_variance"]);
    expect(names({ scale: false })).toEqual(["beta", "moving_mean", "moving_variance"]);
    const frozen = layers.batchNormalization({ trainable: false });
    expect(frozen.weights([3]).some(({ trainable }) => trainable)).toBe(false);
    expect(frozen.stages("a", [3], false)[0]).toMatchObject({ parameters: [], isPure: true });
  });
});

describe("what is computed once, before any training", () => {
  const { activation, dropout, batchNormalization, flatten, reshape, dense } = layers;
  const head = dense({ units: 2 });
  const frozen = dense({ units: 4, activation: "relu", trainable: false });
  it.each<[string, Layer[], number, number]>([
    ["an activation of the inputs", [activation({ activation: "tanh" }), head], 1, 1],
    ["a linear one, which is no stage at all", [activation({ activation: "linear" }), head], 0, 1],
    ["a frozen Dense with its activation", [frozen, head], 2, 1],
    ["not what lies behind dropout", [frozen, dropout({ rate: 0.5 }), activation({ activation: "relu" }), head], 2, 3],
    ["what lies behind dropout of nothing", [dropout({ rate: 0 }), activation({ activation: "relu" }), head], 1, 1],
    ["not batch normalization", [batchNormalization(), head], 0, 2],
    ["not even without gamma and beta", [batchNormalization({ center: false, scale: false }), head], 0, 2],
    ["batch normalization that is frozen", [batchNormalization({ trainable: false }), head], 1, 1],
    ["shapes are no stages", [reshape({ targetShape: [2, 2, 1] }), flatten(), head], 0, 1],
  ])("%s", (_, given, prefix, suffix) => {
    const network = buildNetwork([layers.input({ shape: [4] }), ...given]);
    expect([network.prefix.length, network.suffix.length]).toEqual([prefix, suffix]);
  });
});

it("are saved and made again as they were", async () => {
  const given = [
    layers.input({ shape: [12] }),
    layers.reshape({ targetShape: [2, -1, 3], name: "images" }),
    layers.batchNormalization({ momentum: 0.5, epsilon: 0.01, scale: false, name: "normal" }),
    layers.batchNormalization({ center: false, trainable: false }),
    layers.activation({ activation: "softmax" }),
    layers.flatten(),
    layers.dropout({ rate: 0.25 }),
    layers.dense({ units: 3, activation: "sigmoid" }),
  ];
  const model = new Sequential(given);
  const again = Sequential.load(await model.save());
  expect(await again.save()).toEqual(await model.save());
  expect(again.summary()).toEqual(model.summary());
  for (const { className, config } of given) {
    expect(savedLayerKinds[className]?.make("name", config as never).config).toEqual(config);
    expect(savedLayerKinds[className]?.keys).toEqual(expect.arrayContaining(Object.keys(config)));
  }
});
