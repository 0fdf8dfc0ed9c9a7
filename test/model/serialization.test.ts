import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/data/safetensors.ts";
import { decodeModel, encodeModel, type ModelMetadata } from "../../src/model/serialization.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { input } from "../../src/nn/layers/input.ts";
import { randomFourierFeatures } from "../../src/nn/layers/random_fourier_features.ts";
import { buildNetwork } from "../../src/nn/network.ts";
import { randomStream } from "../../src/random.ts";
import type { WeightValues } from "../../src/train/engine.ts";

const formatError = (message: RegExp) =>
  expect.objectContaining({ code: "format", message: expect.stringMatching(message) });

const inputDim = 3;
const svm: readonly Layer[] = [
  input({ shape: [inputDim] }),
  randomFourierFeatures({ outputDim: 5, kernelInitializer: "LAPLACIAN", scale: 2 }),
  dense({ units: 2 }),
];

function modelOf(layers: readonly Layer[], seed = 7) {
  const network = buildNetwork(layers);
  const values: WeightValues = new Map(
    network.weights.map(({ name, spec }) => [name, spec.initialize(randomStream(seed, name))]),
  );
  return { network, values, seed };
}

function save(layers = svm, metadata: ModelMetadata = {}, seed = 7): Uint8Array {
  const { network, values } = modelOf(layers, seed);
  return encodeModel(network, values, seed, metadata);
}

/** A saved model as plain data, for tests to spoil. */
interface Plain {
  tensors: Record<string, Tensor>;
  model: Record<string, unknown> & { layers: Array<Record<string, unknown> & { config: Record<string, unknown> }> };
}

/** What decoding says to a saved model with something in it changed. */
function decodeWith(change: (plain: Plain) => void): () => unknown {
  const { tensors, metadata } = decodeSafetensors(save(), "m");
  const plain: Plain = { tensors: { ...tensors }, model: JSON.parse(metadata["quasi-svm"]!) };
  change(plain);
  return () => decodeModel(encodeSafetensors(plain.tensors, { "quasi-svm": JSON.stringify(plain.model) }), "m");
}

describe("a saved model", () => {
  it("comes back as it was, metadata included", () => {
    const metadata: ModelMetadata = {
      classNames: ["no", "yes"],
      featureNames: ["a", "b", "c"],
      standardization: { mean: [0, 1, 2], scale: [1, 1, 0.5] },
      loss: "hinge",
    };
    const seed = 2 ** 40 + 1;
    const decoded = decodeModel(save(svm, metadata, seed), "m");
    const { network, values } = modelOf(svm, seed);
    expect(decoded.seed).toBe(seed);
    expect(decoded.metadata).toEqual(metadata);
    expect(decoded.values).toEqual(values);
    const loaded = buildNetwork(decoded.layers);
    expect(loaded.layers.map(({ layer, name }) => [layer.className, name, layer.config])).toEqual(
      network.layers.map(({ layer, name }) => [layer.className, name, layer.config]),
    );
    expect(encodeModel(loaded, decoded.values, seed, decoded.metadata)).toEqual(save(svm, metadata, seed));
  });

  it("names its tensors by layer and weight, in Keras' shapes", () => {
    const { tensors } = decodeSafetensors(save(), "m");
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))).toEqual({
      "random_fourier_features.kernel_scale": [1],
      "random_fourier_features.unscaled_kernel": [3, 5],
      "random_fourier_features.bias": [5],
      "dense.kernel": [5, 2],
      "dense.bias": [2],
    });
    expect(tensors["random_fourier_features.kernel_scale"]?.data).toEqual(Float32Array.of(2));
  });

  it.each(["orthogonal", "sorf"] as const)("keeps the feature map %s", (featureMap) => {
    const layers = [input({ shape: [3] }), randomFourierFeatures({ outputDim: 70, featureMap }), dense({ units: 1 })];
    const decoded = decodeModel(save(layers), "m");
    expect(decoded.layers[1]?.config.featureMap).toBe(featureMap);
    expect(decoded.values).toEqual(modelOf(layers).values);
    expect(encodeModel(buildNetwork(decoded.layers), decoded.values, 7, {})).toEqual(save(layers));
  });

  it("is dense where the file says no feature map", () => {
    expect(decodeWith(({ model }) => delete model.layers[1]!.config.featureMap)).not.toThrow();
  });

  it("has no signs but 1 and -1", () => {
    const layers = [input({ shape: [3] }), randomFourierFeatures({ outputDim: 70, featureMap: "sorf" })];
    const { network, values } = modelOf(layers);
    values.get("random_fourier_features.signs")![5] = 0.5;
    expect(() => encodeModel(network, values, 7, {})).toThrow(/signs": value 5 is 0\.5; expected 1 or -1/);
  });

  it("keeps given names, a trainable scale, and what a function drew", () => {
    const layers = [
      input({ shape: [2], name: "pixels" }),
      randomFourierFeatures({
        outputDim: 3,
        kernelInitializer: () => Float32Array.of(1, 2, 3, 4, 5, 6),
        trainable: true,
      }),
      dense({ units: 1, name: "head" }),
    ];
    const first = decodeModel(save(layers), "m");
    expect(first.layers.map(({ name }) => name)).toEqual(["pixels", "random_fourier_features", "head"]);
    expect(first.layers[1]?.trainable).toBe(true);
    const again = decodeModel(encodeModel(buildNetwork(first.layers), first.values, 7, {}), "m");
    expect(again.values.get("random_fourier_features.unscaled_kernel")).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(again.values.get("random_fourier_features.kernel_scale")).toEqual(Float32Array.of(1));
  });
});

