// Training that leaves the finite numbers ends with the step at which it did, also where a hinge would hide it.
import { assert } from "chai";
import { ConfigError, DivergenceError, type FitOptions, layers, optimizers, Sequential } from "../../src/index.ts";
import { bitsOf, classes, clouds, columns, modelOf, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { type Context, test } from "./harness.ts";

const rows = 24;
const batchSize = 4;
const { x, labels } = clouds(rows);
const options = { verbose: 0, batchSize, shuffle: false } as const;

async function divergence(fit: Promise<unknown>): Promise<DivergenceError> {
  const error = await fit.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instanceOf(error, DivergenceError, `got ${error}`);
  return error as DivergenceError;
}

interface Machine {
  loss: "hinge" | "squared_hinge";
  learningRate: number;
  /** What the points are multiplied by. */
  size: number;
}

/** The first step, from 1, at which a linear model under SGD has a logit, a loss or a weight beyond float32; weights begin at 0. */
function firstBadStep({ loss, learningRate, size }: Machine, epochs: number): number {
  const weights = new Float32Array((columns + 1) * classes);
  const data = x.data.map((value) => value * size);
  for (let step = 0; step < (epochs * rows) / batchSize; step++) {
    const gradient = new Float32Array(weights.length);
    let finite = true;
    for (let i = 0; i < batchSize; i++) {
      const row = (step * batchSize + i) % rows;
      const inputs = [...data.subarray(row * columns, (row + 1) * columns), 1];
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        const p = Math.fround(
          inputs.reduce((sum, value, k) => Math.fround(sum + value * weights[k * classes + c]!), 0),
        );
        finite &&= Number.isFinite(p);
        const y = c === labels[row] ? 1 : -1;
        const slack = Math.max(1 - y * p, 0);
        const slope = loss === "hinge" ? -y * Number(1 - y * p >= 0) : -2 * y * slack;
        sum = Math.fround(sum + Math.fround(loss === "hinge" ? slack : slack * slack));
        inputs.forEach((value, k) => {
          gradient[k * classes + c]! += (slope / classes / batchSize) * value;
        });
      }
      finite &&= Number.isFinite(sum);
    }
    gradient.forEach((g, i) => {
      weights[i]! -= Math.fround(learningRate * g);
    });
    if (!finite || !weights.every(Number.isFinite)) return step + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** A linear model of zeros, compiled with SGD. */
async function zeros(gpu: Context["gpu"], { loss, learningRate }: Machine) {
  const model = modelOf(gpu, [layers.dense({ units: classes })]);
  await model.setWeights({ "dense.kernel": new Float32Array(columns * classes) });
  const optimizer = optimizers.sgd({ learningRate });
  model.compile({ optimizer, loss, metrics: ["acc"] });
  return { model, optimizer };
}

const scaled = (size: number) => ({ data: x.data.map((value) => value * size), shape: x.shape });
const machines: Machine[] = [
  { loss: "hinge", learningRate: 1e30, size: 1e8 },
  { loss: "hinge", learningRate: 1e37, size: 10 },
  { loss: "squared_hinge", learningRate: 1e30, size: 1 },
  { loss: "squared_hinge", learningRate: 10, size: 1 },
  { loss: "squared_hinge", learningRate: 3, size: 1.5 },
];

for (const machine of machines) {
  for (const fuse of [true, false]) {
    const { loss, learningRate, size } = machine;
    const name = `${loss} at ${learningRate}, points of size ${size}${fuse ? "" : ", not fused"}`;
    test(`divergence: ${name}`, async ({ gpu, note }) => {
      const expected = firstBadStep(machine, 20);
      assert.isBelow(expected, (20 * rows) / batchSize);
      const { model } = await zeros(gpu, machine);
      const error = await divergence(model.fit(scaled(size), labels, { ...options, epochs: 20, fuse }));
      note(`step ${error.step}`);
      assert.equal(error.step, expected);
      const epoch = Math.ceil((expected * batchSize) / rows);
      assert.include(
        error.message,
        `step ${expected} (epoch ${epoch}, minibatch ${expected - ((epoch - 1) * rows) / batchSize})`,
      );
      assert.include(error.message, `under ${loss}. Use a smaller learning rate than ${learningRate}`);
      model.dispose();
    });
  }
}

test("divergence: steps are counted from the beginning of the fit that fails", async ({ gpu }) => {
  const machine: Machine = { loss: "squared_hinge", learningRate: 10, size: 1 };
  const { model, optimizer } = await zeros(gpu, { ...machine, learningRate: 1e-3 });
  await model.fit(x, labels, { ...options, epochs: 3 });
  optimizer.learningRate = 10;
  const { "dense.kernel": kernel } = await model.getWeights();
  await model.setWeights({ "dense.kernel": kernel!.data.map(() => 0), "dense.bias": [0, 0, 0] });
  const error = await divergence(model.fit(x, labels, { ...options, epochs: 20 }));
  assert.equal(error.step, firstBadStep(machine, 20));
  model.dispose();
});

test("divergence: a learning rate raised by a callback", async ({ gpu }) => {
  const { model, optimizer } = await zeros(gpu, { loss: "hinge", learningRate: 1e-3, size: 1 });
  const onEpochBegin = (epoch: number) => {
    if (epoch === 2) optimizer.learningRate = 1e38;
  };
  const error = await divergence(
    model.fit(scaled(1e3), labels, { ...options, epochs: 5, callbacks: [{ onEpochBegin }] }),
  );
  // The first step of the third epoch overflows the weights, or the second the logits.
  assert.oneOf(error.step, [13, 14]);
  model.dispose();
});

test("divergence: the error names the schedule of the learning rate", async ({ gpu }) => {
  const { model } = await zeros(gpu, { loss: "hinge", learningRate: 1e-3, size: 1 });
  const learningRate = (step: number) => (step < 3 ? 0 : 1e38);
  model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "squared_hinge" });
  const error = await divergence(model.fit(scaled(1e3), labels, { ...options, epochs: 5 }));
  assert.match(error.message, /Use a smaller learning rate than custom gives, or scale the inputs/);
  assert.oneOf(error.step, [4, 5]); // step 4 overflows the weights, or the next the logits
  model.dispose();
});

