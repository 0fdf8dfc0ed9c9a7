// Estimators on real tables against scikit-learn's figures on the same rows, and how they behave to those who use them.
import { assert } from "chai";
import {
  type ClassScores,
  ConfigError,
  DataError,
  expectedCalibrationError,
  FormatError,
  type Label,
  logLoss,
  type Matrix,
  QuasiLogisticRegression,
  QuasiRidge,
  QuasiSVC,
  QuasiSVR,
} from "../../src/index.ts";
import { fitTemperature, softmax } from "../../src/model/estimators/calibration.ts";
import { cars, penguins } from "../tables.ts";
import { clouds } from "./clouds.ts";
import { ending, failure } from "./failure.ts";
import { assertClose, type Context, test } from "./harness.ts";

/** As for tests of behaviour: few features, few steps. */
const small = { nComponents: 64, epochs: 3, batchSize: 32 } as const;
const { x, labels } = clouds(120);
const names = Array.from(labels, (label) => ["red", "green", "blue"][label]!);

const read = async (fixture: Context["fixture"], path: string) =>
  JSON.parse(new TextDecoder().decode(await fixture(path)));
const scikitLearn = (fixture: Context["fixture"]) => read(fixture, "test/golden/scikit-learn.json");

/** Every eighth row of scores, from the first on. */
const everyEighth = ({ data, shape: [rows, classes] }: ClassScores) =>
  Array.from({ length: Math.ceil(rows / 8) }, (_, i) => [...data.subarray(i * 8 * classes, (i * 8 + 1) * classes)]);

const rootMeanSquare = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.sqrt(Array.from(a, (value, i) => (value - b[i]!) ** 2).reduce((sum, square) => sum + square) / a.length);

test("estimators: QuasiRidge predicts cars' consumption as scikit-learn's ridge does", async ({
  gpu,
  fixture,
  note,
}) => {
  const { train, test } = cars.read(await fixture(cars.path));
  const reference = (await scikitLearn(fixture)).cars;
  const ridge = await new QuasiRidge({ gpu, nComponents: 1024 }).fit(train.x, train.y);
  const r2 = await ridge.score(test.x, test.y);
  const apart = rootMeanSquare(await ridge.predict(test.x), reference.ridgePredictions);
  note(
    `R2 ${r2.toFixed(4)}, scikit-learn ${reference.ridgeNystroem.toFixed(4)}; ${apart.toFixed(3)} miles a gallon apart`,
  );
  assert.closeTo(r2, reference.ridgeNystroem, 0.02);
  assert.closeTo(r2, reference.ridgeRbfSampler, 0.02);
  assert.isBelow(apart, 0.32); // of a deviation of 7.8
  ridge.dispose();
});

test("estimators: QuasiSVR predicts cars' consumption as scikit-learn's SVR does", async ({ gpu, fixture, note }) => {
  const { train, test } = cars.read(await fixture(cars.path));
  const reference = (await scikitLearn(fixture)).cars;
  const svr = await new QuasiSVR({ gpu, nComponents: 1024, C: 10, epsilon: 0.5 }).fit(train.x, train.y);
  const r2 = await svr.score(test.x, test.y);
  const apart = rootMeanSquare(await svr.predict(test.x), reference.svrPredictions);
  note(`R2 ${r2.toFixed(4)}, scikit-learn ${reference.svr.toFixed(4)}; ${apart.toFixed(3)} miles a gallon apart`);
  assert.closeTo(r2, reference.svr, 0.02);
  assert.isBelow(apart, 0.5); // of a deviation of 7.8
  // A tube as wide as all targets costs nothing to a constant.
  const flat = await new QuasiSVR({ gpu, ...small, epsilon: 50 }).fit(train.x, train.y);
  const predicted = await flat.predict(test.x);
  assert.isTrue(predicted.every((value) => Math.abs(value - 23.4) < 15));
  const again = QuasiSVR.load(await flat.save(), { gpu });
  assert.deepEqual(await again.predict(test.x), predicted);
  for (const estimator of [svr, flat, again]) estimator.dispose();
});

