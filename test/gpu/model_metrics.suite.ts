// The metrics of models against test/twins/metrics.ts, the last, smaller minibatch included.
import { assert } from "chai";
import { layers, losses, metrics, optimizers, Sequential } from "../../src/index.ts";
import { assertWithin } from "../twins/bounds.ts";
import { oneHot, signed } from "../twins/losses.ts";
import { type Matrix, matrix, numbers, vector } from "../twins/matrix.ts";
import * as twin from "../twins/metrics.ts";
import { type Context, test } from "./harness.ts";

interface Choice {
  gpu: Context["gpu"];
  outputs: number;
  loss: Parameters<Sequential["compile"]>[0]["loss"];
  metrics: NonNullable<Parameters<Sequential["compile"]>[0]["metrics"]>;
}

function modelOf({ gpu, outputs, loss, metrics: measured }: Choice): Sequential {
  const model = new Sequential(
    [
      layers.input({ shape: [4] }),
      layers.randomFourierFeatures({ outputDim: 33, scale: 2 }),
      layers.dense({ units: outputs }),
    ],
    { gpu, seed: 3 },
  );
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss, metrics: measured });
  return model;
}

const rows = 37;
const draw = numbers(9);
const x = matrix(rows, 4, draw);
const weights = vector(rows, (i) => 1 + (i % 3));

function rowsOf(data: Float32Array, outputs: number): Matrix {
  return vector(data.length / outputs, (i) => Array.from(data.subarray(i * outputs, (i + 1) * outputs)));
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const meanOf = ({ row }: twin.MetricTwin, p: Matrix, y: Matrix) => mean(p.map((one, i) => row(one, y[i]!)));

test("metrics: multi-output regression, over epochs, batches, validation and evaluate, not weighed", async ({
  gpu,
}) => {
  const y = x.map(([a = 0, b = 0, c = 0]) => [a * b, 3 * c + 5, 0.5].map(Math.fround));
  const measured = ["mse", "mae", metrics.r2Score({ name: "r2" }), "mean_squared_error"];
  const model = modelOf({ gpu, outputs: 3, loss: losses.huber({ delta: 0.5 }), metrics: measured });
  const batches: number[] = [];
  const { history } = await model.fit(x, y, {
    epochs: 2,
    batchSize: 8,
    sampleWeight: weights,
    validationData: [x.slice(0, 11), y.slice(0, 11)],
    verbose: 0,
    callbacks: [{ onBatchEnd: (_, logs) => batches.push(logs.mse!) }],
  });
  assert.sameOrderedMembers(Object.keys(history), [
    ...["loss", "mse", "mae", "r2", "mean_squared_error"],
    ...["val_loss", "val_mse", "val_mae", "val_r2", "val_mean_squared_error"],
  ]);
  assert.deepEqual(history.mse, history.mean_squared_error);
  // The last batch of an epoch has seen all of its rows.
  assert.lengthOf(batches, 10);
  assertWithin([batches[4]!, batches[9]!], history.mse!, 0, "mse of the last batches");
  const p = rowsOf((await model.predict(x)).data, 3);
  const values = await model.evaluate(x, y, { batchSize: 8, sampleWeight: weights });
  const wanted = [meanOf(twin.squaredError, p, y), meanOf(twin.absoluteError, p, y), twin.r2Score(p, y)];
  const bounds = wanted.map((value) => 1e-6 * (1 + Math.abs(value)));
  assertWithin([values.mse!, values.mae!, values.r2!], wanted, bounds, "evaluate");
  const part = [p.slice(0, 11), y.slice(0, 11)] as const;
  const last = [history.val_mse!, history.val_mae!, history.val_r2!].map((all) => all[1]!);
  const first11 = [meanOf(twin.squaredError, ...part), meanOf(twin.absoluteError, ...part), twin.r2Score(...part)];
  assertWithin(
    last,
    first11,
    first11.map((value) => 1e-6 * (1 + Math.abs(value))),
    "validation of the last epoch",
  );
  model.dispose();
});

test("metrics: of single minibatches, smaller ones behind larger, and of blocks", async ({ gpu }) => {
  const y = x.map(([a = 0, b = 0, c = 0]) => [a * b, 3 * c + 5].map(Math.fround));
  const model = modelOf({ gpu, outputs: 2, loss: "mean_squared_error", metrics: ["mae", "r2_score"] });
  const p = rowsOf((await model.predict(x)).data, 2);
  for (const count of [9, 5, 9, 3]) {
    const values = await model.testOnBatch(x.slice(0, count), y.slice(0, count));
    const part = [p.slice(0, count), y.slice(0, count)] as const;
    const wanted = [meanOf(twin.squaredError, ...part), meanOf(twin.absoluteError, ...part), twin.r2Score(...part)];
    const bounds = wanted.map((value) => 2e-6 * (1 + Math.abs(value)));
    assertWithin([values.loss!, values.mae!, values.r2_score!], wanted, bounds, `${count} rows`);
  }
  const blocks = [[x.slice(0, 20), y.slice(0, 20)] as const, [x.slice(20), y.slice(20)] as const];
  const { history } = await model.fitDataset(blocks, { batchSize: rows, verbose: 0 });
  assert.isTrue([history.mae?.[0], history.r2_score?.[0]].every(Number.isFinite));
  model.dispose();
});

test("metrics: a regression learns several outputs to an R2 near 1", async ({ gpu, note }) => {
  const many = matrix(200, 4, numbers(4));
  const y = many.map(([a = 0, b = 0, c = 0, d = 0]) => [Math.sin(2 * a) + b, 10 * c * d]);
  for (const loss of [losses.meanSquaredError(), losses.squaredEpsilonInsensitive({ epsilon: 0.01 })]) {
    const model = new Sequential(
      [
        layers.input({ shape: [4] }),
        layers.randomFourierFeatures({ outputDim: 200, scale: 1.5 }),
        layers.dense({ units: 2 }),
      ],
      { gpu, seed: 3 },
    );
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss, metrics: ["r2_score"] });
    await model.fit(many, y, { epochs: 60, batchSize: 20, verbose: 0 });
    const { r2_score = 0 } = await model.evaluate(many, y);
    const p = rowsOf((await model.predict(many)).data, 2);
    assertWithin([r2_score], [twin.r2Score(p, y)], 1e-6, `${loss.name}: R2`);
    assert.isAbove(r2_score, 0.95, loss.name);
    note(`${loss.name}: R2 ${r2_score.toFixed(4)}`);
    model.dispose();
  }
});