for (const bad of [-1, Number.NaN]) {
  test(`divergence: a learning rate of ${bad} set by a callback is refused`, async ({ gpu }) => {
    const { model, optimizer } = await zeros(gpu, { loss: "hinge", learningRate: 1e-3, size: 1 });
    const onEpochBegin = (epoch: number) => {
      if (epoch === 2) optimizer.learningRate = bad;
    };
    const fit = () => model.fit(x, labels, { ...options, epochs: 5, callbacks: [{ onEpochBegin }] });
    await failure(fit, ConfigError, /learningRate must be a number from 0 on/);
    model.dispose();
  });
}

const ways: [string, FitOptions][] = [
  ["fused", {}],
  ["not fused", { fuse: false }],
  ["with validation", { validationSplit: 0.25 }],
  ["without kept features", { featureCache: "off" }],
];
for (const [name, more] of ways) {
  test(`divergence: a quasi-SVM under Adam goes on after its weights are put back, ${name}`, async ({ gpu }) => {
    const model = svm(gpu);
    const optimizer = optimizers.adam();
    model.compile({ optimizer, loss: "squared_hinge" });
    await model.fit(x, labels, { ...options, ...more });
    const saved = await model.save();
    const weights = await model.getWeights();
    const bits = await bitsOf(model);
    optimizer.learningRate = 1e30;
    await divergence(model.fit(x, labels, { ...options, ...more, epochs: 10 }));
    optimizer.learningRate = 1e-3;
    await model.setWeights(weights);
    assert.deepEqual(await bitsOf(model), bits);
    const { history } = await model.fit(x, labels, { ...options, ...more });
    assert.isTrue(Number.isFinite(history.loss?.[0]));
    const loaded = Sequential.load(saved, { gpu });
    assert.deepEqual(await bitsOf(loaded), bits);
    model.dispose();
    loaded.dispose();
  });
}

test("divergence: compile also begins anew", async ({ gpu }) => {
  const model = svm(gpu);
  const weights = await model.getWeights();
  model.compile({ optimizer: optimizers.adam({ learningRate: 1e30 }), loss: "squared_hinge" });
  await divergence(model.fit(x, labels, { ...options, epochs: 10 }));
  await model.setWeights(weights);
  model.compile({ optimizer: "adam", loss: "squared_hinge" });
  assert.lengthOf((await model.fit(x, labels, options)).epoch, 1);
  model.dispose();
});

test("divergence: weights too large to evaluate with", async ({ gpu }) => {
  const model = svm(gpu);
  await model.setWeights({ "dense.kernel": new Float32Array(24 * classes).fill(3e38) });
  const error = await divergence(model.evaluate(x, labels, { batchSize: 4 }));
  assert.match(error.message, /outputs are not finite in minibatch \d of 6/);
  model.dispose();
});
