// Which dispatches a step is made of.
import { assert } from "chai";
import type { Gpu } from "../../src/gpu/device.ts";
import { type Layer, layers, type Optimizer, optimizers, regularizers, schedules } from "../../src/index.ts";
import { evaluationPlan, predictionPlan, trainingPlan } from "../../src/train/plan.ts";
import { RowSet } from "../../src/train/row_set.ts";
import { test } from "./harness.ts";
import { assertAgree, type Choices, limited, prepare, train } from "./training.ts";

/** The labels of a step's dispatches, in order. */
async function stepsOf(gpu: Gpu, choices: Choices) {
  const { engine, plan, training } = await prepare(gpu, choices);
  const { batchSize, precision, featureBudget: budget } = plan;
  const set = await RowSet.create(engine, training.x, training.targets, { batchSize, precision, budget });
  const plans = {
    training: await trainingPlan(engine, set, plan),
    evaluation: await evaluationPlan(engine, set, plan),
    prediction: await predictionPlan(engine, set),
  };
  const labels = Object.entries(plans).map(([name, { dispatches }]) => [name, dispatches.map(({ label }) => label)]);
  for (const resource of [...Object.values(plans), set, engine]) resource.destroy();
  return Object.fromEntries(labels) as Record<keyof typeof plans, string[]>;
}

const svm: Layer[] = [
  layers.randomFourierFeatures({ outputDim: 67, name: "features" }),
  layers.dense({ units: 10, name: "head" }),
];

test("plan: a step of a quasi-SVM is three dispatches, wherever its features are kept", async ({ gpu }) => {
  for (const rows of ["buffer", "texture"] as const) {
    for (const precision of ["float32", "snorm16"] as const) {
      for (const featureCache of ["auto", "off"] as const) {
        const steps = await stepsOf(gpu, { layers: svm, tuning: { rows }, precision, featureCache });
        assert.deepEqual(steps.training, ["head.partialLogits", "loss.hinge", "head.update"]);
        assert.deepEqual(steps.evaluation, ["head.partialLogits", "loss.hinge", "advance"]);
        assert.equal(steps.prediction[0], "gather");
        assert.equal(steps.prediction.at(-1), "advance");
      }
    }
  }
});

test("plan: apart, a step gathers its rows, and the optimizer moves the state on last", async ({ gpu }) => {
  const { training, evaluation } = await stepsOf(gpu, { layers: svm, fuse: false });
  const loss = training.indexOf("loss.hinge");
  for (const steps of [training, evaluation]) {
    assert.equal(steps[0], "gather");
    assert.equal(steps.indexOf("loss.hinge"), loss);
    assert.notInclude(steps.join(), "partialLogits");
  }
  assert.equal(evaluation[loss + 1], "advance");
  assert.equal(training.at(-1), "optimize 0");
  assert.notInclude(training, "head.update");
});

test("plan: a head over a trained layer reads the minibatch, and its update moves the state on last", async ({
  gpu,
}) => {
  const deep = [layers.dense({ units: 5, name: "below" }), layers.dense({ units: 3, name: "head" })];
  const { training, evaluation } = await stepsOf(gpu, { layers: deep });
  const forward = ["gather", "below.forward.left", "below.forward.right", "below.forward"];
  assert.deepEqual(training.slice(0, 6), [...forward, "head.partialLogits", "loss.hinge"]);
  assert.deepEqual(training.slice(-2), ["optimize 0", "head.update"]);
  assert.deepEqual(evaluation, [...forward, "head.partialLogits", "loss.hinge", "advance"]);
});

