// Minibatches that come one by one.
import { assert } from "chai";
import { DivergenceError, optimizers } from "../../src/index.ts";
import { blocks, labels, rows, x } from "./blocks.ts";
import { bitsOf, oneHot, svm } from "./clouds.ts";
import { test } from "./harness.ts";
import { watch } from "./watch.ts";

/** Counts the buffers and textures made while `run` runs. */
async function made(run: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const undo = (["createBuffer", "createTexture", "createBindGroup"] as const).map((name) =>
    watch(GPUDevice.prototype, name, () => count++),
  );
  try {
    await run();
  } finally {
    for (const restore of undo) restore();
  }
  return count;
}

test("on batch: steps on minibatches are the steps of a fit, to the bit, with the logs of each", async ({ gpu }) => {
  const [byBatch, whole] = [svm(gpu), svm(gpu)];
  const losses: number[] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const { x, y } of blocks(30)) losses.push((await byBatch.trainOnBatch(x, y)).loss ?? 0);
  }
  const seen: number[] = [];
  const onBatchEnd = (batch: number, { loss = 0 }) => {
    if (batch === 0) seen.push(loss);
  };
  const options = { epochs: 2, batchSize: 30, shuffle: false, verbose: 0, callbacks: [{ onBatchEnd }] } as const;
  const { history } = await whole.fit(x, labels, options);
  assert.deepEqual(await bitsOf(byBatch), await bitsOf(whole));
  assert.deepEqual([losses[0], losses[3]], seen);
  assert.approximately((losses[0]! + losses[1]! + losses[2]!) / 3, history.loss?.[0] ?? 0, 1e-9);
  assert.deepEqual(byBatch.trained, { epochs: 0, steps: 6 });
  for (const model of [byBatch, whole]) model.dispose();
});

test("on batch: nothing is made for a minibatch of a size that was there before", async ({ gpu, note }) => {
  const model = svm(gpu);
  const [first, second, , , , last] = blocks(16);
  const train = (block = first!) => model.trainOnBatch(block.x, block.y);
  assert.isAbove(await made(() => train()), 0);
  assert.equal(await made(async () => [await train(second), await train(), await train(second)]), 0);
  assert.isAbove(await made(() => train(last)), 0);
  assert.equal(await made(async () => [await train(), await train(last)]), 0);
  await model.testOnBatch(first!.x, first!.y);
  const tests = await made(() => model.testOnBatch(second!.x, second!.y));
  note(`buffers, textures and bind groups made by a test on a known size: ${tests}`);
  assert.equal(tests, 0);
  // New weights, a new optimizer and a fit between do not leave old plans in use.
  const other = svm(gpu);
  await model.setWeights(await other.getWeights());
  for (const each of [model, other]) {
    each.compile({ optimizer: optimizers.sgd({ momentum: 0.5 }), loss: "squared_hinge" });
    await each.fit(x, labels, { verbose: 0, shuffle: false });
    await each.trainOnBatch(first!.x, first!.y);
    await each.trainOnBatch(last!.x, last!.y);
  }
  assert.deepEqual(await bitsOf(model), await bitsOf(other));
  for (const each of [model, other]) each.dispose();
});

test("on batch: a test gives what evaluate does and changes nothing; weights are read as they are", async ({ gpu }) => {
  const model = svm(gpu);
  const { x: first, y } = blocks(16)[1]!;
  await model.trainOnBatch(first, y);
  const bits = await bitsOf(model);
  assert.deepEqual(await model.testOnBatch(first, y), await model.evaluate(first, y, { batchSize: 16 }));
  const sampleWeight = Array.from(y, (_, i) => i % 3);
  assert.deepEqual(
    await model.testOnBatch(first, y, { sampleWeight }),
    await model.evaluate(first, y, { batchSize: 16, sampleWeight }),
  );
  assert.deepEqual(await bitsOf(model), bits);
  // One weight set by hand leaves what was learned of the others.
  const { "dense.kernel": kernel } = await model.getWeights();
  await model.trainOnBatch(first, y);
  const learned = await model.getWeights();
  assert.notDeepEqual(learned["dense.kernel"], kernel);
  await model.trainOnBatch(first, y);
  const before = (await model.getWeights())["dense.kernel"];
  await model.setWeights({ "dense.bias": [0, 0, 0] });
  assert.deepEqual((await model.getWeights())["dense.kernel"], before);
  model.dispose();
});

