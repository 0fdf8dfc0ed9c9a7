// Models of layers without a matrix product: where they are computed once, from bytes too, and what they repeat.
import { assert } from "chai";
import { type Layer, layers, Sequential } from "../../src/index.ts";
import { activate } from "../twins/activations.ts";
import { normalize } from "../twins/batch_normalization.ts";
import { assertWithin } from "../twins/bounds.ts";
import { type Matrix, matrix, numbers, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { words } from "./training.ts";

const [rows, pixels, channels, unit] = [203, 5, 3, 1 / 255];
const columns = pixels * channels;

/** Bytes, and the numbers that they stand for. */
function byteRows(): { x: { data: Uint8Array; shape: [number, number]; unit: number }; values: Matrix } {
  const draw = numbers(3);
  const data = Uint8Array.from({ length: rows * columns }, () => Math.floor(128 * (1 + draw())));
  const values = matrix(rows, columns, (i, j) => data[i * columns + j]! * unit);
  return { x: { data, shape: [rows, columns], unit }, values };
}

const images = layers.reshape({ targetShape: [-1, 1, channels] });
const moving = { mean: [0.25, 0.5, 0.75], variance: [0.5, 0.25, 2] };
const [gamma, beta] = [
  [2, 0.5, -1],
  [0, 1, -0.5],
];
const twins: Record<string, { layers: Layer[]; of: (x: Matrix) => Matrix }> = {
  ...Object.fromEntries(
    (["relu", "sigmoid", "tanh", "softmax"] as const).map((activation) => [
      activation,
      {
        layers: [images, layers.activation({ activation })],
        of: (x: Matrix) => x.map((row) => activate(activation, row, channels)),
      },
    ]),
  ),
  "frozen normalization": {
    layers: [images, layers.batchNormalization({ trainable: false, name: "normal" })],
    of: (x) => normalize(x, { channels, epsilon: 1e-3, gamma: gamma!, beta: beta! }, moving),
  },
  "normalization that is not frozen, in prediction": {
    layers: [images, layers.batchNormalization({ name: "normal" })],
    of: (x) => normalize(x, { channels, epsilon: 1e-3, gamma: gamma!, beta: beta! }, moving),
  },
  dropout: { layers: [layers.dropout({ rate: 0.5 })], of: (x) => x },
};

const head = matrix(columns, 2, numbers(9));

for (const [what, { layers: given, of }] of Object.entries(twins)) {
  test(`small layers: ${what} as the first layer, of bytes and of floats`, async ({ gpu }) => {
    const { x, values } = byteRows();
    const model = new Sequential(
      [layers.input({ shape: [columns] }), ...given, layers.flatten(), layers.dense({ units: 2, name: "head" })],
      { gpu },
    );
    try {
      await model.setWeights({
        "head.kernel": head.flat(),
        "head.bias": [0, 1],
        ...(what.includes("normalization") && {
          "normal.gamma": gamma!,
          "normal.beta": beta!,
          "normal.moving_mean": moving.mean,
          "normal.moving_variance": moving.variance,
        }),
      });
      const outputs = of(values).map((row) =>
        [0, 1].map((c) => row.reduce((sum, value, j) => sum + value * head[j]![c]!, c)),
      );
      for (const [kind, input] of Object.entries({ bytes: x, floats: values })) {
        const { data } = await model.predict(input);
        assertWithin(data, outputs.flat(), 1e-5, kind);
      }
    } finally {
      model.dispose();
    }
  });
}

/** Trains over a frozen prefix of a map and its activation, then dropout and batch normalization. */
async function trained(gpu: Context["gpu"], options: { featureCache?: "off"; seed?: number } = {}) {
  const { seed = 4, ...how } = options;
  const { x } = byteRows();
  const labels = vector(rows, (i) => i % 3);
  const model = new Sequential(
    [
      layers.input({ shape: [columns] }),
      layers.activation({ activation: "tanh" }),
      layers.randomFourierFeatures({ outputDim: 37 }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 9, activation: "relu" }),
      layers.batchNormalization(),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
    { gpu, seed },
  );
  model.compile({ optimizer: "adam", loss: "categorical_crossentropy", metrics: ["acc"] });
  const { history } = await model.fit(x, labels, {
    epochs: 3,
    batchSize: 17,
    validationSplit: 0.2,
    verbose: 0,
    ...how,
  });
  return { model, history, x };
}

test("small layers: a seed gives the same bits again, features kept or not, and another one others", async ({
  gpu,
}) => {
  const runs = [];
  for (const options of [{}, {}, { featureCache: "off" }, { seed: 5 }] as const) {
    const { model, history } = await trained(gpu, options);
    const weights = Object.entries(await model.getWeights()).map(([name, { data }]) => [name, words(data)]);
    runs.push({ history, weights: Object.fromEntries(weights) });
    model.dispose();
  }
  const [first, again, off, other] = runs;
  assert.deepEqual(again, first, "again");
  assert.deepEqual(off, first, "features recomputed");
  assert.notDeepEqual(other!.history, first!.history);
});

test("small layers: a model saved and loaded predicts the same bits, and repeats itself", async ({ gpu }) => {
  const { model, x } = await trained(gpu);
  const again = Sequential.load(await model.save(), { gpu });
  try {
    const [one, two, three] = [await model.predict(x), await model.predict(x), await again.predict(x)];
    assert.deepEqual(words(two.data), words(one.data), "prediction repeated");
    assert.deepEqual(words(three.data), words(one.data), "prediction of the loaded model");
  } finally {
    model.dispose();
    again.dispose();
  }
});
