// What a fit asks of its device inside an epoch: steps, and nothing else.
import { assert } from "chai";
import { type FitOptions, layers, optimizers, regularizers, type Sequential } from "../../src/index.ts";
import { classes, clouds, modelOf, svm } from "./clouds.ts";
import { test } from "./harness.ts";
import { watch } from "./watch.ts";

const { x, labels } = clouds(200);
/** An epoch trains 40 steps and validates 10. */
const options: FitOptions = { verbose: 0, epochs: 3, batchSize: 4, validationSplit: 0.2 };

/** Everything by which a device comes to hold more than before. */
const makers = [
  "createBuffer",
  "createTexture",
  "createSampler",
  "createQuerySet",
  "createBindGroup",
  "createBindGroupLayout",
  "createPipelineLayout",
  "createShaderModule",
  "createComputePipeline",
  "createComputePipelineAsync",
] as const;

test("epoch: nothing is made and nothing mapped between its first and its last step", async ({ gpu, note }) => {
  const calls = await callsOf(svm(gpu), options);
  const epochs = epochsOf(calls);
  assert.lengthOf(epochs, 3);
  for (const epoch of epochs) {
    assert.equal(epoch.filter((call) => !isSteps(call)).join(", "), "");
    assert.match(epoch.at(-1) ?? "", /^steps \d+ to 10$/, "validation comes last");
  }
  const [first = []] = epochs;
  assert.isAtLeast(first.length, 6, "submits of the first epoch");
  // The same eyes see what is made before the first epoch, and what is read behind each.
  const before = calls.slice(0, calls.findIndex(isSteps)).join();
  for (const method of ["createBuffer", "createBindGroup"]) assert.include(before, method);
  const mapped = calls.filter((call) => call.startsWith("mapAsync"));
  assert.isAtLeast(mapped.length, 3);
  note(`submits ${epochs.map(({ length }) => length).join(", ")}; ${mapped.length} mappings, none inside`);
});

test("epoch: a schedule, weight decay, an average, regularizers and clipping make nothing inside it either", async ({
  gpu,
}) => {
  const common = { learningRate: (step: number) => 0.01 / (step + 1), useEma: true, emaOverwriteFrequency: 7 };
  for (const optimizer of [optimizers.adamW(common), optimizers.sgd({ ...common, clipNorm: 0.1 })]) {
    const regularized = () => {
      const head = layers.dense({ units: classes, kernelRegularizer: regularizers.l1l2({ l1: 0.01, l2: 0.01 }) });
      const model = modelOf(gpu, [layers.randomFourierFeatures({ outputDim: 24, scale: 3 }), head]);
      model.compile({ optimizer, loss: "hinge" });
      return model;
    };
    const epochs = epochsOf(await callsOf(regularized(), options));
    assert.lengthOf(epochs, 3);
    for (const epoch of epochs) assert.equal(epoch.filter((call) => !isSteps(call)).join(", "), "");
  }
});

test("epoch: a batch callback makes nothing either, and maps at most once a submit", async ({ gpu }) => {
  for (const epoch of epochsOf(await callsOf(svm(gpu), { ...options, callbacks: [{ onBatchEnd: () => {} }] }))) {
    const mappings = epoch.filter((call) => !isSteps(call));
    for (const call of mappings) assert.match(call, /^mapAsync batches\.outcomes/);
    assert.isAbove(mappings.length, 0);
    assert.isAtMost(mappings.length, epoch.filter(isSteps).length);
  }
});

function isSteps(call: string): boolean {
  return call.startsWith("steps ");
}

/** The calls of each epoch, from its first submit of steps to its last, validation included. */
function epochsOf(calls: readonly string[]): string[][] {
  const replays = calls.flatMap((call, i) => (call.startsWith("steps 0 to ") ? [i] : []));
  const begins = replays.filter((_, i) => i % 2 === 0); // the others begin a validation
  return begins.map((begin, i) => {
    const untilNext = calls.slice(begin, begins[i + 1]);
    return untilNext.slice(0, untilNext.findLastIndex(isSteps) + 1);
  });
}

/** What a fit asks for, in order; submits by the label of their commands. */
async function callsOf(model: Sequential, given: FitOptions): Promise<string[]> {
  const calls: string[] = [];
  const commandLabels = new WeakMap<GPUCommandBuffer, string>();
  const undo = [
    ...makers.map((name) =>
      watch(GPUDevice.prototype, name, (_, [descriptor]) => calls.push(`${name} ${descriptor?.label ?? ""}`)),
    ),
    watch(GPUBuffer.prototype, "mapAsync", ({ label }) => calls.push(`mapAsync ${label}`)),
    watch(GPUCommandEncoder.prototype, "finish", ({ label }, _, commands) => commandLabels.set(commands, label)),
    watch(GPUQueue.prototype, "submit", (_, [submitted]) => {
      for (const commands of submitted) calls.push(commandLabels.get(commands) ?? "unknown commands");
    }),
  ];
  try {
    await model.fit(x, labels, given);
  } finally {
    for (const restore of undo) restore();
    model.dispose();
  }
  return calls;
}
