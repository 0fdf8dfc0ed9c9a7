// The search over scales: what it finds is what each model would have come to alone.
import { assert } from "chai";
import {
  ConfigError,
  DataError,
  DivergenceError,
  type FeatureMapName,
  type Gpu,
  layers,
  optimizers,
  regularizers,
  type ScaleTrial,
  type SearchScaleOptions,
  Sequential,
  searchScale,
} from "../../src/index.ts";
import { permutation, randomStream } from "../../src/random.ts";
import { classes, clouds, columns } from "./clouds.ts";
import { failure } from "./failure.ts";
import { assertClose, test } from "./harness.ts";
import { watch } from "./watch.ts";

const { x, labels } = clouds(150);
const validationSplit = 0.2; // 120 rows train, 30 validate
const settings = { outputDim: 33, epochs: 6, batchSize: 17, seed: 5 } as const;
const scales = [0.3, 1, 2, 3, 8];

/** What one of the models comes to alone. */
async function alone(
  gpu: Gpu,
  {
    scale,
    lambda = 0,
    epochs,
    featureMap = "dense",
  }: { scale: number; lambda?: number; epochs: number; featureMap?: FeatureMapName },
) {
  const kernelRegularizer = lambda > 0 ? regularizers.l2(lambda) : null;
  const model = new Sequential(
    [
      layers.input({ shape: [columns] }),
      layers.randomFourierFeatures({ outputDim: settings.outputDim, scale, featureMap }),
      layers.dense({ units: classes, kernelRegularizer }),
    ],
    { gpu, seed: settings.seed },
  );
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "hinge", metrics: ["acc"] });
  const { batchSize } = settings;
  const { history } = await model.fit(x, labels, { epochs, batchSize, validationSplit, verbose: 0 });
  const last = { loss: history.val_loss?.at(-1) ?? Number.NaN, acc: history.val_acc?.at(-1) ?? Number.NaN };
  return { model, last, weights: await model.getWeights() };
}

function search(gpu: Gpu, options: Partial<SearchScaleOptions> = {}) {
  const optimizer = optimizers.adam({ learningRate: 0.01 });
  return searchScale(x, labels, { ...settings, gpu, scales, optimizer, ...options });
}

test("search: every scale comes to what it comes to alone, and the worse half leaves", async ({ gpu }) => {
  const compared: (readonly ScaleTrial[])[] = [];
  const found = await search(gpu, { onCompared: (trials) => compared.push(trials) });
  // Five after one epoch, three after two, two after four; the last is trained to the end.
  assert.deepEqual(
    compared.map((trials) => trials.map(({ epochs }) => epochs)),
    [
      [1, 1, 1, 1, 1],
      [2, 2, 2],
      [4, 4],
    ],
  );
  assert.deepEqual(
    found.trials.map(({ epochs }) => epochs),
    [6, 4, 2, 1, 1],
  );
  assert.deepEqual(
    [...found.trials].map(({ scale }) => scale).sort((a, b) => a - b),
    scales,
  );
  for (const { scale, epochs, score, evaluation } of found.trials) {
    const { model, last } = await alone(gpu, { scale, epochs });
    assertClose([evaluation?.loss ?? 0], [last.loss], { relative: 1e-5 }, `scale ${scale}: loss`);
    assert.deepEqual([score, evaluation?.acc], [last.acc, last.acc], `scale ${scale}: accuracy`);
    model.dispose();
  }
  found.model.dispose();
});

test("search: the model found has the weights that training alone gives, and goes on", async ({ gpu }) => {
  const { model, best, trials } = await search(gpu);
  assert.deepEqual(best, trials[0]);
  const same = await alone(gpu, { scale: best.scale, epochs: settings.epochs });
  for (const [name, { data }] of Object.entries(await model.getWeights())) {
    assertClose(data, same.weights[name]?.data ?? [], { relative: 1e-5 }, name);
  }
  const held = { data: x.data.subarray(120 * columns), shape: [30, columns] };
  const evaluation = await model.evaluate(held, labels.subarray(120));
  assertClose([evaluation.loss ?? 0], [best.evaluation?.loss ?? 1], { relative: 1e-5 }, "loss");
  assert.equal(evaluation.acc, best.score);
  await model.fit(x, labels, { verbose: 0 });
  model.dispose();
  same.model.dispose();
});

