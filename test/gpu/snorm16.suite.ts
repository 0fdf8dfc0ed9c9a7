// featureStorage "snorm16": features kept in 16 bits, wherever and for however long they are kept.
import { assert } from "chai";
import { ConfigError, type FitOptions, type Layer, layers } from "../../src/index.ts";
import { clouds, modelOf, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { test } from "./harness.ts";
import { assertAgree, bitsOf, bytesFor, type Choices, train } from "./training.ts";

const halves: Choices = { precision: "snorm16", tuning: { rows: "buffer" } };

test("snorm16: kept, partly kept, recomputed, in a buffer and in a texture: the same bits", async ({ gpu }) => {
  const expected = bitsOf(await train(gpu, halves));
  for (const rows of ["buffer", "texture"] as const) {
    for (const invocations of ["few", "many"] as const) {
      const tuning = { rows, invocations };
      for (const featureCache of ["auto", "off", bytesFor("training", "snorm16")] as const) {
        const chosen = { ...halves, tuning, featureCache };
        assert.deepEqual(bitsOf(await train(gpu, chosen)), expected, JSON.stringify({ ...tuning, featureCache }));
      }
    }
  }
});

test("snorm16: learns what 32 bits learn, but not the same bits", async ({ gpu }) => {
  const [half, whole] = [await train(gpu, halves), await train(gpu)];
  assert.notDeepEqual(bitsOf(half), bitsOf(whole));
  // A feature is off by 1.5e-5 at most, of which Adam makes at most as large a share of its steps.
  assertAgree(half, whole, 1e-3, "16 bits");
});

test("snorm16: the head apart from loss and optimizer reads it too", async ({ gpu }) => {
  const [fused, apart] = [await train(gpu, halves), await train(gpu, { ...halves, fuse: false })];
  assertAgree(fused, apart, 1e-5, "apart");
});

const { x, labels } = clouds(50);
const silent: FitOptions = { verbose: 0, batchSize: 9, epochs: 3, validationSplit: 0.2 };

test("snorm16: a model's cache on, off and of a few bytes gives the same history and weights", async ({ gpu }) => {
  const learned = async (options: FitOptions) => {
    const model = svm(gpu);
    const { history } = await model.fit(x, labels, { ...silent, ...options });
    const weights = await model.getWeights();
    model.dispose();
    return { history, weights };
  };
  const kept = await learned({ featureStorage: "snorm16", featureCache: "auto" });
  for (const featureCache of ["off", 45 * 48, 12 * 48] as const) {
    assert.deepEqual(await learned({ featureStorage: "snorm16", featureCache }), kept, `${featureCache}`);
  }
  assert.notDeepEqual(await learned({}), kept);
});

test("snorm16: takes half the bytes of a cache", async ({ gpu }) => {
  // 40 rows train and 10 validate, of 24 features each.
  const keptRows = async (featureStorage: "float32" | "snorm16", featureCache: number) => {
    let rows = 0;
    const model = svm(gpu);
    const callbacks = [
      {
        onFeatures: (_: number, total: number) => {
          rows = total;
        },
      },
    ];
    await model.fit(x, labels, { ...silent, featureStorage, featureCache, callbacks });
    model.dispose();
    return rows;
  };
  assert.equal(await keptRows("snorm16", 40 * 48), 40);
  assert.equal(await keptRows("float32", 50 * 48), 0, "a run of training rows takes what there is");
  assert.equal(await keptRows("float32", 50 * 96), 50);
});

const refused: [what: string, layers: Layer[], message: RegExp][] = [
  [
    "a scale that trains",
    [layers.randomFourierFeatures({ outputDim: 8, trainable: true }), layers.dense({ units: 3 })],
    /featureStorage "snorm16" keeps values in \[-1, 1\], which the output of \S+\.projection can leave.*"float32"/,
  ],
  ["no frozen features", [layers.dense({ units: 3 })], /snorm16.*which the rows themselves can leave/],
  [
    "features behind a layer that trains",
    [layers.dense({ units: 4 }), layers.randomFourierFeatures({ outputDim: 8 }), layers.dense({ units: 3 })],
    /snorm16.*which the rows themselves can leave/,
  ],
];

for (const [what, given, message] of refused) {
  test(`snorm16: is refused for ${what}, and the model learns on in 32 bits`, async ({ gpu }) => {
    const model = modelOf(gpu, given);
    await failure(() => model.fit(x, labels, { ...silent, featureStorage: "snorm16" }), ConfigError, message);
    assert.lengthOf((await model.fit(x, labels, { ...silent, featureStorage: "float32" })).epoch, 3);
    model.dispose();
  });
}

test("snorm16: an unknown storage is refused", async ({ gpu }) => {
  const model = svm(gpu);
  for (const featureStorage of ["float16", "", 16, false]) {
    await failure(
      () => model.fit(x, labels, { ...silent, featureStorage } as never),
      ConfigError,
      /featureStorage: expected "float32" or "snorm16", got/,
    );
  }
  model.dispose();
});