test("metrics: a classifier's, from labels and from one-hot rows", async ({ gpu }) => {
  const labels = x.map(([a = 0, b = 0]) => Math.floor((a + 1) * 2 + (b + 1)));
  const y = labels.map((label) => oneHot(label, 6));
  const measured = ["acc", "categorical_accuracy", metrics.topKCategoricalAccuracy({ k: 2, name: "top2" }), "hinge"];
  const model = modelOf({ gpu, outputs: 6, loss: "hinge", metrics: [...measured, "binary_accuracy", "mae"] });
  await model.fit(x, labels, { epochs: 3, batchSize: 8, verbose: 0 });
  const p = rowsOf((await model.predict(x)).data, 6);
  const fromLabels = await model.evaluate(x, labels, { batchSize: 8 });
  assert.deepEqual(await model.evaluate(x, y, { batchSize: 8 }), fromLabels);
  const accuracy = meanOf(twin.categoricalAccuracy, p, y);
  const wanted = {
    loss: meanOf(twin.hinge, p, y.map(signed)),
    acc: accuracy,
    categorical_accuracy: accuracy,
    top2: meanOf(twin.topK(2), p, y),
    hinge: meanOf(twin.hinge, p, y.map(signed)),
    binary_accuracy: meanOf(twin.binaryAccuracy(0.5), p, y),
    mae: meanOf(twin.absoluteError, p, y),
  };
  assert.sameOrderedMembers(Object.keys(fromLabels), Object.keys(wanted));
  assertWithin(Object.values(fromLabels), Object.values(wanted), 1e-6, "evaluate");
  model.dispose();
});

for (const [name, loss] of [
  ["hinge", "hinge"],
  ["squared hinge", "squared_hinge"],
  ["logistic", losses.binaryCrossentropy({ fromLogits: true })],
] as const) {
  test(`metrics: a ${name} model of one output learns from 0 and 1 as from -1 and 1`, async ({ gpu, note }) => {
    const many = matrix(101, 4, numbers(5));
    const zeroOne = many.map(([a = 0, b = 0]) => Number(a + b > 0.2));
    const signs = zeroOne.map((y) => 2 * y - 1);
    const fits = [];
    for (const y of [zeroOne, signs]) {
      const model = modelOf({ gpu, outputs: 1, loss, metrics: ["acc", metrics.binaryAccuracy({ threshold: 0 })] });
      const { history } = await model.fit(many, y, { epochs: 40, batchSize: 16, verbose: 0 });
      const { report, ...values } = await model.evaluate(many, y, { report: true });
      const p = rowsOf((await model.predict(many)).data, 1);
      const right = p.filter(([value = 0], i) => value > 0 === (zeroOne[i] === 1)).length;
      assertWithin(
        [values.acc!, values.binary_accuracy!, report.accuracy],
        vector(3, () => right / 101),
        1e-12,
        name,
      );
      assert.deepEqual(
        report.support,
        [0, 1].map((c) => zeroOne.filter((y) => y === c).length),
      );
      fits.push({ history, report, values });
      model.dispose();
    }
    assert.deepEqual(fits[1], fits[0]);
    assert.isAbove(fits[0]!.values.acc!, 0.9);
    note(`accuracy ${fits[0]!.values.acc!.toFixed(3)}`);
  });
}

test("metrics: a report says which classes were taken for which, in the pass that gives the loss", async ({ gpu }) => {
  const labels = x.map(([a = 0, b = 0]) => Math.floor((a + 1) * 2 + (b + 1)));
  const model = modelOf({ gpu, outputs: 6, loss: "categorical_hinge", metrics: ["acc"] });
  await model.fit(x, labels, { epochs: 3, batchSize: 8, verbose: 0 });
  const p = rowsOf((await model.predict(x)).data, 6);
  const plain = await model.evaluate(x, labels, { batchSize: 8 });
  const { report, ...values } = await model.evaluate(x, labels, { batchSize: 8, report: true });
  assert.deepEqual(values, plain);
  const wanted = vector(6, (t) =>
    vector(6, (f) => p.filter((row, i) => labels[i] === t && twin.argmax(row) === f).length),
  );
  assert.deepEqual(report.confusionMatrix, wanted);
  assert.equal(report.accuracy, plain.acc);
  const soft = labels.map((label) => vector(6, (c) => (c === label ? 0.6 : 0.08)));
  assert.deepEqual((await model.evaluate(x, soft, { report: true })).report, report);
  model.dispose();
});
