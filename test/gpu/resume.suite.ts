// Training that was stopped after any epoch and goes on from a file ends with the bits of training that was not stopped.
import { assert } from "chai";
import {
  ConfigError,
  callbacks,
  type FitOptions,
  type Gpu,
  type Layer,
  layers,
  type Optimizer,
  optimizers,
  Sequential,
  schedules,
} from "../../src/index.ts";
import { bitsOf, classes, clouds, modelOf } from "./clouds.ts";
import { failure } from "./failure.ts";
import { test } from "./harness.ts";

const { x, labels } = clouds(100);
const epochs = 4;
const options = { verbose: 0, batchSize: 16, validationSplit: 0.2, epochs } as const;

const makers: Record<string, () => Optimizer> = {
  adam: () => optimizers.adam(),
  amsgrad: () => optimizers.adam({ amsgrad: true, learningRate: 0.01 }),
  momentum: () => optimizers.sgd({ momentum: 0.9, nesterov: true }),
  sgd: () => optimizers.sgd(),
  "adamw under a schedule": () =>
    optimizers.adamW({
      learningRate: schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 3, decayRate: 0.9 }),
    }),
};
/** Averages take the weights' place at the end of a fit, so that only a callback can save what training goes on from. */
const averaging: Record<string, () => Optimizer> = {
  "an average of the weights": () => optimizers.adam({ useEma: true, emaMomentum: 0.8, emaOverwriteFrequency: 7 }),
};

const network: Layer[] = [
  layers.randomFourierFeatures({ outputDim: 21, scale: 3, trainable: true }),
  layers.dense({ units: classes }),
];

const metrics = ["acc"];

/** A model, by default one whose scale trains too, so that the slots are of several sizes. */
function fresh(gpu: Gpu, optimizer: Optimizer, given = network): Sequential {
  const model = modelOf(gpu, given);
  model.compile({ optimizer, loss: "hinge", metrics });
  return model;
}

/** A model from a file, compiled with the same optimizer, and trained to the end. */
async function resumed(gpu: Gpu, bytes: Uint8Array, optimizer: Optimizer, more: FitOptions = {}) {
  const model = Sequential.load(bytes, { gpu });
  model.compile({ optimizer, loss: "hinge", metrics });
  const { epochs: initialEpoch } = model.trained;
  const history = await model.fit(x, labels, { ...options, ...more, initialEpoch });
  return { model, history, initialEpoch };
}

/** Saves after every epoch of a whole training, and goes on from each file. */
async function fromEveryEpoch(gpu: Gpu, optimizer: () => Optimizer, given = network): Promise<void> {
  const files: Uint8Array[] = [];
  const checkpoint = callbacks.modelCheckpoint({ filepath: "", save: (_, bytes) => void files.push(bytes) });
  const whole = fresh(gpu, optimizer(), given);
  const { history } = await whole.fit(x, labels, { ...options, callbacks: [checkpoint] });
  const expected = await whole.save({}, { optimizer: true });
  for (const [i, bytes] of files.slice(0, -1).entries()) {
    const { model, history: rest, initialEpoch } = await resumed(gpu, bytes, optimizer());
    assert.equal(initialEpoch, i + 1);
    assert.deepEqual(rest.epoch, [0, 1, 2, 3].slice(i + 1));
    assert.deepEqual(rest.history.val_loss, history.val_loss?.slice(i + 1));
    assert.deepEqual(rest.history.loss, history.loss?.slice(i + 1));
    assert.deepEqual(await model.save({}, { optimizer: true }), expected, `from epoch ${i + 1}`);
    model.dispose();
  }
  whole.dispose();
}

for (const [name, optimizer] of Object.entries({ ...makers, ...averaging })) {
  test(`resume: ${name}, from the files of every epoch, to the bits of training that was not stopped`, async ({
    gpu,
  }) => {
    await fromEveryEpoch(gpu, optimizer);
  });
}

