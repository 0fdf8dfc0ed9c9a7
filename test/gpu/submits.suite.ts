// A fit that pauses, goes on step by step, and predicts in between.
import { assert } from "chai";
import { sliceRows } from "../../src/data/matrix.ts";
import { Buffers } from "../../src/gpu/buffers.ts";
import { freeze } from "../../src/gpu/dispatch.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import { Profiler } from "../../src/gpu/profile.ts";
import { StepQueue } from "../../src/gpu/queue.ts";
import {
  type Callbacks,
  ConfigError,
  DataError,
  type FitOptions,
  type Gpu,
  type History,
  type KernelTime,
  type LearningRate,
  layers,
  optimizers,
  type Predictions,
  Sequential,
  type Training,
  type TrainingOptions,
} from "../../src/index.ts";
import { bitsOf, classes, clouds, modelOf, svm } from "./clouds.ts";
import { ending, failure, withoutStrayRejections } from "./failure.ts";
import { test } from "./harness.ts";
import { watch } from "./watch.ts";

const { x, labels } = clouds(90);
/** An epoch trains 9 steps, the last on 2 rows. */
const options: FitOptions & { batchSize: number } = { verbose: 0, batchSize: 11 };
const steps = 9;

/** Room for the features of three minibatches, but not of all rows. */
const runBytes = 33 * 24 * 4;

/** The ways of minibatches to the GPU. */
const ways: Record<string, (model: Sequential, given: TrainingOptions) => Promise<History>> = {
  "kept features": (model, given) => model.fit(x, labels, { ...options, ...given }),
  "features recomputed": (model, given) => model.fit(x, labels, { ...options, featureCache: runBytes, ...given }),
  "a stream": (model, given) => model.fitDataset(blocks, { ...options, ...given }),
};

/** Five minibatches, and four. */
function blocks() {
  const cut = 5 * options.batchSize;
  return [
    { x: sliceRows(x, 0, cut), y: labels.subarray(0, cut) },
    { x: sliceRows(x, cut, 90), y: labels.subarray(cut) },
  ];
}

for (const [name, train] of Object.entries(ways)) {
  test(`submits of ${name}: the smallest number is the most that go, and the bits stay`, async ({ gpu }) => {
    const bitsWith = async (callbacks: readonly Callbacks[]) => {
      const model = svm(gpu);
      await train(model, { epochs: 2, callbacks });
      const bits = await bitsOf(model);
      model.dispose();
      return bits;
    };
    const first: number[][] = [];
    const asking: Callbacks = {
      onEpochBegin: () => void first.push([]),
      onSubmit(batch) {
        first.at(-1)?.push(batch);
        return first.length === 1 ? 2 : 1;
      },
    };
    assert.deepEqual(
      await bitsWith([{ onSubmit: async () => 4 }, asking, { onSubmit: () => 3 }, { onSubmit: () => {} }]),
      await bitsWith([]),
    );
    const [twos = [], ones] = first;
    const sizes = twos.map((batch, i) => (twos[i + 1] ?? steps) - batch);
    assert.isAtMost(Math.max(...sizes), 2); // a slow device learns to submit even fewer
    assert.deepEqual(ones, [...Array(steps).keys()]);
  });

  test(`submits of ${name}: none in a pause, and none behind an abort or a stop in it`, async ({ gpu }) => {
    for (const end of ["abort", "stop"] as const) {
      const model = svm(gpu);
      const abort = new AbortController();
      let training: Training | undefined;
      let submits = 0;
      const undo = watch(GPUQueue.prototype, "submit", () => submits++);
      const pausing: Callbacks = {
        onTrainBegin(given) {
          training = given;
        },
        async onSubmit(batch) {
          if (batch < 6) return 1;
          const before = submits;
          await new Promise((resolve) => setTimeout(resolve, 20));
          assert.equal(submits, before);
          if (end === "abort") abort.abort();
          else training?.stopTraining();
        },
      };
      const history = await train(model, { callbacks: [pausing], signal: abort.signal }).finally(undo);
      assert.deepEqual([history.steps, history.aborted, model.trained.steps], [6, end === "abort", 6]);
      model.dispose();
    }
  });
}

/** A learning rate for every three steps of an epoch. */
const rateOf = (step: number) => 0.02 / (1 + Math.floor(step / 3));