test("search: the projection is computed once where it is kept, and the result is the same where it is not", async ({
  gpu,
}) => {
  const kept = await search(gpu);
  assert.equal(kept.projectedRows, 150);
  const run = await search(gpu, { featureCache: "off" });
  assert.isAbove(run.projectedRows, 150);
  assert.deepEqual(run.trials, kept.trials);
  // Room for the projection alone: the best one goes on from there.
  const tight = await search(gpu, { featureCache: 150 * 36 * 4 });
  assert.equal(tight.projectedRows, 150);
  assert.deepEqual(
    tight.trials.map(({ scale, epochs, score }) => [scale, epochs, score]),
    kept.trials.map(({ scale, epochs, score }) => [scale, epochs, score]),
  );
  for (const { model } of [kept, run, tight]) model.dispose();
});

test("search: lambdas are l2 regularizers of the head", async ({ gpu }) => {
  const found = await search(gpu, { scales: [2, 3], lambdas: [0, 0.1], epochs: 3 });
  assert.lengthOf(found.trials, 4);
  for (const { scale, lambda, epochs, evaluation } of found.trials) {
    const { model, last } = await alone(gpu, { scale, lambda, epochs });
    assertClose([evaluation?.loss ?? 0], [last.loss], { relative: 1e-5 }, `scale ${scale}, lambda ${lambda}`);
    model.dispose();
  }
  found.model.dispose();
});

for (const featureMap of ["orthogonal", "sorf"] as const) {
  test(`search: with the feature map ${featureMap}`, async ({ gpu }) => {
    const { model, best, projectedRows } = await search(gpu, { featureMap, scales: [1, 3] });
    assert.equal(projectedRows, 150);
    const same = await alone(gpu, { scale: best.scale, epochs: settings.epochs, featureMap });
    assertClose([best.evaluation?.loss ?? 0], [same.last.loss], { relative: 1e-5 }, "loss");
    const { "dense.kernel": kernel } = await model.getWeights();
    assertClose(kernel?.data ?? [], same.weights["dense.kernel"]?.data ?? [], { relative: 1e-5 }, "kernel");
    model.dispose();
    same.model.dispose();
  });
}

test("search: folds judge by their mean, and the best is trained again on all rows", async ({ gpu }) => {
  const { model, best, trials } = await search(gpu, { scales: [0.3, 3], folds: 4, epochs: 3 });
  assert.equal(best.scale, 3);
  assert.isAbove(best.score, trials[1]?.score ?? 1);
  const fresh = () => {
    const model = new Sequential(
      [
        layers.input({ shape: [columns] }),
        layers.randomFourierFeatures({ outputDim: 33, scale: 3 }),
        layers.dense({ units: classes }),
      ],
      { gpu, seed: settings.seed },
    );
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "hinge", metrics: ["acc"] });
    return model;
  };
  const order = permutation(randomStream(settings.seed, "folds"), 150);
  const part = (rows: Uint32Array) => ({
    x: Array.from(rows, (row) => x.data.subarray(row * columns, (row + 1) * columns)),
    y: Array.from(rows, (row) => labels[row] as number),
  });
  let sum = 0;
  for (let fold = 0; fold < 4; fold++) {
    const training = part(order.filter((_, i) => i % 4 !== fold));
    const held = part(order.filter((_, i) => i % 4 === fold));
    const one = fresh();
    await one.fit(training.x, training.y, { epochs: best.epochs, batchSize: 17, verbose: 0 });
    sum += (await one.evaluate(held.x, held.y)).acc ?? 0;
    one.dispose();
  }
  assertClose([best.score], [sum / 4], { absolute: 1e-12 }, "mean accuracy");
  const whole = fresh();
  await whole.fit(x, labels, { epochs: 3, batchSize: 17, verbose: 0 });
  const wanted = await whole.getWeights();
  for (const [name, { data }] of Object.entries(await model.getWeights())) {
    assertClose(data, wanted[name]?.data ?? [], { relative: 1e-5 }, name);
  }
  model.dispose();
  whole.dispose();
});

test("search: a regression is judged by its squared error", async ({ gpu }) => {
  const y = Float32Array.from({ length: 150 }, (_, row) => Math.sin(x.data[row * columns] ?? 0));
  const { model, best } = await searchScale(x, y, { ...settings, gpu, scales: [1, 3], loss: "mean_squared_error" });
  assert.equal(model.outputDim, 1);
  assertClose([best.score], [-(best.evaluation?.mse ?? 0)], { absolute: 0 }, "score");
  assert.isBelow(best.score, 0);
  model.dispose();
});

