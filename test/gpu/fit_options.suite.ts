// What a fit may be told beside its data, and what its callbacks may do to it.
import { assert } from "chai";
import {
  type Callbacks,
  ConfigError,
  callbacks,
  DataError,
  DivergenceError,
  type FitOptions,
  type Gpu,
  optimizers,
  Sequential,
  type Training,
} from "../../src/index.ts";
import { bitsOf, classes, clouds, oneHot, svm } from "./clouds.ts";
import { failure, withoutStrayRejections } from "./failure.ts";
import { test } from "./harness.ts";

const { x, labels } = clouds(100);
const silent = { verbose: 0, batchSize: 16, validationSplit: 0.2 } as const;

async function fitted(gpu: Gpu, options: FitOptions, y: Parameters<Sequential["fit"]>[1] = labels) {
  const model = svm(gpu);
  const history = await model.fit(x, y, { ...silent, ...options });
  const bits = await bitsOf(model);
  model.dispose();
  return { history, bits };
}

test("fit options: class weights are sample weights written out, in training alone", async ({ gpu }) => {
  const classWeight = { 0: 0.5, 1: 2.25, 2: 1.1 };
  const byRow = (row: number) => [0.5, 2.25, 1.1][labels[row]!]!;
  const weights = Float32Array.from(labels, (_, row) => byRow(row));
  const unweighted = Float32Array.from(labels, (_, row) => (row < 80 ? byRow(row) : 1));
  const expected = await fitted(gpu, { epochs: 2, sampleWeight: unweighted });
  const ways: [string, FitOptions, Parameters<Sequential["fit"]>[1]][] = [
    ["by label", { classWeight }, labels],
    ["in a list", { classWeight: [0.5, 2.25, 1.1] }, labels],
    ["of one-hot rows", { classWeight }, oneHot(labels)],
    ["of labels beyond those that weigh", { classWeight: { ...classWeight, 7: 3 } }, labels],
  ];
  for (const [way, options, y] of ways) {
    const one = await fitted(gpu, { epochs: 2, ...options }, y);
    assert.deepEqual(one.bits, expected.bits, way);
    assert.deepEqual(one.history.history, expected.history.history, way);
  }
  assert.notDeepEqual(
    (await fitted(gpu, { epochs: 2, sampleWeight: weights })).history.history,
    expected.history.history,
  );
  // They multiply the rows' own.
  const own = Float32Array.from(labels, (_, row) => (row % 5) / 4);
  const { bits } = await fitted(gpu, { sampleWeight: own, classWeight });
  const product = own.map((weight, row) => (row < 80 ? byRow(row) : 1) * weight);
  assert.deepEqual(bits, (await fitted(gpu, { sampleWeight: product })).bits);
});

test("fit options: validationFreq, by a number and by a list, counts epochs from 1", async ({ gpu }) => {
  const all = await fitted(gpu, { epochs: 5 });
  const val = all.history.history.val_loss!;
  const ways: [FitOptions, number[]][] = [
    [{ validationFreq: 2 }, [1, 3]],
    [{ validationFreq: [1, 5] }, [0, 4]],
    [{ validationFreq: 7 }, []],
    [{ validationFreq: 3, initialEpoch: 0 }, [2]],
  ];
  for (const [options, epochs] of ways) {
    const due: number[] = [];
    const onEpochEnd = (epoch: number, logs: object) => void ("val_loss" in logs && due.push(epoch));
    const { history, bits } = await fitted(gpu, { epochs: 5, ...options, callbacks: [{ onEpochEnd }] });
    assert.deepEqual(due, epochs);
    assert.deepEqual(
      history.history.val_loss ?? [],
      epochs.map((epoch) => val[epoch]),
    );
    assert.lengthOf(history.history.loss!, 5);
    assert.deepEqual(bits, all.bits);
  }
  assert.deepEqual(
    (await fitted(gpu, { validationFreq: 2, epochs: 7, initialEpoch: 5 })).history.history.val_acc?.length,
    1,
  );
});

test("fit options: initialEpoch numbers the epochs, and epochs is where they end", async ({ gpu }) => {
  const begun: number[] = [];
  const callbacks = [{ onEpochBegin: (epoch: number) => void begun.push(epoch) }];
  const { history, bits } = await fitted(gpu, { initialEpoch: 3, epochs: 5, callbacks });
  assert.deepEqual(
    [history.epoch, begun],
    [
      [3, 4],
      [3, 4],
    ],
  );
  assert.deepEqual(bits, (await fitted(gpu, { epochs: 2 })).bits);
  const none = await fitted(gpu, { initialEpoch: 5, epochs: 5 });
  assert.deepEqual([none.history.epoch, none.history.history, none.history.aborted], [[], {}, false]);
});