test("on batch: weights that were replaced, the frozen ones too, and targets of another meaning are learned from", async ({
  gpu,
}) => {
  const [known, fresh] = [svm(gpu), svm(gpu)];
  const { x: first, y } = blocks(16)[0]!;
  const signs = oneHot(y).map((row) => row.map((value) => 2 * value - 1));
  for (const model of [known, fresh]) model.compile({ optimizer: optimizers.sgd(), loss: "hinge" });
  // One model has its place for minibatches from targets of 0 and 1; SGD without momentum remembers nothing else.
  await known.trainOnBatch(first, oneHot(y));
  assert.deepEqual(await known.testOnBatch(first, signs), await known.evaluate(first, signs, { batchSize: 16 }));
  assert.deepEqual(await known.testOnBatch(first, oneHot(y)), await known.testOnBatch(first, signs));
  const { "random_fourier_features.bias": bias, ...rest } = await known.getWeights();
  const replaced = { ...rest, "random_fourier_features.bias": bias!.data.map((value) => value / 2) };
  for (const model of [known, fresh]) await model.setWeights(replaced);
  assert.deepEqual(await known.trainOnBatch(first, signs), await fresh.trainOnBatch(first, signs));
  assert.deepEqual(await bitsOf(known), await bitsOf(fresh));
  for (const model of [known, fresh]) model.dispose();
});

test("on batch: weights of classes and rows, and kinds of rows and targets", async ({ gpu }) => {
  const [one, other] = [svm(gpu), svm(gpu)];
  const classWeight = { 0: 0.25, 1: 3, 2: 1 };
  const sampleWeight = Float32Array.from(labels, (_, i) => (i % 4) / 4);
  const product = sampleWeight.map((weight, i) => weight * [0.25, 3, 1][labels[i]!]!);
  await one.trainOnBatch(x, labels, { sampleWeight, classWeight });
  await other.trainOnBatch(x, oneHot(labels), { sampleWeight: product });
  assert.deepEqual(await bitsOf(one), await bitsOf(other));
  const bytes = { data: Uint8Array.from(x.data, (value) => Math.abs(value) * 50), shape: x.shape };
  for (const unit of [0.1, 0.2]) {
    const floats = { data: Float32Array.from(bytes.data, (value) => value * Math.fround(unit)), shape: x.shape };
    const [a, b] = [await one.trainOnBatch({ ...bytes, unit }, labels), await other.trainOnBatch(floats, labels)];
    assert.approximately(a.loss ?? 0, b.loss ?? 1, 1e-5);
  }
  for (const unit of [1, 10, undefined]) {
    const values = { data: x.data.map((value) => value * (unit ?? 1)), shape: x.shape };
    assert.deepEqual(
      await one.testOnBatch({ ...x, unit }, labels),
      await one.evaluate(values, labels, { batchSize: rows }),
    );
  }
  for (const each of [one, other]) each.dispose();
});

test("on batch: what diverges says at which step, and the model goes on after its weights are put back", async ({
  gpu,
}) => {
  const model = svm(gpu);
  const weights = await model.getWeights();
  model.compile({ optimizer: optimizers.sgd({ learningRate: 1e38 }), loss: "squared_hinge" });
  const train = () => model.trainOnBatch(x, labels);
  let error: unknown;
  let step = 0;
  for (; step < 5 && !error; step++) await train().catch((thrown) => (error = thrown));
  assert.instanceOf(error, DivergenceError);
  assert.equal((error as DivergenceError).step, step);
  await model.setWeights(weights);
  model.compile({ optimizer: "adam", loss: "hinge" });
  assert.isTrue(Number.isFinite((await train()).loss));
  model.dispose();
});
