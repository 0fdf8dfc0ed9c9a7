// Calls that can't be carried out: each is refused with a typed error that names what came, and changes nothing.
import { assert } from "chai";
import { sliceRows } from "../../src/data/matrix.ts";
import {
  ConfigError,
  DataError,
  type FitOptions,
  layers,
  type Matrix,
  type MatrixLike,
  optimizers,
  Sequential,
  type TargetsLike,
} from "../../src/index.ts";
import { bitsOf, classes, clouds, columns, modelOf, oneHot, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { test } from "./harness.ts";

const rows = 20;
const { x, labels } = clouds(rows);
const silent = { verbose: 0, batchSize: 8 } as const;

/** x with one value replaced. */
function spoiled(row: number, column: number, value: number): Matrix {
  const data = x.data.slice();
  data[row * columns + column] = value;
  return { data, shape: x.shape };
}

type Call = (model: Sequential) => unknown;
type CompileOptions = Parameters<Sequential["compile"]>[0];
const fitOn =
  (rowsOfX: MatrixLike, y: TargetsLike): Call =>
  (model) =>
    model.fit(rowsOfX, y, silent);
const fitWith =
  (options: FitOptions): Call =>
  (model) =>
    model.fit(x, labels, { ...silent, ...options });
const evaluate =
  (rowsOfX: MatrixLike, y: TargetsLike): Call =>
  (model) =>
    model.evaluate(rowsOfX, y);
const predict =
  (rowsOfX: MatrixLike): Call =>
  (model) =>
    model.predict(rowsOfX);
const compile =
  (options: object): Call =>
  (model) =>
    model.compile({ optimizer: "adam", loss: "hinge", ...options } as CompileOptions);
const setWeights =
  (weights: Record<string, number[]>): Call =>
  (model) =>
    model.setWeights(weights);

const weights = new Float32Array(rows).fill(1);
const label = (row: number, value: number) => Array.from(labels).with(row, value);
const target = (row: number, values: number[]) => oneHot(labels).with(row, values);
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const dataFaults: [string, Call, RegExp][] = [
  ["NaN in x", fitOn(spoiled(7, 3, nan), labels), /^x: row 7, column 3 .* is NaN/],
  ["infinity in x", fitOn(spoiled(19, 0, -infinity), labels), /^x: row 19, column 0 .* is -Infinity/],
  ["NaN in x to predict", predict(spoiled(0, 4, nan)), /^x: row 0, column 4/],
  ["NaN in x to evaluate", evaluate(spoiled(2, 1, nan), labels), /^x: row 2, column 1/],
  ["NaN in x to validate", fitWith({ validationData: [[[1, 2, 3, 4, nan]], [0]] }), /^validation x: row 0, column 4/],
  ["NaN in targets", fitOn(x, target(5, [0, nan, 1])), /^y: row 5, column 1 .* is NaN/],
  ["infinity in targets", fitOn(x, target(5, [0, 0, infinity])), /^y: row 5, column 2 .* is Infinity/],
  ["NaN in sampleWeight", fitWith({ sampleWeight: weights.with(3, nan) }), /^sampleWeight: row 3 has NaN/],
  ["infinity in sampleWeight", fitWith({ sampleWeight: weights.with(0, infinity) }), /^sampleWeight: row 0 has Inf/],
  ["a label out of range", fitOn(x, label(4, classes)), /^y: row 4 has label 3.* 3 outputs.* from 0 to 2/],
  ["a negative label", fitOn(x, label(9, -1)), /^y: row 9 has label -1/],
  ["a bad label to validate", fitWith({ validationData: [x, label(0, 7)] }), /^validation y: row 0 has label 7/],
  ["fewer targets than rows", fitOn(x, labels.subarray(1)), /^y: .* each of the 20 rows of x, got 19/],
  ["more targets than rows", evaluate(sliceRows(x, 0, 9), labels), /^y: .* each of the 9 rows of x, got 20/],
  ["fewer sample weights than rows", fitWith({ sampleWeight: [1, 2] }), /^sampleWeight: .* 20 rows, got 2/],
  ["data short of its shape", fitOn({ data: x.data, shape: [21, columns] }, labels), /needs 105 values, .* has 100/],
  ["an empty set", fitOn([], []), /^x: expected at least one row/],
  ["an empty set to predict", predict([]), /^x: expected at least one row/],
  ["an empty set to evaluate", evaluate([], []), /^x: expected at least one row/],
  ["an empty set to validate", fitWith({ validationData: [[], []] }), /^validation x: expected at least one row/],
  ["a split that leaves nothing to train", fitWith({ validationSplit: 0.99 }), /leaves no rows for training/],
  ["a split that leaves nothing to validate", fitWith({ validationSplit: 1e-17 }), /leaves no rows for validation/],
  ["another width to fit", fitOn([[1, 2]], [0]), /^x: the model takes 5 features a row, got 2/],
  ["another width to predict", predict([[1]]), /^x: the model takes 5 features a row, got 1/],
  ["another width to evaluate", evaluate([[1]], [0]), /^x: the model takes 5 features a row, got 1/],
  ["another width to validate", fitWith({ validationData: [[[1]], [0]] }), /^validation x: the model takes 5 features/],
  ["an unknown weight", setWeights({ "dense.gamma": [1] }), /No weight "dense\.gamma"\. Known: .*dense\.bias/],
  ["a weight of another size", setWeights({ "dense.bias": [1] }), /"dense\.bias" has 3 values, got 1/],
  ["a weight of NaN", setWeights({ "dense.bias": [0, nan, 0] }), /"dense\.bias": value 1 is NaN/],
];

const configFaults: [string, Call, RegExp][] = [
  ["a split of everything", fitWith({ validationSplit: 1 }), /validationSplit must be above 0 and below 1, got 1/],
  ["a split of NaN", fitWith({ validationSplit: nan }), /validationSplit must be above 0 and below 1, got NaN/],
  ["an unknown loss", compile({ loss: "hubris" }), /Unknown loss "hubris"\. Known: hinge, squared_hinge/],
  ["an unknown metric", compile({ metrics: ["auc"] }), /Unknown metric "auc"\. Known: acc, /],
  ["an unknown optimizer", compile({ optimizer: "lion" }), /Unknown optimizer "lion"\. Known: adam, adamw, sgd/],
  ["a batch of 0", fitWith({ batchSize: 0 }), /batchSize must be a positive whole number, got 0/],
  ["a fractional batch", fitWith({ batchSize: 2.5 }), /batchSize must be a positive whole number, got 2\.5/],
  ["a batch of NaN", (model) => model.evaluate(x, labels, { batchSize: nan }), /batchSize .* got NaN/],
  ["0 epochs", fitWith({ epochs: 0 }), /epochs must be a positive whole number, got 0/],
  ["half an epoch", fitWith({ epochs: 0.5 }), /epochs must be a positive whole number, got 0\.5/],
  ["a negative cache", fitWith({ featureCache: -1 }), /featureCache: .* got -1/],
  ["a negative learning rate", () => optimizers.sgd({ learningRate: -1 }), /learningRate must be .* got -1/],
];

for (const [type, faults] of [
  [DataError, dataFaults],
  [ConfigError, configFaults],
] as const) {
  for (const [name, call, message] of faults) {
    test(`faults: ${name}`, async ({ gpu }) => {
      const model = svm(gpu);
      const before = await bitsOf(model);
      await failure(() => call(model), type, message);
      assert.deepEqual(await bitsOf(model), before);
      assert.lengthOf((await model.fit(x, labels, silent)).epoch, 1);
      model.dispose();
    });
  }
}

for (const learningRate of [-1, nan]) {
  test(`faults: a learning rate set to ${learningRate} after compile`, async ({ gpu }) => {
    const model = svm(gpu);
    const optimizer = optimizers.adam();
    model.compile({ optimizer, loss: "hinge" });
    const set = async () => {
      optimizer.learningRate = learningRate;
    };
    await failure(set, ConfigError, /learningRate must be a number from 0 on/);
    assert.lengthOf((await model.fit(x, labels, silent)).epoch, 1);
    model.dispose();
  });
}

test("faults: fit and evaluate before compile", async ({ gpu }) => {
  const model = new Sequential([layers.input({ shape: [columns] }), layers.dense({ units: classes })], { gpu });
  await failure(() => model.fit(x, labels, silent), ConfigError, /Call model\.compile\(.*\) before model\.fit/);
  await failure(() => model.evaluate(x, labels), ConfigError, /before model\.evaluate/);
  assert.deepEqual((await model.predict(x)).shape, [rows, classes]);
  model.dispose();
});

test("faults: accuracy of a single output", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.dense({ units: 1 })]);
  await failure(
    () => compile({ metrics: ["categorical_accuracy"] })(model),
    ConfigError,
    /at least 2 outputs; this one has 1/,
  );
});

test("faults: a fit of a model that does not train", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.randomFourierFeatures({ outputDim: classes })]);
  await failure(() => model.fit(x, labels, silent), ConfigError, /no layer of the model trains/);
});

for (const seed of [-1, 0.5, 2 ** 53, nan]) {
  test(`faults: a seed of ${seed}`, async ({ gpu }) => {
    await failure(() => svm(gpu, { seed }), ConfigError, /seed must be a whole number/);
  });
}