test("estimators: QuasiSVC tells penguins apart by names, grams beside millimetres", async ({ gpu, fixture, note }) => {
  const { train, test } = penguins.read(await fixture(penguins.path));
  const reference = (await scikitLearn(fixture)).penguins;
  const svc = await new QuasiSVC({ gpu, nComponents: 1024 }).fit(train.x, train.y);
  const accuracy = await svc.score(test.x, test.y);
  note(`accuracy ${accuracy.toFixed(4)}, scikit-learn ${reference.linearSvc.toFixed(4)}`);
  assert.deepEqual([...svc.classes], reference.classes);
  assert.closeTo(accuracy, reference.linearSvc, 0.02);
  assert.isAbove(accuracy, reference.majority + 0.15);
  svc.dispose();
  const unscaled = await new QuasiSVC({ gpu, ...small, standardize: false }).fit(train.x, train.y);
  assert.isBelow(await unscaled.score(test.x, test.y), 0.8);
  unscaled.dispose();
});

test("estimators: QuasiLogisticRegression's probabilities are scikit-learn's", async ({ gpu, fixture, note }) => {
  const { train, test } = penguins.read(await fixture(penguins.path));
  const reference = (await scikitLearn(fixture)).penguins;
  const model = await new QuasiLogisticRegression({ gpu, nComponents: 2048, C: 10 }).fit(train.x, train.y);
  const probabilities = await model.predictProba(test.x);
  const indices = test.y.map((label) => model.classes.indexOf(label));
  const [loss, error] = [logLoss(probabilities, indices), expectedCalibrationError(probabilities, indices)];
  note(
    `log loss ${loss.toFixed(4)}, scikit-learn ${reference.logisticLogLoss.toFixed(4)}; calibration error ${error.toFixed(4)}`,
  );
  assert.closeTo(await model.score(test.x, test.y), reference.logistic, 0.02);
  assert.closeTo(loss, reference.logisticLogLoss, 0.01);
  const picked = everyEighth(probabilities).flat();
  assertClose(picked, reference.logisticProbabilities.flat(), { absolute: 0.03 }, "probabilities");
  model.dispose();
});

test("estimators: with the hinge, QuasiSVC's margins are those of an exact SVC with the same C", async ({
  gpu,
  fixture,
  note,
}) => {
  const { train, test } = penguins.read(await fixture(penguins.path));
  const reference = (await scikitLearn(fixture)).penguins;
  const pair = train.y.flatMap((label, i) => (label === "Gentoo" ? [] : [i]));
  const svc = new QuasiSVC({ gpu, nComponents: 2048, C: 10, loss: "hinge" });
  await svc.fit(
    pair.map((i) => train.x[i]!),
    pair.map((i) => train.y[i]!),
  );
  const margins = everyEighth(await svc.decisionFunction(test.x)).map(
    ([adelie, chinstrap]) => (chinstrap! - adelie!) / 2,
  );
  // The first eight are of the two species trained on; the features' own error is about a tenth.
  const [ours, theirs] = [margins.slice(0, 8), reference.binaryDecisions.slice(0, 8)];
  const apart = rootMeanSquare(ours, theirs) / rootMeanSquare(theirs, new Array(8).fill(0));
  note(`margins ${(apart * 100).toFixed(1)} % apart`);
  assert.isBelow(apart, 0.12);
  svc.dispose();
});

test("estimators: a saved classifier comes back with labels, scaling and calibration, bit for bit", async ({ gpu }) => {
  const scaled: Matrix = { ...x, data: x.data.map((value, i) => value * 10 ** (i % 5) + (i % 5)) };
  const svc = new QuasiSVC({ gpu, ...small, probability: true, C: 3, classWeight: new Map([["red", 2]]) });
  await svc.fit(scaled, names);
  const expected = [await svc.decisionFunction(scaled), await svc.predictProba(scaled), await svc.predict(scaled)];
  for (const compact of [false, true]) {
    const again = QuasiSVC.load(await svc.save({ compact }), { gpu });
    assert.deepEqual([...again.classes], ["blue", "green", "red"]);
    assert.equal(again.gamma, svc.gamma);
    assert.deepEqual(
      [await again.decisionFunction(scaled), await again.predictProba(scaled), await again.predict(scaled)],
      expected,
    );
    await again.partialFit(scaled, names); // goes on
    again.dispose();
  }
  svc.dispose();
});

