// What a model is beside its training: weights, files, predictions, and the kinds there are.
import { assert } from "chai";
import { sliceRows } from "../../src/data/matrix.ts";
import { ConfigError, layers, losses, optimizers, Sequential } from "../../src/index.ts";
import { forward } from "../twins/matmul.ts";
import { vector } from "../twins/matrix.ts";
import { classes, clouds, columns, hinge, linear, modelOf, rowsOf, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { assertClose, test } from "./harness.ts";

const { x, labels } = clouds(100);
const silent = { verbose: 0, batchSize: 16 } as const;

test("models: bytes with a unit are the floats they stand for", async ({ gpu }) => {
  const data = Uint8Array.from(x.data, (value) => Math.max(0, Math.min(255, 64 * value + 64)));
  const bytes = { data, shape: x.shape, unit: 1 / 255 };
  const floats = { data: Float32Array.from(data, (byte) => byte / 255), shape: x.shape };
  const model = svm(gpu);
  const [fromBytes, fromFloats] = [await model.predict(bytes), await model.predict(floats)];
  assertClose(fromBytes.data, fromFloats.data, { relative: 1e-5 }, "outputs");
  const withoutUnit = await model.predict({ data, shape: x.shape });
  assert.throws(() => assertClose(withoutUnit.data, fromFloats.data, { relative: 1e-2 }, "outputs"));
  model.dispose();
});

test("models: weights go out and in again by name", async ({ gpu }) => {
  const model = svm(gpu);
  const weights = await model.getWeights();
  assert.deepEqual(
    Object.entries(weights).map(([name, { shape }]) => [name, [...shape]]),
    [
      ["random_fourier_features.kernel_scale", [1]],
      ["random_fourier_features.unscaled_kernel", [columns, 24]],
      ["random_fourier_features.bias", [24]],
      ["dense.kernel", [24, classes]],
      ["dense.bias", [classes]],
    ],
  );
  const before = await model.predict(x);
  weights["dense.bias"]?.data.fill(9); // a copy
  assert.deepEqual((await model.predict(x)).data, before.data);
  await model.fit(x, labels, silent);
  assert.notDeepEqual((await model.predict(x)).data, before.data);
  await model.setWeights({ ...weights, "dense.bias": [0, 0, 0] });
  assert.deepEqual((await model.predict(x)).data, before.data);
  // Frozen weights too: the features of a smaller scale are others.
  await model.setWeights({ "random_fourier_features.kernel_scale": [1] });
  assert.notDeepEqual((await model.predict(x)).data, before.data);
  await model.setWeights({ "random_fourier_features.kernel_scale": [3] });
  assert.deepEqual((await model.predict(x)).data, before.data);
  model.dispose();
});

test("models: a saved model predicts the same, bit for bit, and learns on", async ({ gpu }) => {
  const model = svm(gpu);
  await model.fit(x, labels, silent);
  const bytes = await model.save({ classNames: ["a", "b", "c"] });
  const loaded = Sequential.load(bytes, { gpu });
  assert.deepEqual((await loaded.predict(x)).data, (await model.predict(x)).data);
  assert.deepEqual(loaded.metadata.classNames, ["a", "b", "c"]);
  assert.equal(loaded.metadata.loss, "hinge");
  assert.equal(loaded.seed, model.seed);
  assert.deepEqual(await loaded.save(), bytes);
  loaded.compile({ optimizer: "adam", loss: "hinge" });
  assert.lengthOf((await loaded.fit(x, labels, silent)).epoch, 1);
  model.dispose();
  loaded.dispose();
});

test("models: a compact file predicts the same, bit for bit, and holds what was set by hand", async ({ gpu }) => {
  const model = svm(gpu);
  await model.fit(x, labels, silent);
  const before = await model.predict(x);
  const bytes = await model.save({}, { compact: true });
  const loaded = Sequential.load(bytes, { gpu });
  assert.deepEqual((await loaded.predict(x)).data, before.data);
  assert.deepEqual(await loaded.save(), await model.save({}), "in full");
  // Another seed's projection is no longer what this seed draws.
  const { "random_fourier_features.unscaled_kernel": kernel } = await svm(gpu, { seed: 6 }).getWeights();
  await loaded.setWeights({ "random_fourier_features.unscaled_kernel": kernel! });
  const byHand = await loaded.save({}, { compact: true });
  assert.isAtLeast(byHand.length - bytes.length, 4 * columns * 24 - 64);
  assert.deepEqual(await Sequential.load(byHand, { gpu }).getWeights(), await loaded.getWeights());
  await failure(
    () => model.save({}, { compress: true } as never),
    ConfigError,
    /model\.save: unknown option "compress"/,
  );
  model.dispose();
  loaded.dispose();
});

test("models: any number of rows is predicted as each row alone", async ({ gpu }) => {
  const { x: many } = clouds(257);
  const model = svm(gpu);
  const all = rowsOf(await model.predict(many));
  for (const count of [1, 255, 256]) {
    const outputs = await model.predict(sliceRows(many, 0, count));
    assert.deepEqual(outputs.shape, [count, classes]);
    assert.deepEqual(rowsOf(outputs), all.slice(0, count), `${count} rows`);
  }
  for (const row of [1, 100, 254, 255, 256]) {
    assert.deepEqual(rowsOf(await model.predict(sliceRows(many, row, row + 1))), [all[row]!], `row ${row}`);
  }
  assert.deepEqual((await model.predict([[...many.data.subarray(0, columns)]])).data, all[0]);
  model.dispose();
});

test("models: a single output under mean_squared_error fits a line", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.dense({ units: 1 })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.1 }), loss: "mean_squared_error" });
  const y = rowsOf(x).map((row) => 2 * row[0]! - row[4]! + 0.5);
  const { history } = await model.fit(x, y, { ...silent, epochs: 30 });
  assert.deepEqual(Object.keys(history), ["loss"]);
  assert.isBelow(history.loss?.at(-1) ?? 1, 1e-3);
  const { "dense.kernel": kernel, "dense.bias": bias } = await model.getWeights();
  assertClose([...kernel!.data, ...bias!.data], [2, 0, 0, 0, -1, 0.5], { absolute: 0.05 }, "line");
  const asColumn = await model.evaluate(
    x,
    y.map((value) => [value]),
  );
  assert.deepEqual(asColumn, await model.evaluate(x, y));
  model.dispose();
});

