// What stands around the optimizer: schedules, weight decay, clipping, averages and regularizers, in whole trainings
// against test/twins/training.ts.
import { assert } from "chai";
import {
  type AdamOptions,
  type Gpu,
  type LearningRate,
  layers,
  type Optimizer,
  optimizers,
  regularizers,
  Sequential,
  schedules,
} from "../../src/index.ts";
import { type Matrix, matrix, numbers, vector } from "../twins/matrix.ts";
import * as twin from "../twins/optimizers.ts";
import { LinearTwin, type Training } from "../twins/training.ts";
import { assertClose, test } from "./harness.ts";
import { assertAgree, type Choices, train } from "./training.ts";

interface Sizes {
  readonly columns: number;
  readonly units: number;
  readonly rows: number;
  readonly batchSize: number;
}

/** The last minibatch is smaller; 65 units are too many to be fused. */
const raggedSizes: Sizes[] = [
  { columns: 13, units: 3, rows: 53, batchSize: 17 },
  { columns: 1, units: 1, rows: 11, batchSize: 5 },
  { columns: 65, units: 5, rows: 23, batchSize: 7 },
  { columns: 131, units: 65, rows: 23, batchSize: 9 },
];
/** Of two fits; the second goes on with what the first left. */
const fits = [2, 2];

/** Settings as the user gives them, and what of them the twin knows. */
interface Setting {
  readonly name: string;
  readonly options?: AdamOptions;
  readonly twin?: Partial<Training>;
}

const kernel = regularizers.l1l2({ l1: 0.003, l2: 0.02 });
const bias = regularizers.l2(0.05);
const penalized = { kernel, bias };
const decaying = (initial: number): LearningRate =>
  schedules.exponentialDecay({ initialLearningRate: initial, decaySteps: 3, decayRate: 0.5 });
const decayingTwin = (initial: number) => (step: number) => initial * 0.5 ** (step / 3);

const settings = (rate: number): Setting[] => [
  { name: "a schedule", options: { learningRate: decaying(rate) }, twin: { rate: decayingTwin(rate) } },
  { name: "weight decay", options: { weightDecay: 0.5 }, twin: { decay: 0.5 } },
  {
    name: "a schedule with weight decay",
    options: { learningRate: decaying(rate), weightDecay: 0.5 },
    twin: { rate: decayingTwin(rate), decay: 0.5 },
  },
  { name: "regularizers", twin: penalized },
  ...(["value", "norm", "globalNorm"] as const).map((by): Setting => {
    const limit = by === "value" ? 0.02 : 0.1;
    const option = { value: "clipValue", norm: "clipNorm", globalNorm: "globalClipNorm" }[by];
    return { name: option, options: { [option]: limit }, twin: { clip: { by, limit }, ...penalized } };
  }),
  {
    name: "an average",
    options: { useEma: true, emaMomentum: 0.75 },
    twin: { average: { momentum: 0.75, every: null } },
  },
  {
    name: "an average that overwrites every 3 steps",
    options: { useEma: true, emaMomentum: 0.75, emaOverwriteFrequency: 3 },
    twin: { average: { momentum: 0.75, every: 3 } },
  },
  {
    name: "all of it",
    options: { learningRate: decaying(rate), weightDecay: 0.5, useEma: true, emaOverwriteFrequency: 5 },
    twin: { rate: decayingTwin(rate), decay: 0.5, average: { momentum: 0.99, every: 5 }, ...penalized },
  },
];

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const kinds: {
  name: string;
  rate: number;
  slots: number;
  make(o: AdamOptions): Optimizer;
  update: Training["update"];
}[] = [
  {
    ...{ name: "adam", rate: 0.01, slots: 2, make: optimizers.adam },
    update: (learningRate) => twin.adam({ ...adam, learningRate }),
  },
  {
    ...{ name: "amsgrad", rate: 0.01, slots: 3, make: (o) => optimizers.adam({ ...o, amsgrad: true }) },
    update: (learningRate) => twin.amsgrad({ ...adam, learningRate }),
  },
  {
    ...{ name: "momentum", rate: 0.05, slots: 1, make: (o) => optimizers.sgd({ ...o, momentum: 0.875 }) },
    update: (learningRate) => twin.momentum({ learningRate, momentum: 0.875, nesterov: false }),
  },
  { name: "sgd", rate: 0.1, slots: 0, make: optimizers.sgd, update: (learningRate) => twin.sgd({ learningRate }) },
];

