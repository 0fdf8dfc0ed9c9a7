// How a fit behaves to the one who calls it: options, history, callbacks, weights that go on.
import { assert } from "chai";
import { sliceRows } from "../../src/data/matrix.ts";
import { type Callbacks, type FitOptions, type Matrix, optimizers, type Sequential } from "../../src/index.ts";
import { bitsOf, classes, clouds, hinge, oneHot, rowsOf, svm } from "./clouds.ts";
import { assertClose, type Context, test } from "./harness.ts";

const { x, labels } = clouds(100);
const silent = { verbose: 0, batchSize: 16 } as const;

/** History and weights of a new model after one fit. */
async function fitted(
  gpu: Context["gpu"],
  options: FitOptions,
  y: Parameters<Sequential["fit"]>[1] = labels,
  rows: Matrix = x,
) {
  const model = svm(gpu);
  const history = await model.fit(rows, y, { ...silent, ...options });
  const bits = await bitsOf(model);
  model.dispose();
  return { history, bits };
}

test("sequential: a history has Keras' keys in Keras' order, and epochs from 0", async ({ gpu }) => {
  const { history } = await fitted(gpu, { epochs: 3, validationSplit: 0.2 });
  assert.deepEqual(Object.keys(history.history), ["loss", "acc", "val_loss", "val_acc"]);
  assert.deepEqual(history.epoch, [0, 1, 2]);
  for (const values of Object.values(history.history)) assert.lengthOf(values, 3);
  assert.isBelow(history.history.loss?.[2] ?? 1, history.history.loss?.[0] ?? 0);
  assert.isFalse(history.aborted);
  const { history: alone } = await fitted(gpu, {});
  assert.deepEqual(Object.keys(alone.history), ["loss", "acc"]);
});

test("sequential: by default one epoch, minibatches of 32 rows, shuffled", async ({ gpu }) => {
  const model = svm(gpu);
  const seen: number[] = [];
  const history = await model.fit(x, labels, { verbose: 0, callbacks: [{ onBatchEnd: (batch) => seen.push(batch) }] });
  assert.deepEqual(history.epoch, [0]);
  assert.deepEqual(seen, [0, 1, 2, 3]);
  const bits = await bitsOf(model);
  model.dispose();
  assert.deepEqual(bits, (await fitted(gpu, { batchSize: 32, shuffle: true })).bits);
  assert.notDeepEqual(bits, (await fitted(gpu, { batchSize: 32, shuffle: false })).bits);
});

test("sequential: one-hot targets mean the same as integer labels, bit for bit", async ({ gpu }) => {
  const options = { epochs: 2, validationSplit: 0.2 };
  const byLabel = await fitted(gpu, options);
  for (const y of [oneHot(labels), { data: Uint8Array.from(oneHot(labels).flat()), shape: [100, classes] as const }]) {
    const byValue = await fitted(gpu, options, y);
    assert.deepEqual(byValue.bits, byLabel.bits);
    assert.deepEqual(byValue.history.history, byLabel.history.history);
  }
});

test("sequential: validationSplit takes the last rows, before any shuffling", async ({ gpu }) => {
  const split = 0.33; // floor(100 (1 - .33)) = 67, or 66 by rounding: Keras computes the same in float64
  const point = Math.floor(100 * (1 - split));
  const options = { epochs: 2, batchSize: 16 };
  const bySplit = await fitted(gpu, { ...options, validationSplit: split });
  const last = [sliceRows(x, point, 100), labels.subarray(point)] as const;
  const byHand = await fitted(
    gpu,
    { ...options, validationData: last },
    labels.subarray(0, point),
    sliceRows(x, 0, point),
  );
  assert.deepEqual(bySplit.bits, byHand.bits);
  assert.deepEqual(bySplit.history.history, byHand.history.history);
});

test("sequential: a tiny split validates one row; validationData goes before a split", async ({ gpu }) => {
  const tiny = await fitted(gpu, { validationSplit: 0.001 });
  const [accuracy] = tiny.history.history.val_acc ?? [];
  assert.oneOf(accuracy, [0, 1]);
  const validationData = [sliceRows(x, 0, 10), labels.subarray(0, 10)] as const;
  const both = await fitted(gpu, { validationSplit: 0.5, validationData });
  assert.deepEqual(both.bits, (await fitted(gpu, {})).bits);
});