test("models: a loss given as an object with its options", async ({ gpu }) => {
  const model = svm(gpu);
  const outputs = rowsOf(await model.predict(x));
  const entropy = outputs.reduce((sum, row, i) => {
    const total = row.reduce((a, p) => a + Math.exp(p), 0);
    return sum + Math.log(total) - row[labels[i]!]!;
  }, 0);
  model.compile({ optimizer: "adam", loss: losses.categoricalCrossentropy({ fromLogits: true }) });
  const before = await model.evaluate(x, labels);
  assert.deepEqual(Object.keys(before), ["loss"]);
  assertClose([before.loss ?? 0], [entropy / 100], { relative: 1e-5 }, "cross-entropy");
  const { history } = await model.fit(x, labels, { ...silent, epochs: 5 });
  assert.isBelow(history.loss?.at(-1) ?? 2, history.loss?.[0] ?? 0);
  model.dispose();
});

test("models: a linear model without a feature map", async ({ gpu }) => {
  const model = linear(gpu);
  const { "dense.kernel": kernel, "dense.bias": bias } = await model.getWeights();
  const byHand = rowsOf(x).flatMap((row) =>
    Array.from(bias!.data, (b, c) => row.reduce((sum, value, k) => sum + value * kernel!.data[k * classes + c]!, b)),
  );
  assertClose((await model.predict(x)).data, byHand, { relative: 1e-6 }, "x W + b");
  const { history } = await model.fit(x, labels, { ...silent, epochs: 10, validationSplit: 0.2 });
  assert.isBelow(history.loss?.at(-1) ?? 1, history.loss?.[0] ?? 0);
  model.dispose();
});

test("models: a model with nothing to train is evaluated on its own outputs", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.randomFourierFeatures({ outputDim: classes, scale: 3 })]);
  const outputs = rowsOf(await model.predict(x));
  const byHand = outputs.reduce((sum, row, i) => sum + hinge(row, labels[i]!), 0) / 100;
  const { loss } = await model.evaluate(x, labels);
  assertClose([loss ?? 0], [byHand], { relative: 1e-5 }, "loss");
  model.dispose();
});

