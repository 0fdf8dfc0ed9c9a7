import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/data/safetensors.ts";
import { type ModelMetadata, withLoss } from "../../src/model/metadata.ts";
import { decodeModel, encodeModel } from "../../src/model/serialization.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { input } from "../../src/nn/layers/input.ts";
import { randomFourierFeatures } from "../../src/nn/layers/random_fourier_features.ts";
import { losses, savedLoss } from "../../src/nn/losses.ts";
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

function save(layers = svm, metadata: ModelMetadata = {}, seed = 7, options = {}): Uint8Array {
  const { network, values } = modelOf(layers, seed);
  return encodeModel(network, values, seed, metadata, options);
}

const compact = { compact: true };

/** A saved model as plain data, for tests to spoil. */
interface Plain {
  tensors: Record<string, Tensor>;
  model: Record<string, unknown> & { layers: Array<Record<string, unknown> & { config: Record<string, unknown> }> };
}

/** What decoding says to a saved model with something in it changed. */
function decodeWith(change: (plain: Plain) => void, bytes = save()): () => unknown {
  const { tensors, metadata } = decodeSafetensors(bytes, "m");
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
      notes: { epochs: 20, cache: "auto", tuned: false },
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

  it.each([
    losses.hinge(),
    losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }),
    losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    losses.binaryCrossentropy({ labelSmoothing: 0.2 }),
    losses.meanAbsoluteError(),
    losses.huber({ delta: 2.5 }),
    losses.epsilonInsensitive({ epsilon: 0 }),
    losses.squaredEpsilonInsensitive(),
  ])("keeps the loss $name with its options, in place of another", (loss) => {
    const before: ModelMetadata = { classNames: ["no", "yes"], loss: "huber", delta: 3 };
    const { metadata } = decodeModel(save(svm, withLoss(before, loss)), "m");
    expect(savedLoss(metadata)).toEqual(loss);
    expect(metadata).toEqual({ classNames: ["no", "yes"], loss: loss.name, ...loss.config });
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

describe("a compact model", () => {
  const drawn = [
    "random_fourier_features.kernel_scale",
    "random_fourier_features.unscaled_kernel",
    "random_fourier_features.bias",
  ];
  const contents = (bytes: Uint8Array) => {
    const { tensors, metadata } = decodeSafetensors(bytes, "m");
    const { version, drawn } = JSON.parse(metadata["quasi-svm"]!);
    return { version, drawn, stored: Object.keys(tensors) };
  };

  it("leaves out what its seed gives again", () => {
    const bytes = save(svm, { classNames: ["no", "yes"] }, 7, compact);
    expect(contents(bytes)).toEqual({ version: 2, drawn, stored: ["dense.bias", "dense.kernel"] });
    const decoded = decodeModel(bytes, "m");
    const { values } = modelOf(svm);
    expect(decoded.values).toEqual(new Map([...values].filter(([name]) => !drawn.includes(name))));
    expect(decoded.metadata).toEqual({ classNames: ["no", "yes"] });
    // What loading draws is drawn by the layers that were read.
    for (const { name, spec } of buildNetwork(decoded.layers).weights) {
      if (drawn.includes(name)) expect(spec.initialize(randomStream(decoded.seed, name))).toEqual(values.get(name));
    }
  });

  it("holds frozen weights that differ from their draw in a single bit", () => {
    const { network, values, seed } = modelOf(svm);
    for (const name of drawn) {
      const changed = (values.get(name) as Float32Array).slice();
      new Uint32Array(changed.buffer)[changed.length - 1]! ^= 1;
      const bytes = encodeModel(network, new Map([...values, [name, changed]]), seed, {}, compact);
      expect(contents(bytes).drawn).toEqual(drawn.filter((other) => other !== name));
      expect(decodeModel(bytes, "m").values.get(name)).toEqual(changed);
    }
  });

  it("tells 0 from -0", () => {
    const layers = [input({ shape: [2] }), randomFourierFeatures({ outputDim: 2, kernelInitializer: "zeros" })];
    const { network, values, seed } = modelOf(layers);
    const name = "random_fourier_features.unscaled_kernel";
    expect(contents(encodeModel(network, values, seed, {}, compact)).stored).toEqual([]);
    const negative = new Map([...values, [name, Float32Array.of(0, 0, -0, 0)]]);
    expect(contents(encodeModel(network, negative, seed, {}, compact)).stored).toEqual([name]);
  });

  it("holds what was trained, even where nothing has changed yet", () => {
    const layers = [input({ shape: [3] }), randomFourierFeatures({ outputDim: 5, trainable: true }), svm[2]!];
    expect(contents(save(layers, {}, 7, compact)).stored).toEqual([
      "dense.bias",
      "dense.kernel",
      "random_fourier_features.kernel_scale",
    ]);
  });

  it("holds what a function drew, and leaves out its layer's other weights", () => {
    const draw = () => Float32Array.of(1, 2, 3, 4, 5, 6);
    const layers = [input({ shape: [2] }), randomFourierFeatures({ outputDim: 3, kernelInitializer: draw })];
    const bytes = save(layers, {}, 7, compact);
    expect(contents(bytes).stored).toEqual(["random_fourier_features.unscaled_kernel"]);
    const { layers: loaded, values } = decodeModel(bytes, "m");
    const again = new Map([...modelOf(loaded).values, ...values]);
    expect(encodeModel(buildNetwork(loaded), again, 7, {}, compact)).toEqual(bytes);
  });

  it("is a plain file of version 1 where nothing can be left out", () => {
    const layers = [input({ shape: [3] }), dense({ units: 2 })];
    expect(save(layers, {}, 7, compact)).toEqual(save(layers));
  });

  it.each<[string, (plain: Plain) => unknown, RegExp]>([
    [
      "leaves out a trained weight",
      ({ model, tensors }) => {
        (model.drawn as string[]).push("dense.bias");
        delete tensors["dense.bias"];
      },
      /m: the weight "dense\.bias" is left out, .* but it is a trained one/,
    ],
    [
      "leaves out a trained scale",
      ({ model }) => (model.layers[1]!.config.trainable = true),
      /"random_fourier_features\.kernel_scale" is left out, .* but it is a trained one/,
    ],
    [
      "leaves out an unknown weight",
      ({ model }) => (model.drawn as string[]).push("dense_1.kernel"),
      /"dense_1\.kernel" is left out, .* but no layer has it; known are random_fourier_features\.kernel_scale, /,
    ],
    [
      "leaves out what a function drew",
      ({ model }) => (model.layers[1]!.config.kernelInitializer = "custom"),
      /"random_fourier_features\.unscaled_kernel" is left out, .* but a function drew it/,
    ],
    [
      "leaves out and holds a weight",
      ({ tensors }) => (tensors["random_fourier_features.bias"] = { shape: [5], data: new Float32Array(5) }),
      /"random_fourier_features\.bias" is left out, .* but the file holds it too/,
    ],
    [
      "does not say what it leaves out",
      ({ model }) => (model.drawn as string[]).pop(),
      /weight "random_fourier_features\.bias" is missing/,
    ],
    ["has no list of what it leaves out", ({ model }) => delete model.drawn, /drawn: expected a list of strings/],
    ["has a list of numbers", ({ model }) => (model.drawn = [1]), /drawn: expected a list of strings/],
    ["says to be of version 1", ({ model }) => (model.version = 1), /unknown key "drawn"/],
  ])("is refused where it %s", (_, change, message) => {
    expect(decodeWith(change, save(svm, {}, 7, compact))).toThrow(formatError(message));
  });

  it("is not refused otherwise", () => {
    expect(decodeWith(() => {}, save(svm, {}, 7, compact))).not.toThrow();
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
    ["a later version", ({ model }) => (model.version = 4), /m: format version 4; .* reads versions 1 to 3/],
    [
      "a later version, whatever else it has",
      ({ model }) => Object.assign(model, { version: 4, key: 1 }),
      /format version 4/,
    ],
    ["no version", ({ model }) => delete model.version, /format version undefined/],
    ["an unknown key", ({ model }) => (model.optimizer = "adam"), /unknown key "optimizer"; known are version, seed/],
    ["a fractional seed", ({ model }) => (model.seed = 0.5), /seed 0\.5 is not a whole number/],
    ["a negative seed", ({ model }) => (model.seed = -1), /seed -1/],
    ["no layers", ({ model }) => (model.layers = []), /^m: /],
    [
      "an unknown layer",
      ({ model }) => (model.layers[2]!.className = "Conv3D"),
      /layer 2 is a "Conv3D"; known are InputLayer, RandomFourierFeatures, Dense/,
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
      ({ model }) => (model.layers[2]!.config.dilation = 2),
      /layer 2 \(Dense\) has the unknown key "dilation"; known are units/,
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
    [
      "a target without a scale",
      ({ model }) => (model.target = { name: "price", mean: 1 }),
      /target: expected a name, a mean and a positive scale, found \{"name":"price","mean":1\}/,
    ],
    [
      "a list of notes",
      ({ model }) => (model.notes = ["20"]),
      /notes: expected strings, finite numbers .* found \["20"\]/,
    ],
    ["a note of null", ({ model }) => (model.notes = { epochs: null }), /notes: expected .* found \{"epochs":null\}/],
    ["a target of null", ({ model }) => (model.target = null), /target: expected a name/],
    [
      "a target of two outputs",
      ({ model }) => (model.target = { name: "price", mean: 1, scale: 2 }),
      /target: it speaks of one output, but the model has 2/,
    ],
    ["a standardization of null", ({ model }) => (model.standardization = null), /standardization/],
    ["an unknown loss", ({ model }) => (model.loss = "hubris"), /m: Unknown loss "hubris"\. Known: hinge/],
    ["a loss that is no name", ({ model }) => (model.loss = { name: "hinge" }), /Unknown loss \{"name":"hinge"\}/],
    ["a loss of null", ({ model }) => (model.loss = null), /Unknown loss null/],
    [
      "a loss with another's option",
      ({ model }) => Object.assign(model, { loss: "hinge", delta: 1 }),
      /option "delta"/,
    ],
    [
      "an option without a loss",
      ({ model }) => (model.fromLogits = true),
      /without a loss: unknown option "fromLogits"/,
    ],
    ["a delta of null", ({ model }) => Object.assign(model, { loss: "huber", delta: null }), /delta .*, got null/],
    ["a delta of 0", ({ model }) => Object.assign(model, { loss: "huber", delta: 0 }), /delta .*, got 0/],
    [
      "a negative epsilon",
      ({ model }) => Object.assign(model, { loss: "epsilon_insensitive", epsilon: -1 }),
      /epsilon .*, got -1/,
    ],
    [
      "a smoothing above 1",
      ({ model }) => Object.assign(model, { loss: "binary_crossentropy", labelSmoothing: 1.5 }),
      /labelSmoothing .*, got 1.5/,
    ],
    [
      "logits of text",
      ({ model }) => Object.assign(model, { loss: "categorical_crossentropy", fromLogits: "no" }),
      /fromLogits .*, got "no"/,
    ],
  ])("%s", (_, change, message) => {
    expect(decodeWith(change)).toThrow(formatError(message));
  });

  it("nothing else: an unspoiled file decodes", () => {
    expect(decodeWith(() => {})).not.toThrow();
  });
});