const refusals: [string, FitOptions, typeof ConfigError | typeof DataError, RegExp][] = [
  ["validationFreq", { validationFreq: 0 }, ConfigError, /validationFreq must be a positive whole number, got 0/],
  ["epoch of validationFreq", { validationFreq: [1, 1.5] }, ConfigError, /epoch of validationFreq .* got 1\.5/],
  ["initialEpoch", { initialEpoch: -1 }, ConfigError, /initialEpoch must be a whole number from 0 on, got -1/],
  ["class without a weight", { classWeight: { 0: 1, 1: 1 } }, DataError, /row \d+ is of class 2, which has no weight/],
  [
    "class weight",
    { classWeight: { 0: 1, 1: Number.NaN, 2: 1 } },
    ConfigError,
    /finite number for each .* got NaN for 1/,
  ],
];
for (const [name, options, type, message] of refusals) {
  test(`fit options: a bad ${name} is refused`, async ({ gpu }) => {
    await failure(() => fitted(gpu, options), type, message);
  });
}

test("callbacks: what one adds to the logs, later ones and the history have", async ({ gpu }) => {
  const seen: unknown[] = [];
  const adding: Callbacks = {
    onEpochEnd: (epoch, logs) => {
      logs.mine = epoch * 2;
    },
  };
  const watching: Callbacks = { onEpochEnd: (_, { mine }) => void seen.push(mine) };
  const { history } = await fitted(gpu, { epochs: 2, callbacks: [adding, watching] });
  assert.deepEqual(
    [history.history.mine, seen],
    [
      [0, 2],
      [0, 2],
    ],
  );
  assert.deepEqual(Object.keys(history.history), ["loss", "acc", "val_loss", "val_acc", "mine"]);
});

test("callbacks: the best weights are back after a stop, an abort, a divergence and the last epoch", async ({
  gpu,
}) => {
  const best = (await fitted(gpu, { epochs: 1 })).bits;
  // More is taken for better, so that the first epoch is the best.
  const stopping = (patience: number) =>
    callbacks.earlyStopping({ monitor: "loss", mode: "max", patience, restoreBestWeights: true });
  const abort = new AbortController();
  const aborting: Callbacks = { onEpochEnd: (epoch) => void (epoch === 2 && abort.abort()) };
  const failing: Callbacks = {
    onEpochEnd: (epoch) => {
      if (epoch === 2) throw new RangeError("mine");
    },
  };
  const exploding = callbacks.learningRateScheduler((epoch, rate) => (epoch === 2 ? 1e38 : rate));
  const ways: Record<string, FitOptions> = {
    stopped: { callbacks: [stopping(2)] },
    aborted: { callbacks: [stopping(9), aborting], signal: abort.signal },
    ended: { callbacks: [stopping(9)] },
    "ended by an error": { callbacks: [stopping(9), failing] },
    diverged: { callbacks: [exploding, stopping(9)] },
    "diverged quietly": { callbacks: [exploding, stopping(9), callbacks.terminateOnNaN()] },
  };
  for (const [way, options] of Object.entries(ways)) {
    const model = svm(gpu);
    let error: unknown;
    const history = await model.fit(x, labels, { ...silent, epochs: 4, ...options }).catch((thrown) => {
      error = thrown;
      return undefined;
    });
    if (way === "diverged") assert.instanceOf(error, DivergenceError);
    else if (way === "ended by an error") assert.instanceOf(error, RangeError);
    else assert.isDefined(history, way);
    assert.deepEqual(await bitsOf(model), best, way);
    model.dispose();
  }
});