test("search: where the epochs end with a comparison, its winner is the model", async ({ gpu }) => {
  const { model, best, trials } = await search(gpu, { scales: [0.5, 1, 2, 4], epochs: 2 });
  assert.deepEqual(
    trials.map(({ epochs }) => epochs),
    [2, 2, 1, 1],
  );
  assert.isTrue(trials.every(({ score }) => Number.isFinite(score)));
  const same = await alone(gpu, { scale: best.scale, epochs: 2 });
  const { "dense.kernel": kernel } = await model.getWeights();
  assertClose(kernel?.data ?? [], same.weights["dense.kernel"]?.data ?? [], { relative: 1e-5 }, "kernel");
  model.dispose();
  same.model.dispose();
});

test("search: an average of the weights is what the model found has, as after a fit", async ({ gpu }) => {
  const averaging = () => optimizers.adam({ learningRate: 0.01, useEma: true, emaMomentum: 0.9 });
  const { model } = await search(gpu, { scales: [2], epochs: 3, optimizer: averaging() });
  const layer = layers.randomFourierFeatures({ outputDim: 33, scale: 2 });
  const same = new Sequential([layers.input({ shape: [columns] }), layer, layers.dense({ units: classes })], {
    ...{ gpu, seed: settings.seed },
  });
  same.compile({ optimizer: averaging(), loss: "hinge" });
  await same.fit(x, labels, { epochs: 3, batchSize: 17, validationSplit, verbose: 0 });
  const [found, wanted] = [await model.getWeights(), await same.getWeights()];
  const kernel = wanted["dense.kernel"]?.data ?? [];
  assertClose(found["dense.kernel"]?.data ?? [], kernel, { relative: 1e-5 }, "kernel");
  model.dispose();
  same.dispose();
});

test("search: folds judge a single candidate too, and an aborted one keeps what it has learned", async ({ gpu }) => {
  const one = await search(gpu, { scales: [3], folds: 3, epochs: 2 });
  assert.deepEqual([one.best.epochs, one.trials.length], [1, 1]);
  assert.isAbove(one.best.score, 0);
  const stopping = new AbortController();
  const onCompared = () => stopping.abort();
  const aborted = await search(gpu, { scales: [3, 8], folds: 3, signal: stopping.signal, onCompared });
  const { "dense.bias": bias } = await aborted.model.getWeights();
  assert.isTrue(bias?.data.every((value) => value !== 0));
  for (const { model } of [one, aborted]) model.dispose();
});

test("search: an aborted one gives the best so far, and frees what it made", async ({ gpu }) => {
  const stopping = new AbortController();
  const found = await search(gpu, { signal: stopping.signal, onCompared: () => stopping.abort() });
  assert.deepEqual(new Set(found.trials.map(({ epochs }) => epochs)), new Set([1]));
  found.model.dispose();
  let open = 0;
  const undo = [
    watch(GPUDevice.prototype, "createBuffer", () => open++),
    watch(GPUDevice.prototype, "createTexture", () => open++),
    watch(GPUBuffer.prototype, "destroy", () => open--),
    watch(GPUTexture.prototype, "destroy", () => open--),
  ];
  try {
    (await search(gpu)).model.dispose();
    assert.equal(open, 0);
  } finally {
    for (const restore of undo) restore();
  }
});

test("search: a candidate that diverges is last; where all do, that is the error", async ({ gpu }) => {
  const sizes = Float32Array.from(x.data, (value) => value * 1e3);
  const optimizer = optimizers.sgd({ learningRate: 1e38 });
  await failure(
    () => searchScale({ data: sizes, shape: x.shape }, labels, { ...settings, gpu, scales: [1, 2], optimizer }),
    DivergenceError,
    /No candidate that was left in the search stayed finite up to epoch \d/,
  );
});

test("search: settings that can't be used are refused", async ({ gpu }) => {
  const refused = (options: object, message: RegExp) => failure(() => search(gpu, options), ConfigError, message);
  await refused({ scales: [] }, /scales must be a list of positive numbers, got \[\]/);
  await refused({ scales: [1, 0] }, /scales must be a list of positive numbers, got \[1,0\]/);
  await refused({ lambdas: [-1] }, /lambdas must be a list of numbers from 0 on/);
  await refused({ folds: 1 }, /folds must be a whole number from 2 to the 150 rows, got 1/);
  await refused({ scale: 3 }, /searchScale: unknown option "scale"/);
  await refused({ seed: -1 }, /seed must be a whole number from 0/);
  await refused({ folds: 3, validationSplit: 0.5 }, /judged by folds or by a validationSplit; give one/);
  await failure(() => searchScale(x, null as never, { ...settings, gpu, scales }), DataError, /y: expected labels/);
  await refused({ epochs: 0 }, /epochs must be a positive whole number/);
  await failure(() => search(gpu, { units: 2 }), DataError, /label 2, but the model has 2 outputs/);
});