test("estimators: numbers as labels, and targets' scale, come back too", async ({ gpu }) => {
  const years = Array.from(labels, (label) => 2000 + 10 * label);
  const model = await new QuasiLogisticRegression({ gpu, ...small }).fit(x, years);
  const ridge = await new QuasiRidge({ gpu, ...small, alpha: 0.5 }).fit(x, years);
  const [sameModel, sameRidge] = [
    QuasiLogisticRegression.load(await model.save(), { gpu }),
    QuasiRidge.load(await ridge.save(), { gpu }),
  ];
  assert.deepEqual([...sameModel.classes], [2000, 2010, 2020]);
  assert.deepEqual(await sameModel.predict(x), await model.predict(x));
  assert.deepEqual(await sameRidge.predict(x), await ridge.predict(x));
  assert.isTrue((await ridge.predict(x)).every((year) => year > 1980 && year < 2040));
  for (const estimator of [model, ridge, sameModel, sameRidge]) estimator.dispose();
});

test("estimators: a fit that is refused leaves a classifier as it was, one that fails leaves none", async ({ gpu }) => {
  const svc = await new QuasiSVC({ gpu, ...small }).fit(x, names);
  await svc.calibrate(x, names);
  const before = [await svc.predict(x), await svc.predictProba(x), await svc.save()];
  const numbers = Array.from(labels, (label) => label + 7);
  const running = svc.predict(x);
  await failure(() => svc.fit(x, numbers), ConfigError, /busy with predict/);
  await failure(() => svc.partialFit(x, names), ConfigError, /busy with predict/);
  await running;
  await failure(() => svc.fit(x, names.slice(1)), DataError, /got 119/);
  await failure(() => svc.fit(x, names, { epochs: 3 } as never), ConfigError, /unknown option/);
  await failure(() => svc.partialFit(x, names.slice(1)), DataError, /got 119/);
  await failure(() => svc.partialFit(x, new Array(120).fill("gold")), DataError, /label "gold"/);
  assert.deepEqual([...svc.classes], ["blue", "green", "red"]);
  assert.deepEqual([await svc.predict(x), await svc.predictProba(x), await svc.save()], before);
  const bad = { onEpochEnd: () => Promise.reject(new Error("of the test")) };
  const error = await ending(() => svc.fit(x, numbers, { callbacks: [bad] }));
  assert.equal((error as Error).message, "of the test");
  assert.deepEqual([...svc.classes], []);
  await failure(() => svc.predict(x), ConfigError, /call fit or partialFit first/);
  const files: Uint8Array[] = [];
  await svc.fit(x, numbers, { callbacks: [{ onEpochEnd: async () => void files.push(await svc.save()) }] });
  assert.deepEqual([...svc.classes], [7, 8, 9]);
  const saved = QuasiSVC.load(files.at(-1)!, { gpu });
  assert.deepEqual(await saved.predict(x), await svc.predict(x));
  saved.dispose();
  svc.dispose();
  assert.deepEqual([...svc.classes], []);
});

test("estimators: a fit that is refused leaves a regressor's targets as they were", async ({ gpu }) => {
  const years = Array.from(labels, (label) => 2000 + 10 * label);
  const ridge = await new QuasiRidge({ gpu, ...small }).fit(x, years);
  const before = await ridge.predict(x);
  const running = ridge.predict(x);
  await failure(() => ridge.fit(x, [...labels]), ConfigError, /busy with predict/);
  assert.deepEqual(await running, before);
  assert.deepEqual(await ridge.predict(x), before);
  ridge.dispose();
});

test("estimators: load tells bad options from a bad file", async ({ gpu }) => {
  const y = [...labels];
  const [svc, svr] = [await new QuasiSVC({ gpu, ...small }).fit(x, y), await new QuasiSVR({ gpu, ...small }).fit(x, y)];
  const ridge = await new QuasiRidge({ gpu, ...small }).fit(x, y);
  const logistic = await new QuasiLogisticRegression({ gpu, ...small }).fit(x, y);
  for (const estimator of [svc, svr, ridge, logistic]) {
    const bytes = await estimator.save();
    const { load } = estimator.constructor as unknown as { load(bytes: Uint8Array, options: unknown): unknown };
    await failure(() => load(bytes, { foo: 1 }), ConfigError, /\.load: unknown option "foo"/);
    await failure(() => load(bytes, { tune: "never" }), ConfigError, /"never"/);
    estimator.dispose();
  }
});