for (const [name, train] of Object.entries(ways)) {
  test(`a learning rate set in an epoch, ${name}: the bits of a schedule that gives the same`, async ({ gpu }) => {
    const bitsWith = async (learningRate: LearningRate, callbacks: readonly Callbacks[]) => {
      const model = svm(gpu);
      model.compile({ optimizer: optimizers.adamW({ learningRate, weightDecay: 0.1 }), loss: "hinge" });
      await train(model, { callbacks });
      const bits = await bitsOf(model);
      model.dispose();
      return bits;
    };
    let training: Training | undefined;
    const setting: Callbacks = {
      onTrainBegin(given) {
        training = given;
      },
      onSubmit(batch) {
        if (training) training.learningRate = rateOf(batch);
        return 3 - (batch % 3);
      },
    };
    const scheduled = await bitsWith((step) => rateOf(step % steps), []);
    assert.deepEqual(await bitsWith(rateOf(0), [setting]), scheduled);
    assert.notDeepEqual(await bitsWith(rateOf(0), []), scheduled);
  });
}

test("a file saved in a fit is that of model.save, compact too", async ({ gpu }) => {
  const model = svm(gpu);
  let training: Training | undefined;
  const files: (Uint8Array | undefined)[] = [];
  const given = [{ optimizer: true }, { optimizer: true, compact: true }, { optimizer: false, compact: true }];
  const saving: Callbacks = {
    onTrainBegin(now) {
      training = now;
    },
    async onEpochEnd() {
      for (const each of given) files.push(await training?.save(each));
    },
  };
  await model.fit(x, labels, { ...options, callbacks: [saving] });
  for (const [i, each] of given.entries()) assert.deepEqual(files[i], await model.save({}, each));
  model.dispose();
});

const counting: Kernel = {
  label: "count",
  source: `
    @group(0) @binding(0) var<storage, read_write> count: array<u32>;
    @compute @workgroup_size(1) fn increment() { count[0] += 1; }`,
  entryPoint: "increment",
  bindings: [{ group: 0, binding: 0, name: "count", access: "read_write" }],
};

test("submits: a long pause does not make steps seem long, and without one nothing is waited for", async ({ gpu }) => {
  const buffers = new Buffers(gpu, "test");
  const resources = { count: buffers.storage("count", 4) };
  const plan = await freeze(gpu, buffers, [{ label: "count", kernel: counting, resources, workgroups: [1, 1, 1] }]);
  const queue = new StepQueue(gpu);
  let now = 0;
  performance.now = () => now; // steps take no time, and pauses a minute
  const sizes: number[] = [];
  const before = async () => {
    await gpu.device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve));
    now += 60_000;
    return 100;
  };
  try {
    await queue.aside(() => queue.replay(plan, 0, 1)); // says nothing of how long steps take
    await queue.replay(plan, 0, 255, { before, done: (begin, end) => void sizes.push(end - begin) });
  } finally {
    Reflect.deleteProperty(performance, "now");
  }
  assert.deepEqual(sizes, [1, 2, 4, 8, 16, 32, 64, 100, 28]);
  let submits = 0;
  const undo = watch(GPUQueue.prototype, "submit", () => submits++);
  const replayed = queue.replay(plan, 0, 1000, { before: () => undefined });
  assert.equal(submits, 2, "at once");
  await replayed.finally(undo);
  buffers.destroy();
});

test("submits: what is no number from 1 on is refused, and the model goes on", async ({ gpu }) => {
  const model = svm(gpu);
  await withoutStrayRejections(async () => {
    for (const given of [0, 1.5, "2", null]) {
      const bad: Callbacks = { onSubmit: (batch) => (batch === 0 ? 1 : (given as number)) };
      const message = /onSubmit: expected how many minibatches may go, from 1 on, or nothing, got/;
      await failure(() => model.fit(x, labels, { ...options, callbacks: [bad] }), ConfigError, message);
    }
  });
  assert.equal((await model.fit(x, labels, options)).steps, steps);
  model.dispose();
});

