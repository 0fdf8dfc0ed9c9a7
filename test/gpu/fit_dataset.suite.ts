// Streams of minibatches.
import { assert } from "chai";
import {
  ConfigError,
  callbacks,
  DataError,
  type DatasetBlock,
  type FitDatasetOptions,
  type Gpu,
  type Sequential,
} from "../../src/index.ts";
import { blocks, labels, rows, x } from "./blocks.ts";
import { bitsOf, clouds, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { test } from "./harness.ts";
import { watch } from "./watch.ts";

const validation = clouds(37);
const validationData = [validation.x, validation.labels] as const;

async function* streamed(size: number): AsyncGenerator<DatasetBlock> {
  for (const block of blocks(size)) {
    await new Promise((resolve) => setTimeout(resolve));
    yield block;
  }
}

/** Bits and history after a fit in order, which streams must give too. */
async function fitted(gpu: Gpu, epochs: number) {
  const model = svm(gpu);
  const { history } = await model.fit(x, labels, { epochs, batchSize: 16, shuffle: false, verbose: 0, validationData });
  const bits = await bitsOf(model);
  model.dispose();
  return { bits, history };
}

/** Streams that must give the bits of a fit on minibatches of 16 rows. */
const streams: [string, () => () => Parameters<Sequential["fitDataset"]>[0], FitDatasetOptions][] = [
  ["batches from an async generator", () => () => () => streamed(16), {}],
  ["batches in a list", () => () => blocks(16), {}],
  ["pairs [x, y]", () => () => () => blocks(16).map(({ x, y }) => [x, y] as const), {}],
  ["a look-ahead of one", () => () => () => streamed(16), { lookAhead: 1 }],
  ["blocks of two batches", () => () => () => streamed(32), { batchSize: 16 }],
  ["blocks of all rows", () => () => () => streamed(rows), { batchSize: 16 }],
  ["features recomputed", () => () => () => streamed(32), { batchSize: 16, featureCache: "off" }],
  [
    "not one at a time: a generator over both epochs",
    () => () => twice(streamed(16), streamed(16)),
    { stepsPerEpoch: 6 },
  ],
];

async function* twice(...all: AsyncGenerator<DatasetBlock>[]): AsyncGenerator<DatasetBlock> {
  for (const each of all) yield* each;
}

for (const [name, dataset, options] of streams) {
  test(`dataset: ${name}: the bits of a fit in order`, async ({ gpu }) => {
    const expected = await fitted(gpu, 2);
    const model = svm(gpu);
    const common = { epochs: 2, verbose: 0, validationData, validationBatchSize: 16 } as const;
    const { history, steps, epoch } = await model.fitDataset(dataset()(), { ...common, ...options });
    assert.deepEqual([steps, epoch], [12, [0, 1]]);
    assert.deepEqual(history, expected.history);
    assert.deepEqual(await bitsOf(model), expected.bits);
    model.dispose();
  });
}

test("dataset: an epoch ends within a block, and the next one goes on there", async ({ gpu }) => {
  const [cut, plain] = [svm(gpu), svm(gpu)];
  const begun: number[] = [];
  const onBatchEnd = (batch: number) => void begun.push(batch);
  const options = { epochs: 3, batchSize: 8, stepsPerEpoch: 3, verbose: 0 } as const;
  const cutHistory = await cut.fitDataset(streamed(40), { ...options, callbacks: [{ onBatchEnd }] });
  const plainHistory = await plain.fitDataset(streamed(8), options);
  assert.deepEqual(begun, [2, 1, 2, 2]);
  assert.deepEqual(cutHistory.history, plainHistory.history);
  assert.deepEqual(await bitsOf(cut), await bitsOf(plain));
  for (const model of [cut, plain]) model.dispose();
});

test("dataset: no more than the look-ahead lies ready, and it is fetched while the GPU works", async ({ gpu }) => {
  for (const lookAhead of [1, 2, 5]) {
    const model = svm(gpu);
    let fetched = 0;
    let done = 0;
    let most = 0;
    let ended = false;
    async function* counted(): AsyncGenerator<DatasetBlock> {
      try {
        for await (const block of streamed(6)) {
          fetched++;
          most = Math.max(most, fetched - done);
          yield block;
        }
      } finally {
        ended = true;
      }
    }
    const waiting: number[] = [];
    const onBatchEnd = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      done++;
      waiting.push(fetched - done);
    };
    await model.fitDataset(counted, { lookAhead, verbose: 0, callbacks: [{ onBatchEnd }] });
    assert.isAtMost(most, lookAhead + 1, "ready, and one at work");
    assert.include(waiting, lookAhead);
    assert.isTrue(ended);
    model.dispose();
  }
});

test("dataset: buffers are made for the first block alone, and none are left", async ({ gpu }) => {
  const model = svm(gpu);
  const makes: number[] = [];
  let count = 0;
  const undo = watch(GPUDevice.prototype, "createBuffer", () => count++);
  const onBatchEnd = () => void makes.push(count);
  const onEpochBegin = () => void makes.push(count);
  try {
    await model.fitDataset(() => streamed(16), { epochs: 2, verbose: 0, callbacks: [{ onEpochBegin, onBatchEnd }] });
  } finally {
    undo();
  }
  const [before, first, ...later] = makes;
  assert.isAbove(first!, before!);
  assert.deepEqual(new Set(later), new Set([first]));
  model.dispose();
});