test("models: summary names layers, shapes and counts", ({ gpu }) => {
  const summary = svm(gpu).summary();
  assert.match(summary, /^Model: "sequential"/);
  assert.match(summary, /dense \(Dense\) +\[null, 3\] +75/);
  assert.match(summary, /Total params: 220\nTrainable params: 75\nNon-trainable params: 145/);
});

test("models: a frozen Dense layer is hoisted, or recomputed, and stays as it is", async ({ gpu }) => {
  const frozen = () => layers.dense({ units: 7, trainable: false, name: "frozen" });
  const head = () => layers.dense({ units: classes, name: "head" });
  const below = modelOf(gpu, [frozen()]);
  const ready = await below.predict(x); // what the layer gives, as rows of their own
  const above = new Sequential([layers.input({ shape: [7] }), head()], { gpu, seed: below.seed });
  above.compile({ optimizer: "adam", loss: "hinge", metrics: ["acc"] });
  const wanted = await above.fit(ready, labels, { ...silent, epochs: 3, shuffle: false });
  for (const featureCache of ["auto", "off"] as const) {
    const model = modelOf(gpu, [frozen(), head()]);
    const before = await model.getWeights();
    const { history } = await model.fit(x, labels, { ...silent, epochs: 3, shuffle: false, featureCache });
    assert.deepEqual(history, wanted.history);
    const after = await model.getWeights();
    assert.deepEqual(after["frozen.kernel"], before["frozen.kernel"]);
    assert.deepEqual(after["head.kernel"], (await above.getWeights())["head.kernel"]);
    model.dispose();
  }
  below.dispose();
  above.dispose();
});

test("models: a gradient passes through a frozen Dense layer on top of a trained one", async ({ gpu }) => {
  const model = modelOf(gpu, [
    layers.dense({ units: 7, name: "trained" }),
    layers.dense({ units: classes, trainable: false, name: "frozen" }),
  ]);
  const before = await model.getWeights();
  const { history } = await model.fit(x, labels, { ...silent, epochs: 5 });
  const after = await model.getWeights();
  assert.deepEqual(after["frozen.kernel"], before["frozen.kernel"]);
  assert.notDeepEqual(after["trained.kernel"], before["trained.kernel"]);
  assert.isBelow(history.loss?.at(-1) ?? 1, history.loss?.[0] ?? 0);
  assert.match(model.summary(), /Non-trainable params: 24/);
  model.dispose();
});

test("models: rows may come as images, and a file keeps a layer's regularizer and that it is frozen", async ({
  gpu,
}) => {
  const model = modelOf(gpu, [
    layers.dense({ units: 4, trainable: false }),
    layers.dense({ units: classes, kernelRegularizer: { l1: 0.5, l2: 0.25 } }),
  ]);
  assert.deepEqual(await model.predict({ ...x, shape: [100, 1, columns] }), await model.predict(x));
  const loaded = Sequential.load(await model.save(), { gpu });
  assert.equal(loaded.summary(), model.summary());
  assert.deepEqual(await loaded.save(), await model.save());
  model.dispose();
  loaded.dispose();
});

test("models: a frozen Dense layer gives the same for any number of rows", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.dense({ units: 3, trainable: false, name: "frozen" })]);
  const { "frozen.kernel": kernel, "frozen.bias": bias } = await model.getWeights();
  const w = vector(columns, (i) => [...kernel!.data.subarray(i * 3, i * 3 + 3)]);
  for (const rows of [1, 2, 5, 9]) {
    const few = vector(rows, (row) => [...x.data.subarray(row * columns, (row + 1) * columns)]);
    const { data } = await model.predict(few);
    assertClose(data, forward(few, w, [...bias!.data]).flat(), { relative: 1e-6 }, `${rows} rows`);
  }
  model.dispose();
});

test("models: a fit in which nothing trains is refused", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.dropout({ rate: 0.5 }), layers.dense({ units: classes, trainable: false })]);
  await failure(() => model.fit(x, labels, silent), ConfigError, /no layer of the model trains/);
  model.dispose();
});