test("callbacks: terminateOnNaN ends a fit quietly, with the reason", async ({ gpu }) => {
  const exploding = () => callbacks.learningRateScheduler((epoch, rate) => (epoch === 1 ? 1e38 : rate));
  const model = svm(gpu);
  const options = { ...silent, epochs: 4 };
  const history = await model.fit(x, labels, { ...options, callbacks: [exploding(), callbacks.terminateOnNaN()] });
  assert.match(history.stopReason ?? "", /Training diverged at step (6|7) \(epoch 2/);
  assert.deepEqual([history.epoch, history.aborted], [[0], false]);
  model.dispose();
  const loud = svm(gpu);
  await failure(
    () => loud.fit(x, labels, { ...options, callbacks: [exploding()] }),
    DivergenceError,
    /Training diverged at step (6|7)/,
  );
  loud.dispose();
});

test("callbacks: a stop inside an epoch ends it there; it counts as far as it came", async ({ gpu }) => {
  const model = svm(gpu);
  let training: Training | undefined;
  const calls: string[] = [];
  const stopping: Callbacks = {
    onTrainBegin: (given) => {
      training = given;
    },
    onBatchEnd: (batch) => {
      calls.push(`batch ${batch}`);
      if (batch === 3) training?.stopTraining("enough");
    },
    onEpochEnd: (epoch, logs) => void calls.push(`epoch ${epoch}: ${Object.keys(logs)}`),
    onTrainEnd: () => calls.push("end"),
  };
  const history = await model.fit(x, labels, { ...silent, batchSize: 1, epochs: 5, callbacks: [stopping] });
  assert.isBelow(history.steps, 80);
  assert.lengthOf(calls, history.steps + 2);
  assert.deepEqual(calls.slice(-2), ["epoch 0: loss,acc,val_loss,val_acc", "end"]);
  assert.deepEqual([history.epoch, history.stopReason, history.aborted], [[0], "enough", false]);
  const { loss } = history.history;
  assert.isTrue(Number.isFinite(loss?.[0]));
  assert.deepEqual([training?.steps, training?.epochs], [80, 5]);
  model.dispose();
});

test("callbacks: a checkpoint of the best epoch is a model that evaluates as its validation did", async ({ gpu }) => {
  const files = new Map<string, Uint8Array>();
  const model = svm(gpu);
  const { history } = await model.fit(x, labels, {
    ...silent,
    epochs: 3,
    callbacks: [
      callbacks.modelCheckpoint({
        filepath: "{epoch:02d}-{val_loss:.4f}",
        saveBestOnly: true,
        save: (path, bytes) => void files.set(path, bytes),
      }),
    ],
  });
  const values = history.val_loss!;
  assert.deepEqual(
    [...files.keys()],
    values
      .map((value, i) => `0${i + 1}-${value.toFixed(4)}`)
      .filter((_, i) => values[i] === Math.min(...values.slice(0, i + 1))),
  );
  const loaded = Sequential.load([...files.values()].at(-1)!, { gpu });
  loaded.compile({ optimizer: "adam", loss: "hinge" });
  const last = { data: x.data.subarray(80 * 5), shape: [20, 5] };
  const { loss } = await loaded.evaluate(last, labels.subarray(80), { batchSize: 16 });
  assert.equal(loss, Math.min(...values));
  for (const each of [model, loaded]) each.dispose();
});

test("callbacks: a missing value warns once, on the console unless the fit is silent", async ({ gpu }) => {
  const said: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => void said.push(text);
  try {
    for (const verbose of [0, 2] as const) {
      const log = console.log;
      console.log = () => {};
      const model = svm(gpu);
      const { warnings } = await model
        .fit(x, labels, { verbose, epochs: 3, callbacks: [callbacks.earlyStopping()] })
        .finally(() => {
          console.log = log;
        });
      assert.deepEqual(warnings, ['Early stopping watches "val_loss", which is not there. There are loss, acc.']);
      assert.lengthOf(said, verbose === 0 ? 0 : 1);
      model.dispose();
    }
  } finally {
    console.warn = warn;
  }
});

test("callbacks: an epoch at a learning rate of 0 leaves the weights as they are", async ({ gpu }) => {
  const model = svm(gpu);
  model.compile({ optimizer: "adam", loss: "hinge" });
  const bits: number[][] = [];
  const scheduled = callbacks.learningRateScheduler((epoch, rate) => (epoch === 1 ? 0 : rate || 1e-3));
  const watched = { onEpochEnd: async () => void bits.push(await bitsOf(model)) };
  const options = { ...silent, epochs: 3, callbacks: [scheduled, watched] };
  const { history } = await model.fit(x, labels, options);
  assert.deepEqual(history.lr, [1e-3, 0, 1e-3]);
  assert.deepEqual(bits[1], bits[0]);
  assert.notDeepEqual(bits[2], bits[1]);
  model.dispose();
});

test("callbacks: a bad learning rate from a schedule ends the fit", async ({ gpu }) => {
  const model = svm(gpu);
  const optimizer = optimizers.adam();
  model.compile({ optimizer, loss: "hinge" });
  await withoutStrayRejections(async () => {
    const scheduled = callbacks.learningRateScheduler(() => -1);
    await failure(
      () => model.fit(x, labels, { ...silent, callbacks: [scheduled] }),
      ConfigError,
      /learningRate must be/,
    );
  });
  assert.equal(optimizer.learningRate, 1e-3);
  assert.equal(classes, model.outputDim);
  model.dispose();
});
