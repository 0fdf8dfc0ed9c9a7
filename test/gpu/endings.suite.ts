// Calls that are cut short: by another call, by dispose, by an error of a callback, by the loss of the device.
import { assert } from "chai";
import {
  ConfigError,
  DeviceError,
  type FitOptions,
  type Gpu,
  releaseGpu,
  requestGpu,
  type Sequential,
} from "../../src/index.ts";
import { bitsOf, clouds, svm } from "./clouds.ts";
import { ending, failure, withoutStrayRejections } from "./failure.ts";
import { test } from "./harness.ts";

const { x, labels } = clouds(20);
const train = (model: Sequential, options: FitOptions = {}) =>
  model.fit(x, labels, { verbose: 0, batchSize: 8, ...options });
const recompile = (model: Sequential) => model.compile({ optimizer: "adam", loss: "hinge" });

test("endings: a call while another runs is refused, and the other goes on", async ({ gpu }) => {
  const model = svm(gpu);
  const first = train(model, { epochs: 3 });
  await failure(() => train(model), ConfigError, /model\.fit: the model is busy with fit/);
  await failure(() => model.predict(x), ConfigError, /model\.predict: the model is busy with fit/);
  await failure(() => model.evaluate(x, labels), ConfigError, /model\.evaluate: the model is busy with fit/);
  await failure(
    () => model.setWeights({ "dense.bias": [0, 0, 0] }),
    ConfigError,
    /model\.setWeights: .* busy with fit/,
  );
  assert.lengthOf((await first).epoch, 3);
  assert.lengthOf((await train(model)).epoch, 1);
  model.dispose();
});

test("endings: compile while a fit runs is refused", async ({ gpu }) => {
  const model = svm(gpu);
  const early = train(model);
  const refused = await ending(() => recompile(model));
  await early;
  assert.instanceOf(refused, ConfigError);
  const later: unknown[] = [];
  const onBatchEnd = async () => void later.push(await ending(() => recompile(model)));
  assert.lengthOf((await train(model, { callbacks: [{ onBatchEnd }] })).epoch, 1);
  assert.lengthOf(later, 3);
  for (const error of later) assert.instanceOf(error, ConfigError);
  model.dispose();
});

test("endings: use after dispose", async ({ gpu }) => {
  const model = svm(gpu);
  await train(model);
  model.dispose();
  model.dispose();
  const calls = [() => train(model), () => model.predict(x), () => model.evaluate(x, labels), () => model.gpu()];
  for (const call of calls) await failure(call, ConfigError, /disposed/);
});

test("endings: dispose while a fit runs is refused, or ends the fit", async ({ gpu }) => {
  const early = svm(gpu);
  const running = ending(() => train(early, { epochs: 3 }));
  const refused = await ending(() => early.dispose());
  const ended = refused ?? (await running);
  await running;
  assert.instanceOf(ended, ConfigError, `the fit ended with ${ended}`);
  // The same between two epochs, when the GPU is at work.
  const model = svm(gpu);
  let later: unknown;
  const onEpochEnd = async () => {
    later = await ending(() => model.dispose());
  };
  const end = await ending(() => train(model, { epochs: 2, callbacks: [{ onEpochEnd }] }));
  assert.instanceOf(later ?? end, ConfigError, `the fit ended with ${end}`);
  for (const each of [early, model]) each.dispose();
});

for (const where of ["onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const) {
  test(`endings: an error in ${where} ends the fit with that error`, async ({ gpu }) => {
    const model = svm(gpu);
    await withoutStrayRejections(async () => {
      let calls = 0;
      const fail = () => {
        if (++calls === 1) throw new RangeError("mine");
      };
      const error = await ending(() => train(model, { batchSize: 1, epochs: 3, callbacks: [{ [where]: fail }] }));
      assert.equal((error as Error)?.message, "mine");
      assert.equal(calls, 1);
    });
    assert.lengthOf((await train(model)).epoch, 1);
    model.dispose();
  });
}

/** Calls in whose course the device goes. */
const losses: [string, (model: Sequential, destroy: () => void) => Promise<unknown>][] = [
  [
    "between epochs",
    (model, destroy) => {
      const onEpochEnd = (epoch: number) => {
        if (epoch === 1) destroy();
      };
      return train(model, { epochs: 1000, callbacks: [{ onEpochEnd }] });
    },
  ],
  ["between minibatches", (model, destroy) => train(model, { epochs: 1000, callbacks: [{ onBatchEnd: destroy }] })],
  [
    "at any time",
    (model, destroy) => {
      setTimeout(destroy, 40);
      return train(model, { epochs: 100_000 });
    },
  ],
  [
    "before a fit",
    (model, destroy) => {
      destroy();
      return train(model);
    },
  ],
  [
    "before a prediction",
    (model, destroy) => {
      destroy();
      return model.predict(x);
    },
  ],
];

for (const [when, call] of losses) {
  test(
    `endings: the device lost ${when} is an error, not a hang`,
    async () => {
      const own: Gpu = await requestGpu();
      const model = svm(own);
      const before = await bitsOf(model);
      await withoutStrayRejections(async () => {
        await failure(() => call(model, () => own.device.destroy()), DeviceError, /the device was lost/);
        await failure(() => model.predict(x), DeviceError, /the device was lost/);
      });
      assert.deepEqual(await bitsOf(model), before);
      model.dispose();
      releaseGpu(own);
    },
    { timeoutSeconds: 20 },
  );
}