describe("decodeModel refuses", () => {
  it("a file cut anywhere", () => {
    const bytes = save();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length), "cut.safetensors")).toThrow(
        formatError(/^cut\.safetensors: /),
      );
    }
  });

  it("a safetensors file of something else", () => {
    const tensors = { a: { shape: [1], data: Float32Array.of(1) } };
    expect(() => decodeModel(encodeSafetensors(tensors, {}), "m")).toThrow(
      formatError(/without the "quasi-svm" metadata/),
    );
    for (const [json, reason] of [
      ["{", /is not JSON/],
      ["null", /no list of layers/],
      ["[]", /no list of layers/],
      ['{"layers": 5}', /no list of layers/],
    ] as const) {
      expect(() => decodeModel(encodeSafetensors(tensors, { "quasi-svm": json }), "m")).toThrow(formatError(reason));
    }
  });

  it.each<[string, (plain: Plain) => unknown, RegExp]>([
    ["another version", ({ model }) => (model.version = 2), /m: format version 2; .* reads version 1/],
    ["no version", ({ model }) => delete model.version, /format version undefined/],
    ["an unknown key", ({ model }) => (model.optimizer = "adam"), /unknown key "optimizer"; known are version, seed/],
    ["a fractional seed", ({ model }) => (model.seed = 0.5), /seed 0\.5 is not a whole number/],
    ["a negative seed", ({ model }) => (model.seed = -1), /seed -1/],
    ["no layers", ({ model }) => (model.layers = []), /^m: /],
    [
      "an unknown layer",
      ({ model }) => (model.layers[2]!.className = "Conv2D"),
      /layer 2 is a "Conv2D"; known are InputLayer, RandomFourierFeatures, Dense/,
    ],
    [
      "a layer named like a method",
      ({ model }) => (model.layers[2]!.className = "toString"),
      /layer 2 is a "toString"/,
    ],
    ["a layer that is no object", ({ model }) => (model.layers[2] = null as never), /layer 2/],
    [
      "an unknown key of a layer",
      ({ model }) => (model.layers[2]!.weights = []),
      /layer 2 has the unknown key "weights"/,
    ],
    [
      "an unknown setting",
      ({ model }) => (model.layers[2]!.config.activation = "relu"),
      /layer 2 \(Dense\) has the unknown key "activation"; known are units/,
    ],
    [
      "a layer without a name",
      ({ model }) => delete model.layers[1]!.name,
      /layer 1 \(RandomFourierFeatures\) has no name/,
    ],
    [
      "a setting out of range",
      ({ model }) => (model.layers[2]!.config.units = 0),
      /layer 2.* units must be a positive whole number, got 0/,
    ],
    ["a setting left out", ({ model }) => delete model.layers[0]!.config.shape, /layer 0/],
    [
      "an unknown initializer",
      ({ model }) => (model.layers[1]!.config.kernelInitializer = "he"),
      /layer 1.* unsupported initializer "he"/,
    ],
    ["a flag that is no flag", ({ model }) => (model.layers[1]!.config.trainable = "no"), /layer 1.* trainable/],
    ["a layer name twice", ({ model }) => (model.layers[1]!.name = "dense"), /m: .* called "dense"/],
    ["two inputs", ({ model }) => model.layers.unshift(model.layers[0]!), /^m: /],
    [
      "a missing tensor",
      ({ tensors }) => delete tensors["dense.bias"],
      /weight "dense\.bias" is missing; the file has .*dense\.kernel/,
    ],
    [
      "a surplus tensor",
      ({ tensors }) => (tensors.extra = { shape: [1], data: Float32Array.of(1) }),
      /tensor "extra" belongs to no layer/,
    ],
    [
      "a tensor of another size",
      ({ tensors }) => (tensors["dense.bias"] = { shape: [3], data: new Float32Array(3) }),
      /dense\.bias has shape \[3\], .* expects \[2\]/,
    ],
    [
      "a tensor laid the other way",
      ({ tensors }) => (tensors["dense.kernel"] = { shape: [2, 5], data: new Float32Array(10) }),
      /dense\.kernel has shape \[2, 5\], .* expects \[5, 2\]/,
    ],
    [
      "a weight that is not finite",
      ({ tensors }) => (tensors["dense.bias"] = { shape: [2], data: Float32Array.of(0, Number.NaN) }),
      /dense\.bias": value 1 is NaN/,
    ],
    [
      "a flattened tensor",
      ({ tensors }) => (tensors["dense.kernel"] = { shape: [10], data: new Float32Array(10) }),
      /expects \[5, 2\]/,
    ],
    [
      "an unknown feature map",
      ({ model }) => (model.layers[1]!.config.featureMap = "fast"),
      /layer 1.* featureMap must be one of dense, orthogonal, sorf, got "fast"/,
    ],
    [
      "a feature map that the kernel does not have",
      ({ model }) => (model.layers[1]!.config.featureMap = "sorf"),
      /layer 1.* featureMap "sorf" is for kernelInitializer "gaussian", got "laplacian"/,
    ],
    ["too few class names", ({ model }) => (model.classNames = ["no"]), /classNames: expected a list of 2 strings/],
    [
      "class names that are numbers",
      ({ model }) => (model.classNames = [0, 1]),
      /classNames: expected a list of 2 strings/,
    ],
    ["class names of null", ({ model }) => (model.classNames = null), /classNames: expected a list of 2 strings/],
    [
      "too many feature names",
      ({ model }) => (model.featureNames = ["a", "b", "c", "d"]),
      /featureNames: expected a list of 3/,
    ],
    [
      "half a standardization",
      ({ model }) => (model.standardization = { mean: [0, 0, 0] }),
      /standardization\.scale: expected a list of 3 numbers/,
    ],
    ["a standardization of null", ({ model }) => (model.standardization = null), /standardization/],
    ["an unknown loss", ({ model }) => (model.loss = "huber"), /unknown loss "huber"; known are hinge/],
  ])("%s", (_, change, message) => {
    expect(decodeWith(change)).toThrow(formatError(message));
  });

  it("nothing else: an unspoiled file decodes", () => {
    expect(decodeWith(() => {})).not.toThrow();
  });
});