test("estimators: a file that holds something else is refused", async ({ gpu }) => {
  const ridge = await new QuasiRidge({ gpu, ...small }).fit(x, [...labels]);
  const bytes = await ridge.save();
  const plain = await ridge.model.save();
  ridge.dispose();
  await failure(() => QuasiSVC.load(bytes), FormatError, /QuasiSVC\.load: the file holds a "QuasiRidge"/);
  await failure(() => QuasiRidge.load(plain), FormatError, /without the "quasi-svm\.estimator" metadata/);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const changed = (from: string, to: string) => {
    assert.include(text, from);
    assert.lengthOf(to, from.length);
    return Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0));
  };
  await failure(
    () => QuasiRidge.load(changed('\\"epochs\\":3', '\\"epochs\\":0')),
    FormatError,
    /epochs must be a positive/,
  );
  await failure(() => QuasiRidge.load(changed('\\"nComponents', '\\"mComponents')), FormatError, /unknown option/);
  await failure(
    () => QuasiRidge.load(changed('\\"deviation', '\\"devlation')),
    FormatError,
    /target\.deviation: expected a number/,
  );
});

test("estimators: partialFit goes on with rows as they come", async ({ gpu }) => {
  const svc = new QuasiSVC({ gpu, ...small });
  await failure(() => svc.partialFit(x, names), DataError, /first call needs \{ classes \}/);
  const part = (begin: number): Matrix => ({ data: x.data.subarray(begin * 5, (begin + 40) * 5), shape: [40, 5] });
  for (let pass = 0; pass < 5; pass++) {
    for (const begin of [0, 40, 80]) {
      await svc.partialFit(part(begin), names.slice(begin, begin + 40), { classes: ["green", "red", "blue"] });
    }
  }
  assert.deepEqual([...svc.classes], ["blue", "green", "red"]);
  assert.isAbove(await svc.score(x, names), 0.6);
  for (const classes of [
    ["red", "blue"],
    ["red", "green", "gold"],
  ]) {
    await failure(() => svc.partialFit(x, names, { classes }), DataError, /differ from those before/);
  }
  await failure(() => svc.partialFit(part(0), new Array(40).fill("gold")), DataError, /row 0 has label "gold"/);
  svc.dispose();
});

test("estimators: margins become probabilities only by calibration", async ({ gpu }) => {
  const svc = await new QuasiSVC({ gpu, ...small }).fit(x, names);
  await failure(() => svc.predictProba(x), ConfigError, /no probabilities before they are calibrated/);
  await svc.calibrate(x, names);
  const { data, shape } = await svc.predictProba(x);
  const values = await svc.decisionFunction(x);
  const indices = names.map((name) => svc.classes.indexOf(name));
  assert.deepEqual(data, softmax(values, fitTemperature(values, indices)));
  const predicted = await svc.predict(x);
  assert.deepEqual(shape, [120, 3]);
  for (let row = 0; row < 120; row++) {
    const p = [...data.subarray(row * 3, (row + 1) * 3)];
    assert.closeTo(
      p.reduce((a, b) => a + b),
      1,
      1e-6,
    );
    assert.equal(svc.classes[p.indexOf(Math.max(...p))], predicted[row]);
  }
  await svc.partialFit(x, names);
  await failure(() => svc.predictProba(x), ConfigError, /calibrated/);
  svc.dispose();
});

test("estimators: class weights are sample weights by class, and balanced ones help the rare class", async ({
  gpu,
}) => {
  const rare = (i: number) => i % 8 === 0 && labels[i] === 0;
  const y: Label[] = Array.from(labels, (_, i) => (rare(i) ? "rare" : "common"));
  const count = y.filter((label) => label === "rare").length;
  const outputs = async (options: object, sampleWeight?: number[]) => {
    const svc = await new QuasiSVC({ gpu, ...small, epochs: 20, ...options }).fit(
      x,
      y,
      sampleWeight && { sampleWeight },
    );
    const given = await svc.decisionFunction(x);
    const found = (await svc.predict(x)).filter((label, i) => label === "rare" && y[i] === "rare").length;
    svc.dispose();
    return { bits: [...new Uint32Array(given.data.buffer)], found };
  };
  const weights = { rare: 120 / (2 * count), common: 120 / (2 * (120 - count)) };
  const balanced = await outputs({ classWeight: "balanced" });
  assert.deepEqual((await outputs({ classWeight: weights })).bits, balanced.bits);
  const byRow = y.map((label) => weights[label as keyof typeof weights]);
  assert.deepEqual((await outputs({}, byRow)).bits, balanced.bits);
  assert.isAbove(balanced.found, (await outputs({})).found);
});