test("dataset: an abort does not wait for a block that never comes", async ({ gpu }) => {
  const model = svm(gpu);
  const abort = new AbortController();
  async function* stuck(): AsyncGenerator<DatasetBlock> {
    yield* blocks(16);
    await new Promise(() => {});
  }
  const onBatchEnd = (batch: number) => void (batch === 5 && setTimeout(() => abort.abort(), 20));
  const history = await model.fitDataset(stuck(), { verbose: 0, signal: abort.signal, callbacks: [{ onBatchEnd }] });
  assert.deepEqual([history.aborted, history.epoch, history.steps], [true, [], 6]);
  assert.equal(model.trained.steps, 6);
  model.dispose();
});

test("dataset: the caller's signal is listened to once in a training, and not behind it", async ({ gpu }) => {
  const model = svm(gpu);
  const { signal } = new AbortController();
  const heard: string[] = [];
  const undo = (["addEventListener", "removeEventListener"] as const).map((name) =>
    watch(AbortSignal.prototype, name, (self) => void (self === signal && heard.push(name))),
  );
  const options = { epochs: 3, verbose: 0, signal } as const;
  try {
    await model.fitDataset(() => streamed(16), options);
    await failure(() => model.fitDataset(() => broken(), options), RangeError as never, /mine/);
  } finally {
    for (const restore of undo) restore();
  }
  assert.deepEqual(heard, ["addEventListener", "removeEventListener", "addEventListener", "removeEventListener"]);
  model.dispose();
});

test("dataset: data that run out end the training with a warning", async ({ gpu }) => {
  const model = svm(gpu);
  const { warnings, stopReason, epoch } = await model.fitDataset(streamed(16), {
    epochs: 3,
    stepsPerEpoch: 4,
    verbose: 0,
  });
  assert.deepEqual(epoch, [0, 1]);
  assert.match(stopReason ?? "", /ran out after 2 of the 4 minibatches/);
  assert.lengthOf(warnings, 1);
  model.dispose();
});

test("dataset: class weights are those of a fit", async ({ gpu }) => {
  const [stream, whole] = [svm(gpu), svm(gpu)];
  const classWeight = [1, 0.5, 2];
  const options = { verbose: 0, validationData, classWeight } as const;
  const a = await stream.fitDataset(() => streamed(16), { ...options, validationBatchSize: 16 });
  const b = await whole.fit(x, labels, { ...options, shuffle: false, batchSize: 16 });
  assert.deepEqual(a.history, b.history);
  assert.deepEqual(await bitsOf(stream), await bitsOf(whole));
  for (const model of [stream, whole]) model.dispose();
});

async function* broken(): AsyncGenerator<DatasetBlock> {
  yield* blocks(30).slice(0, 1);
  throw new RangeError("mine");
}
const wide = { data: new Float32Array(12), shape: [2, 6] };
const refusals: [
  string,
  Parameters<Sequential["fitDataset"]>[0],
  FitDatasetOptions,
  new (...a: never[]) => Error,
  RegExp,
][] = [
  ["no rows at all", [], {}, DataError, /the data gave no rows/],
  [
    "a block of another width",
    [blocks(30)[0]!, { x: wide, y: [0, 1] }],
    {},
    DataError,
    /block 1: x: the model takes 5/,
  ],
  ["what is no block", [7 as never], {}, DataError, /block 0: expected \{ x, y \} or \[x, y\], got 7/],
  ["what is no iterable", 7 as never, {}, ConfigError, /expected an iterable/],
  ["two epochs of one generator", streamed(30), { epochs: 2 }, ConfigError, /can be iterated only once/],
  ["an error of the data", broken(), {}, RangeError, /mine/],
  ["a look-ahead of none", [], { lookAhead: 0 }, ConfigError, /lookAhead must be a positive whole number/],
  ["an unknown option", [], { shuffle: true } as never, ConfigError, /model\.fitDataset: unknown option "shuffle"/],
];
for (const [name, dataset, options, type, message] of refusals) {
  test(`dataset: ${name} is an error, after which the model goes on`, async ({ gpu }) => {
    const model = svm(gpu);
    await failure(() => model.fitDataset(dataset, { verbose: 0, ...options }), type as typeof DataError, message);
    assert.lengthOf((await model.fit(x, labels, { verbose: 0 })).epoch, 1);
    model.dispose();
  });
}

test("dataset: early stopping and checkpoints act as in a fit", async ({ gpu }) => {
  const model = svm(gpu);
  const files: string[] = [];
  const stopping = callbacks.earlyStopping({ monitor: "loss", mode: "max", restoreBestWeights: true });
  const saving = callbacks.modelCheckpoint({ filepath: "{epoch}", save: (path) => void files.push(path) });
  const { epoch, stopReason } = await model.fitDataset(() => streamed(16), {
    epochs: 9,
    verbose: 0,
    callbacks: [stopping, saving],
  });
  assert.deepEqual(
    [epoch, files],
    [
      [0, 1],
      ["1", "2"],
    ],
  );
  assert.match(stopReason ?? "", /Early stopping in epoch 2/);
  const one = svm(gpu);
  await one.fit(x, labels, { batchSize: 16, shuffle: false, verbose: 0 });
  assert.deepEqual(await bitsOf(model), await bitsOf(one));
  for (const each of [model, one]) each.dispose();
});