test("resume: dropout and batch normalization, from the files of every epoch", async ({ gpu }) => {
  await fromEveryEpoch(gpu, makers.adam!, [
    layers.dense({ units: 9, activation: "relu" }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    ...network,
  ]);
});

for (const [name, optimizer] of Object.entries(makers)) {
  test(`resume: ${name}, saved after a fit that ended, was stopped or aborted`, async ({ gpu }) => {
    const whole = fresh(gpu, optimizer());
    await whole.fit(x, labels, options);
    const expected = await bitsOf(whole);
    const ways: Record<string, (abort: AbortController) => FitOptions> = {
      ended: () => ({ epochs: 2 }),
      aborted: (abort) => ({ callbacks: [{ onEpochEnd: (epoch) => void (epoch === 1 && abort.abort()) }] }),
      stopped: () => {
        let stop = () => {};
        return {
          callbacks: [
            {
              onTrainBegin: (training) => {
                stop = () => training.stopTraining("enough");
              },
              onEpochEnd: (epoch) => void (epoch === 1 && stop()),
            },
          ],
        };
      },
    };
    for (const [way, more] of Object.entries(ways)) {
      const abort = new AbortController();
      const first = fresh(gpu, optimizer());
      const history = await first.fit(x, labels, { ...options, signal: abort.signal, ...more(abort) });
      assert.deepEqual(
        [history.epoch.length, history.aborted, history.stopReason],
        [2, way === "aborted", way === "stopped" ? "enough" : undefined],
      );
      assert.deepEqual(first.trained, { epochs: 2, steps: 10 });
      // Twice through a file, without training between: nothing of it is lost.
      const middle = Sequential.load(await first.save({}, { optimizer: true, compact: true }), { gpu });
      middle.compile({ optimizer: optimizer(), loss: "hinge", metrics });
      const { model } = await resumed(gpu, await middle.save({}, { optimizer: true }), optimizer());
      assert.deepEqual(await bitsOf(model), expected, way);
      // The same model goes on without a file too.
      await first.fit(x, labels, { ...options, initialEpoch: first.trained.epochs });
      assert.deepEqual(await bitsOf(first), expected, `${way}, without a file`);
      for (const each of [first, middle, model]) each.dispose();
    }
    whole.dispose();
  });
}

test("resume: the learning rate goes on where a callback left it", async ({ gpu }) => {
  const decay = () => [callbacks.learningRateScheduler((epoch, rate) => (epoch === 1 ? rate / 4 : rate))];
  const files: Uint8Array[] = [];
  const save = callbacks.modelCheckpoint({ filepath: "", save: (_, bytes) => void files.push(bytes) });
  const whole = fresh(gpu, optimizers.adam());
  const { history } = await whole.fit(x, labels, { ...options, callbacks: [...decay(), save] });
  assert.deepEqual(history.lr, [1e-3, 2.5e-4, 2.5e-4, 2.5e-4]);
  const optimizer = optimizers.adam();
  const { model } = await resumed(gpu, files[2]!, optimizer, { callbacks: decay() });
  assert.equal(optimizer.learningRate, 2.5e-4);
  assert.deepEqual(await bitsOf(model), await bitsOf(whole));
  for (const each of [model, whole]) each.dispose();
});

test("resume: another optimizer is refused, unless the file's is left aside", async ({ gpu }) => {
  const model = fresh(gpu, optimizers.adam());
  await model.fit(x, labels, options);
  const bytes = await model.save({}, { optimizer: true });
  const bits = await bitsOf(model);
  const loaded = Sequential.load(bytes, { gpu });
  for (const optimizer of [optimizers.sgd(), optimizers.adam({ beta1: 0.8 }), optimizers.adam({ amsgrad: true })]) {
    await failure(
      () => loaded.compile({ optimizer, loss: "hinge" }),
      ConfigError,
      /the file holds the state of adam .* can't go on.*\{ optimizer: false \}/s,
    );
  }
  const anew = Sequential.load(bytes, { gpu, optimizer: false });
  anew.compile({ optimizer: "sgd", loss: "hinge" });
  assert.deepEqual([anew.trained, await bitsOf(anew)], [{ epochs: 0, steps: 0 }, bits]);
  const plain = Sequential.load(await model.save(), { gpu });
  assert.deepEqual(plain.trained, { epochs: 0, steps: 0 });
  for (const each of [model, loaded, anew, plain]) each.dispose();
});

test("resume: a model that is not compiled has no optimizer to save", async ({ gpu }) => {
  const model = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 2 })], { gpu });
  await failure(() => model.save({}, { optimizer: true }), ConfigError, /Call model\.compile/);
  model.compile({ optimizer: "adam", loss: "hinge" });
  const loaded = Sequential.load(await model.save({}, { optimizer: true }), { gpu });
  assert.deepEqual(loaded.trained, { epochs: 0, steps: 0 });
  loaded.compile({ optimizer: "adam", loss: "hinge" });
  for (const each of [model, loaded]) each.dispose();
});