test("submits: behind a failing onSubmit no other callback is called but the end's", async ({ gpu }) => {
  const model = svm(gpu);
  const mine = new RangeError("mine");
  const called: string[] = [];
  const failing: Callbacks = {
    onSubmit(batch) {
      if (batch === 0) return 2;
      throw mine;
    },
    onBatchEnd: (batch) => called.push(`batch ${batch}`),
    onTrainEnd: () => called.push("end"),
  };
  await withoutStrayRejections(async () => {
    assert.strictEqual(await ending(() => model.fit(x, labels, { ...options, callbacks: [failing] })), mine);
  });
  assert.deepEqual(called, ["batch 0", "end"]);
  model.dispose();
});

/** Fits whose training could be disturbed: what they remember between minibatches, and where features come from. */
const predicted: [string, (gpu: Gpu) => Sequential, FitOptions][] = [
  ["a quasi-SVM", svm, {}],
  ["features recomputed", svm, { featureCache: "off", batchSize: 25 }],
  ["a profile", svm, { profile: true }],
  [
    "a network of layers that train otherwise",
    (gpu) =>
      modelOf(gpu, [
        layers.dense({ units: 7 }),
        layers.batchNormalization(),
        layers.dropout({ rate: 0.3 }),
        layers.dense({ units: classes }),
      ]),
    {},
  ],
];
for (const [name, make, given] of predicted) {
  test(`predictions in a fit, ${name}: those of the weights as they are; training is the same`, async ({
    gpu,
    skip,
  }) => {
    const obstacle = given.profile && Profiler.obstacle(gpu);
    if (obstacle) skip(obstacle);
    const fitted = async (callbacks: readonly Callbacks[]) => {
      const model = make(gpu);
      const history = await model.fit(x, labels, { ...options, ...given, callbacks });
      const bits = await bitsOf(model);
      model.dispose();
      return { bits, history };
    };
    const plain = await fitted([]);
    let training: Training | undefined;
    const seen: (Predictions | undefined)[] = [];
    const predict = async () => {
      const [now, bytes] = await Promise.all([training?.predict(x), training?.save({ optimizer: false })]);
      const saved = Sequential.load(bytes as Uint8Array, { gpu });
      assert.deepEqual(now, await saved.predict(x));
      saved.dispose();
      seen.push(now);
    };
    const { bits, history } = await fitted([
      {
        onTrainBegin(now) {
          training = now;
        },
        onSubmit: (batch) => (batch < 2 ? 1 : batch < 4 ? predict() : undefined),
        onBatchEnd: (batch) => (batch === 1 ? predict() : undefined),
        onEpochEnd: predict,
      },
    ]);
    assert.deepEqual(bits, plain.bits);
    assert.deepEqual(history.history, plain.history.history);
    assert.isAtLeast(seen.length, 3);
    assert.notDeepEqual(seen.at(-1), seen[0]);
    assert.deepEqual(countsOf(history.profile), countsOf(plain.history.profile));
    await failure(() => training?.predict(x), ConfigError, /the fit is over; call model\.predict/);
  });
}

/** Dispatches by label; without those of features, which are computed in chunks as large as time allows. */
function countsOf(profile: readonly KernelTime[] = []): Record<string, number> {
  const own = profile.filter(({ label }) => !label.startsWith("random_fourier_features"));
  return Object.fromEntries(own.map(({ label, dispatches }) => [label, dispatches]).sort());
}

test("predictions in a fit that no callback waits for are of one moment all the same", async ({ gpu }) => {
  const rows = Array.from({ length: 700 }, () => [1, 2, 3, 4, 5]); // several minibatches
  for (const each of [{}, { onSubmit: () => 1 }]) {
    const model = svm(gpu);
    let predictions: Promise<Predictions> | undefined;
    const onTrainBegin = (training: Training) => {
      predictions = training.predict(rows);
    };
    await model.fit(x, labels, { ...options, callbacks: [{ ...each, onTrainBegin }] });
    assert.lengthOf(new Set((await predictions)?.data), classes, "every row gives the same outputs");
    model.dispose();
  }
});

test("predictions in a fit: bad rows are refused as by model.predict", async ({ gpu }) => {
  const model = svm(gpu);
  const onTrainBegin = (training: Training) => training.predict([[1, 2]]);
  const message = /x: the model takes 5 features a row, got 2/;
  await failure(() => model.fit(x, labels, { ...options, callbacks: [{ onTrainBegin }] }), DataError, message);
  await failure(() => model.predict([[1, 2]]), DataError, message);
  model.dispose();
});