test("sequential: validation shows what evaluate gives on the same rows, bit for bit", async ({ gpu }) => {
  const model = svm(gpu);
  const { history } = await model.fit(x, labels, { ...silent, epochs: 2, validationSplit: 0.3 });
  for (const batchSize of [16, 7, 64]) {
    const { loss, acc } = await model.evaluate(sliceRows(x, 70, 100), labels.subarray(70), { batchSize });
    assert.deepEqual([loss, acc], [history.val_loss?.[1], history.val_acc?.[1]], `in minibatches of ${batchSize}`);
  }
  const outputs = rowsOf(await model.predict(sliceRows(x, 70, 100)));
  const byHand = outputs.reduce((sum, row, i) => sum + hinge(row, labels[70 + i]!), 0) / 30;
  assertClose([history.val_loss?.[1] ?? 0], [byHand], { relative: 1e-6 }, "val_loss");
  model.dispose();
});

test("sequential: callbacks are called in order, and waited for", async ({ gpu }) => {
  const calls: string[] = [];
  let open = 0;
  let most = 0; // running at a time
  const noted = (name: string): Callbacks => {
    const note = (what: string) => async () => {
      most = Math.max(most, ++open);
      calls.push(`${name}.${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      open--;
    };
    return {
      onTrainBegin: note("begin"),
      onEpochBegin: (epoch) => note(`epoch ${epoch}`)(),
      onBatchEnd: (batch) => note(`batch ${batch}`)(),
      onEpochEnd: (epoch) => note(`epoch ${epoch} done`)(),
      onTrainEnd: note("end"),
    };
  };
  await fitted(gpu, { epochs: 2, batchSize: 50, callbacks: [noted("a"), noted("b")] });
  const epoch = (n: number) => [`epoch ${n}`, "batch 0", "batch 1", `epoch ${n} done`];
  const order = ["begin", ...epoch(0), ...epoch(1), "end"];
  assert.deepEqual([open, most], [0, 1]);
  assert.deepEqual(
    calls,
    order.flatMap((what) => [`a.${what}`, `b.${what}`]),
  );
});

test("sequential: onBatchEnd tells the epoch so far, and watching changes nothing", async ({ gpu }) => {
  const batches: number[] = [];
  let running: Readonly<Record<string, number>> = {};
  const ends: Readonly<Record<string, number>>[] = [];
  const watched = await fitted(gpu, {
    epochs: 3,
    batchSize: 7,
    validationSplit: 0.1,
    callbacks: [
      {
        onBatchEnd: (batch, logs) => {
          batches.push(batch);
          running = logs;
        },
        onEpochEnd: (_, logs) => {
          assert.deepEqual(Object.keys(running), ["loss", "acc"]);
          assertClose(
            [running.loss ?? 0, running.acc ?? 0],
            [logs.loss ?? 1, logs.acc ?? 1],
            { absolute: 1e-12 },
            "last batch",
          );
          ends.push(logs);
        },
      },
    ],
  });
  const steps = Array.from({ length: 13 }, (_, i) => i); // 90 rows by sevens
  assert.deepEqual(batches, [...steps, ...steps, ...steps]);
  assert.deepEqual(
    ends.map(({ val_loss }) => val_loss),
    watched.history.history.val_loss,
  );
  assert.deepEqual(watched.bits, (await fitted(gpu, { epochs: 3, batchSize: 7, validationSplit: 0.1 })).bits);
});

for (const shuffle of [true, false]) {
  test(`sequential: ${shuffle ? "every epoch has an order of its own" : "without shuffling every epoch is in order"}`, async ({
    gpu,
  }) => {
    const model = svm(gpu);
    // Steps so small that no weight changes: what the batches show depends on their rows alone.
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-30 }), loss: "hinge" });
    const firsts: number[] = [];
    const onBatchEnd: Callbacks["onBatchEnd"] = (batch, { loss }) => {
      if (batch === 0) firsts.push(loss ?? 0);
    };
    const options = { ...silent, epochs: 2, shuffle, callbacks: [{ onBatchEnd }] };
    const losses = [await model.fit(x, labels, options), await model.fit(x, labels, options)].flatMap(
      ({ history }) => history.loss ?? [],
    );
    assert.equal(new Set(firsts).size, shuffle ? 4 : 1, "different first minibatches");
    assertClose(losses, [losses[0]!, losses[0]!, losses[0]!, losses[0]!], { relative: 1e-6 }, "losses of all rows");
    model.dispose();
  });
}

test("sequential: the first batch's loss is the loss before any update", async ({ gpu }) => {
  const model = svm(gpu);
  const before = await model.evaluate(sliceRows(x, 0, 16), labels.subarray(0, 16));
  let first: Readonly<Record<string, number>> | undefined;
  const onBatchEnd: Callbacks["onBatchEnd"] = (_, logs) => {
    first ??= logs;
  };
  await model.fit(x, labels, { ...silent, shuffle: false, callbacks: [{ onBatchEnd }] });
  assertClose(
    [first?.loss ?? 0, first?.acc ?? 0],
    [before.loss ?? 1, before.acc ?? 1],
    { relative: 1e-6 },
    "first batch",
  );
  model.dispose();
});

test("sequential: an AbortSignal ends a fit after an epoch, with the weights of that epoch", async ({ gpu }) => {
  const abort = new AbortController();
  const onEpochEnd = (epoch: number) => void (epoch === 1 && abort.abort());
  const ended = await fitted(gpu, { epochs: 50, shuffle: false, signal: abort.signal, callbacks: [{ onEpochEnd }] });
  assert.isTrue(ended.history.aborted);
  assert.deepEqual(ended.history.epoch, [0, 1]);
  assert.deepEqual(ended.bits, (await fitted(gpu, { epochs: 2, shuffle: false })).bits);
});

test("sequential: an AbortSignal ends a fit inside an epoch, and before the first", async ({ gpu }) => {
  const model = svm(gpu);
  const initial = await bitsOf(model);
  const history = await model.fit(x, labels, { ...silent, epochs: 5, signal: AbortSignal.abort() });
  assert.deepEqual([history.aborted, history.epoch], [true, []]);
  assert.deepEqual(await bitsOf(model), initial);
  const abort = new AbortController();
  let ended = 0;
  const callbacks = [{ onBatchEnd: () => abort.abort(), onTrainEnd: () => ended++ }];
  const inside = await model.fit(x, labels, { verbose: 0, batchSize: 1, epochs: 5, signal: abort.signal, callbacks });
  assert.deepEqual([inside.aborted, inside.epoch, ended], [true, [], 1]);
  assert.notDeepEqual(await bitsOf(model), initial);
  assert.deepEqual((await model.fit(x, labels, silent)).epoch, [0]);
  model.dispose();
});

for (const shuffle of [false, true]) {
  test(`sequential: two fits of an epoch are one fit of two, ${shuffle ? "shuffled" : "in order"}`, async ({ gpu }) => {
    const model = svm(gpu);
    const once = [
      await model.fit(x, labels, { ...silent, shuffle }),
      await model.fit(x, labels, { ...silent, shuffle }),
    ];
    const together = await fitted(gpu, { epochs: 2, shuffle });
    assert.deepEqual(await bitsOf(model), together.bits);
    assert.deepEqual(
      once.map(({ history }) => history.loss?.[0]),
      together.history.history.loss,
    );
    model.dispose();
  });
}

test("sequential: compile begins anew with the optimizer, not with the weights", async ({ gpu }) => {
  const model = svm(gpu);
  await model.fit(x, labels, { ...silent, shuffle: false });
  const weights = await model.getWeights();
  model.compile({ optimizer: "adam", loss: "hinge" });
  await model.fit(x, labels, { ...silent, shuffle: false });
  const fresh = svm(gpu);
  await fresh.setWeights(weights);
  await fresh.fit(x, labels, { ...silent, shuffle: false });
  assert.deepEqual(await bitsOf(model), await bitsOf(fresh));
  model.dispose();
  fresh.dispose();
});

test("sequential: sampleWeight weighs the loss and not the accuracy", async ({ gpu }) => {
  const model = svm(gpu);
  const sampleWeight = labels.map((_, row) => row % 4);
  const outputs = rowsOf(await model.predict(x));
  const weighted = outputs.reduce((sum, row, i) => sum + sampleWeight[i]! * hinge(row, labels[i]!), 0) / 100;
  const plain = await model.evaluate(x, labels);
  const { loss, acc } = await model.evaluate(x, labels, { sampleWeight });
  assertClose([loss ?? 0], [weighted], { relative: 1e-6 }, "weighted loss");
  assert.notEqual(loss, plain.loss);
  assert.equal(acc, plain.acc);
  // One step of all rows: the history shows the loss before the update.
  const { history } = await model.fit(x, labels, { verbose: 0, batchSize: 100, shuffle: false, sampleWeight });
  assertClose([history.loss?.[0] ?? 0], [weighted], { relative: 1e-6 }, "loss of the first epoch");
  assert.equal(history.acc?.[0], plain.acc);
  model.dispose();
  const ones = new Float32Array(100).fill(1);
  assert.deepEqual((await fitted(gpu, { sampleWeight: ones })).bits, (await fitted(gpu, {})).bits);
});