for (const kind of kinds) {
  for (const setting of settings(kind.rate).filter(({ name }) => kind.name === "adam" || name === "all of it")) {
    test(`updates: ${kind.name} with ${setting.name}, fused and not, in two fits`, async ({ gpu }) => {
      // Everything together at all sizes.
      for (const sizes of setting.name === "all of it" ? raggedSizes : raggedSizes.slice(2)) {
        for (const fuse of [true, false]) await compare(gpu, kind, setting, sizes, fuse);
      }
    });
  }
}

async function compare(gpu: Gpu, kind: (typeof kinds)[number], setting: Setting, sizes: Sizes, fuse: boolean) {
  const { columns, units, rows, batchSize } = sizes;
  const draw = numbers(columns);
  const x = matrix(rows, columns, draw);
  const y = matrix(rows, units, draw);
  const initial = matrix(columns + 1, units, draw);
  const optimizer = kind.make({ learningRate: kind.rate, ...setting.options });
  const { rate = () => kind.rate } = setting.twin ?? {};
  const trainRows = Math.floor(rows * 0.75);
  const { slots, update } = kind;
  const expected = new LinearTwin(x, y, initial, { batchSize, trainRows, slots, update, ...setting.twin, rate });
  const { model, run } = await linearModel(gpu, initial, optimizer, setting.twin?.kernel ? penalized : {});
  for (const [i, epochs] of fits.entries()) {
    const label = `${columns} to ${units}, ${fuse ? "fused" : "apart"}, fit ${i}`;
    const { history, steps } = await run(x, y, { epochs, batchSize, validationSplit: 0.25, fuse });
    const logs = vector(epochs, () => expected.epoch());
    expected.finalize();
    // As the golden runs: what Adam divides is known to half a dozen roundings.
    const within = { relative: 1e-5 };
    const stepLosses = logs.flatMap((log) => log.steps);
    assertClose(steps, stepLosses, within, `${label}: step losses`);
    const of = (name: "loss" | "validation") => logs.map((log) => log[name]);
    assertClose(history.loss!, of("loss"), within, `${label}: loss`);
    assertClose(history.val_loss!, of("validation"), within, `${label}: val_loss`);
    const weights = await model.getWeights();
    const flat = expected.weights.flat();
    const actual = [...weights["dense.kernel"]!.data, ...weights["dense.bias"]!.data];
    assertClose(actual, flat, within, `${label}: weights`);
  }
  model.dispose();
}

/** A Dense model with these weights, whose fits also give the loss of every step. */
async function linearModel(gpu: Gpu, initial: Matrix, optimizer: Optimizer, given: Pick<Training, "kernel" | "bias">) {
  const dense = layers.dense({
    units: initial[0]!.length,
    kernelRegularizer: given.kernel ?? null,
    biasRegularizer: given.bias ?? null,
  });
  const model = new Sequential([layers.input({ shape: [initial.length - 1] }), dense], { gpu });
  model.compile({ optimizer, loss: "mean_squared_error" });
  await model.setWeights({ "dense.kernel": initial.slice(0, -1).flat(), "dense.bias": initial.at(-1)! });
  const run = async (
    x: Matrix,
    y: Matrix,
    options: { epochs: number; batchSize: number; validationSplit: number; fuse: boolean },
  ) => {
    const steps: number[] = [];
    const trainRows = Math.floor(x.length * (1 - options.validationSplit));
    let before = 0;
    const { history } = await model.fit(x, y, {
      ...{ ...options, shuffle: false, verbose: 0 },
      callbacks: [
        {
          onEpochBegin: () => {
            before = 0;
          },
          onBatchEnd: (step, { loss = Number.NaN }) => {
            const [begin, end] = [step, step + 1].map((n) => Math.min(n * options.batchSize, trainRows)) as [
              number,
              number,
            ];
            steps.push((loss * end - before) / (end - begin));
            before = loss * end;
          },
        },
      ],
    });
    return { history, steps };
  };
  return { model, run };
}

const deep = (below: object, head: object): Choices["layers"] => [
  layers.dense({ units: 21, name: "below", ...below }),
  layers.dense({ units: 3, name: "head", ...head }),
];

test("updates: two regularized layers, the head fused or not, agree; and differ from one alone", async ({ gpu }) => {
  const both = deep({ kernelRegularizer: kernel, biasRegularizer: bias }, { kernelRegularizer: regularizers.l2(0.1) });
  const optimizer = () => optimizers.adamW({ learningRate: 0.01, useEma: true, emaMomentum: 0.9 });
  const fused = await train(gpu, { layers: both!, optimizer: optimizer() });
  const apart = await train(gpu, { layers: both!, optimizer: optimizer(), fuse: false });
  assertAgree(fused, apart, 2e-5, "both");
  for (const one of [
    deep({ kernelRegularizer: kernel, biasRegularizer: bias }, {}),
    deep({}, { kernelRegularizer: kernel }),
  ]) {
    const other = await train(gpu, { layers: one!, optimizer: optimizer() });
    assert.notDeepEqual(other.weights, fused.weights);
    assert.isBelow(other.history.loss![0]!, fused.history.loss![0]!);
  }
});

