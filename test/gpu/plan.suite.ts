// Which dispatches a step is made of.
import { assert } from "chai";
import type { Gpu } from "../../src/gpu/device.ts";
import { type Layer, layers, optimizers } from "../../src/index.ts";
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