test("estimators: pixels as bytes or floats, 0..255 or 0..1, train the same model", async ({ gpu }) => {
  const pixels = Uint8Array.from({ length: 120 * 100 }, (_, i) => {
    const [row, column] = [Math.floor(i / 100), i % 100];
    return column % 3 === labels[row] ? (row * 89 + column * 97) % 256 : (row * 31 + column * 57) % 64;
  });
  const shape = [120, 100] as const;
  const outputs: Float32Array[] = [];
  const forms: Matrix[] = [
    { data: pixels, shape },
    { data: pixels, shape, unit: 1 / 255 },
    { data: Float32Array.from(pixels), shape },
    { data: Float32Array.from(pixels, (pixel) => pixel / 255), shape },
  ];
  for (const form of forms) {
    const svc = await new QuasiSVC({ gpu, ...small }).fit(form, names);
    outputs.push((await svc.decisionFunction(form)).data);
    svc.dispose();
  }
  assert.deepEqual(outputs[1], outputs[0]);
  for (const other of outputs.slice(2)) assertClose(other, outputs[0]!, { absolute: 2e-3 }, "decision values");
});

test("estimators: a seed gives the same bits; fit begins anew, also after dispose", async ({ gpu }) => {
  const svc = new QuasiSVC({ gpu, ...small, seed: 9, gamma: "median" });
  const run = async (estimator: QuasiSVC) => (await (await estimator.fit(x, names)).decisionFunction(x)).data;
  const first = await run(svc);
  assert.deepEqual(await run(svc), first);
  svc.dispose();
  assert.deepEqual(await run(svc), first);
  svc.dispose();
  const other = new QuasiSVC({ gpu, ...small, seed: 10, gamma: "median" });
  assert.notDeepEqual(await run(other), first);
  other.dispose();
});

test("estimators: what can't be used is refused by name", async ({ gpu }) => {
  await failure(() => new QuasiSVC({ C: 0 }), ConfigError, /new QuasiSVC: C must be a positive number, got 0/);
  await failure(
    () => new QuasiSVC({ loss: "log" as never }),
    ConfigError,
    /loss must be "hinge" or "squared_hinge", got "log"/,
  );
  await failure(() => new QuasiSVC({ alpha: 1 } as never), ConfigError, /new QuasiSVC: unknown option "alpha"/);
  await failure(() => new QuasiSVC({ probability: 1 as never }), ConfigError, /probability must be true or false/);
  await failure(() => new QuasiRidge({ alpha: -1 }), ConfigError, /alpha must be a number from 0 on, got -1/);
  await failure(
    () => new QuasiLogisticRegression({ C: Number.NaN }),
    ConfigError,
    /C must be a positive number, got NaN/,
  );
  const svc = new QuasiSVC({ gpu, ...small });
  await failure(() => svc.predict(x), ConfigError, /QuasiSVC\.predict: call fit or partialFit first/);
  await failure(() => svc.save(), ConfigError, /QuasiSVC\.save: call fit/);
  await failure(
    () => svc.fit(x, names.slice(1)),
    DataError,
    /y: expected one label for each of the 120 rows of X, got 119/,
  );
  await failure(() => svc.fit(x, names, { epochs: 3 } as never), ConfigError, /QuasiSVC\.fit: unknown option "epochs"/);
  await failure(() => svc.fit(x, names, { sampleWeight: [1] }), DataError, /sampleWeight: expected one weight/);
  await svc.fit(x, names);
  await failure(() => svc.predict([[1, 2]]), DataError, /X: fitted on 5 columns, got 2/);
  await failure(() => svc.score(x, ["red"]), DataError, /y: expected one label for each/);
  await failure(() => svc.calibrate(x, names.slice(1)), DataError, /each of the 120 rows/);
  svc.dispose();
  const ridge = new QuasiRidge({ gpu, ...small });
  await failure(() => ridge.fit(x, [1, 2]), DataError, /y: expected one number for each of the 120 rows of X, got 2/);
  const gap = Array.from(labels, (label, i) => (i === 7 ? Number.NaN : label));
  await failure(() => ridge.fit(x, gap), DataError, /y: row 7 is NaN/);
  ridge.dispose();
});