test("updates: evaluate shows regularizers, but no frozen one", async ({ gpu }) => {
  const x = matrix(9, 4, numbers(1));
  const y = matrix(9, 3, numbers(2));
  const weights = matrix(5, 3, numbers(3));
  const loss = async (given: object) => {
    const model = new Sequential([layers.input({ shape: [4] }), layers.dense({ units: 3, ...given })], { gpu });
    model.compile({ optimizer: "sgd", loss: "mean_squared_error" });
    await model.setWeights({ "dense.kernel": weights.slice(0, -1).flat(), "dense.bias": weights.at(-1)! });
    const { loss } = await model.evaluate(x, y, { batchSize: 2 });
    model.dispose();
    return loss!;
  };
  const plain = await loss({});
  const sum = weights
    .slice(0, -1)
    .flat()
    .reduce((total, w) => total + 0.25 * Math.abs(w) + 0.5 * w ** 2, 0);
  const kernelRegularizer = regularizers.l1l2({ l1: 0.25, l2: 0.5 });
  assertClose([await loss({ kernelRegularizer })], [plain + sum], { relative: 1e-6 }, "regularized");
  assert.equal(await loss({ kernelRegularizer, trainable: false }), plain);
});

test("updates: an average is of what trains: frozen layers and moving statistics stay, to the bit", async ({ gpu }) => {
  const given = [
    layers.dense({ units: 7, name: "below" }),
    layers.dense({ units: 5, name: "frozen", trainable: false }),
    layers.batchNormalization({ name: "norm" }),
    layers.dense({ units: 3, name: "head" }),
  ];
  // One step an epoch.
  const trained = (epochs: number, optimizer = optimizers.adam()) =>
    train(gpu, { layers: given, epochs, batchSize: 200, optimizer });
  const raw = [await trained(1), await trained(2), await trained(3)].map(({ weights }) => weights);
  const { weights } = await trained(3, optimizers.adam({ useEma: true, emaMomentum: 0.5 }));
  for (const name of ["frozen.kernel", "frozen.bias", "norm.moving_mean", "norm.moving_variance"]) {
    assert.deepEqual(weights[name], raw[2]![name], name);
  }
  for (const name of ["below.kernel", "below.bias", "norm.gamma", "norm.beta", "head.kernel", "head.bias"]) {
    const [first, second, third] = raw.map((one) => [...one[name]!]);
    const mean = third!.map((w, i) => 0.25 * (first![i]! + second![i]!) + 0.5 * w);
    assertClose(weights[name]!, mean, { relative: 1e-6 }, name);
  }
});

test("updates: a fit that is aborted ends with the average too; one without a step leaves the weights", async ({
  gpu,
}) => {
  const initial = matrix(14, 3, numbers(4));
  const x = matrix(40, 13, numbers(5));
  const y = matrix(40, 3, numbers(6));
  const after = async (steps: number, averaged: boolean) => {
    const optimizer = optimizers.sgd({ learningRate: 0.25, useEma: averaged, emaMomentum: 0.5 });
    const { model } = await linearModel(gpu, initial, optimizer, {});
    const controller = new AbortController();
    if (steps === 0) controller.abort();
    const onEpochEnd = (epoch: number) => {
      if (epoch + 1 === steps) controller.abort();
    };
    const { signal } = controller;
    const options = {
      batchSize: 40,
      shuffle: false,
      epochs: 9,
      verbose: 0,
      signal,
      callbacks: [{ onEpochEnd }],
    } as const;
    const { aborted } = await model.fit(x, y, options);
    assert.isTrue(aborted);
    const { data } = (await model.getWeights())["dense.kernel"]!;
    model.dispose();
    return [...data];
  };
  const raw = [await after(1, false), await after(2, false), await after(3, false)];
  assert.deepEqual(await after(0, true), initial.slice(0, -1).flat());
  assert.deepEqual(await after(1, true), raw[0]!);
  const mean = raw[2]!.map((w, i) => 0.5 * (0.5 * raw[0]![i]! + 0.5 * raw[1]![i]!) + 0.5 * w);
  assertClose(await after(3, true), mean, { relative: 1e-6 }, "three steps");
});