test("plan: AMSGrad on a device of 8 storage buffers takes the general path, to the same result", async ({ gpu }) => {
  const choices = (optimizer = optimizers.adam({ amsgrad: true })): Choices => ({ layers: svm, optimizer });
  const [eight, nine] = [8, 9].map((n) => limited(gpu, { maxStorageBuffersPerShaderStage: n })) as [Gpu, Gpu];
  const names = async (given: Gpu, chosen: Choices) => (await stepsOf(given, chosen)).training.join(", ");
  assert.notInclude(await names(eight, choices()), "partialLogits");
  assert.include(await names(nine, choices()), "partialLogits");
  assert.include(await names(eight, choices(optimizers.adam())), "partialLogits");
  const general = await train(eight, choices());
  assertAgree(general, await train(gpu, choices()), 1e-5, "general path");
});

test("plan: a schedule and weight decay cost no dispatch, an average and regularizers one each", async ({ gpu }) => {
  const steps = async (optimizer: Optimizer, given = svm, fuse = true) =>
    stepsOf(gpu, { layers: given, optimizer, fuse });
  const regularized = [
    svm[0] as Layer,
    layers.dense({
      ...{ units: 10, name: "head" },
      kernelRegularizer: regularizers.l2(),
      biasRegularizer: regularizers.l1(),
    }),
  ];
  const cosine = schedules.cosineDecay({ initialLearningRate: 0, decaySteps: 9, warmupTarget: 1, warmupSteps: 3 });
  for (const fuse of [true, false]) {
    const plain = await steps(optimizers.adam(), svm, fuse);
    assert.deepEqual(await steps(optimizers.adamW({ learningRate: cosine }), svm, fuse), plain);
    const averaged = await steps(optimizers.adam({ useEma: true, emaOverwriteFrequency: 2 }), svm, fuse);
    assert.deepEqual(averaged, { ...plain, training: [...plain.training, "averageWeights"] });
    const penalized = await steps(optimizers.adam(), regularized, fuse);
    const [update] = plain.training.slice(-1);
    assert.deepEqual(penalized.training, [...plain.training.slice(0, -1), "penalty", update]);
    assert.deepEqual(penalized.evaluation, [...plain.evaluation.slice(0, -1), "penalty", "advance"]);
    assert.deepEqual(penalized.prediction, plain.prediction);
  }
});

test("plan: dropout of the features costs one dispatch, which gathers them, and class weights none", async ({
  gpu,
}) => {
  const [features, head] = svm as [Layer, Layer];
  const { training, evaluation } = await stepsOf(gpu, { layers: [features, layers.dropout({ rate: 0.3 }), head] });
  assert.deepEqual(training, ["dropout.forward", "head.partialLogits", "loss.hinge", "head.update"]);
  assert.deepEqual(evaluation, ["gather", "head.partialLogits", "loss.hinge", "advance"]);
  // Class weights are a column of the samples' table: the dispatches don't know of them. Dropout over a trained layer
  // has its way back, too.
  const below = layers.dense({ units: 5, name: "below" });
  const plain = await stepsOf(gpu, { layers: [below, head] });
  const dropped = await stepsOf(gpu, { layers: [below, layers.dropout({ rate: 0.3 }), head] });
  assert.lengthOf(dropped.training, plain.training.length + 2);
});

test("plan: clipping takes whole gradients, and one or two dispatches more for a weight or for all", async ({
  gpu,
}) => {
  const { training: plain } = await stepsOf(gpu, { layers: svm, fuse: false });
  const added = async (optimizer: Optimizer) => {
    const { training } = await stepsOf(gpu, { layers: svm, optimizer });
    assert.deepEqual([...training.slice(0, plain.length - 1), ...training.slice(-1)], plain);
    return training.slice(plain.length - 1, -1);
  };
  assert.deepEqual(await added(optimizers.adam({ clipValue: 1 })), ["clipValue"]);
  assert.deepEqual(await added(optimizers.sgd({ globalClipNorm: 1 })), ["sumSquares gradients", "clipNorm gradients"]);
  const [kernel, bias] = ["head.kernel", "head.bias"].map((name) => [`sumSquares ${name}`, `clipNorm ${name}`]);
  assert.deepEqual(await added(optimizers.sgd({ clipNorm: 1 })), [...kernel!, ...bias!]);
});
