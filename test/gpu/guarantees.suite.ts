// What a user may rely on when something goes wrong in the middle: nothing hidden, nothing left behind, nothing stale.
import { assert } from "chai";
import { ConfigError, DataError, DeviceError, DivergenceError, type Gpu, layers, Sequential } from "../../src/index.ts";
import { clouds, modelOf, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { test } from "./harness.ts";
import { bitsOf, train } from "./training.ts";

const { x, labels } = clouds(40);
const options = { verbose: 0, batchSize: 8 } as const;

/** A device that counts the buffers and textures alive on it, and refuses those of some labels. */
function watched(gpu: Gpu, refused?: RegExp): { gpu: Gpu; alive: () => string[] } {
  const alive = new Set<GPUBuffer | GPUTexture>();
  const watch = <T extends GPUBuffer | GPUTexture>(resource: T): T => {
    const destroy = resource.destroy.bind(resource);
    alive.add(resource);
    resource.destroy = () => {
      alive.delete(resource);
      return destroy();
    };
    return resource;
  };
  // A usage of 0 is invalid, which the device says to an error scope, as it does when memory is out.
  const allowed = <D extends { label?: string; usage: number }>(descriptor: D): D => ({
    ...descriptor,
    usage: refused?.test(descriptor.label ?? "") ? 0 : descriptor.usage,
  });
  const making = {
    createBuffer: (descriptor: GPUBufferDescriptor) => watch(gpu.device.createBuffer(allowed(descriptor))),
    createTexture: (descriptor: GPUTextureDescriptor) => watch(gpu.device.createTexture(allowed(descriptor))),
  };
  const device = new Proxy(gpu.device, {
    get: (target, name) => {
      if (name in making) return making[name as keyof typeof making];
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { gpu: { ...gpu, device }, alive: () => [...alive].map(({ label }) => label) };
}

for (const label of ["model.parameters", "model.slot0", "training.activation0", "features.input", "rows.outcomes"]) {
  test(`guarantees: a refused ${label} is an error, and what was made is freed`, async ({ gpu }) => {
    const { gpu: refusing, alive } = watched(gpu, new RegExp(`^${label}$`));
    const model = svm(refusing);
    await failure(() => model.fit(x, labels, options), DeviceError, /can't hold this|reported/);
    model.dispose();
    assert.deepEqual(alive(), []);
  });
}

test("guarantees: no buffer or texture outlives its call, and none its model", async ({ gpu }) => {
  const { gpu: counted, alive } = watched(gpu);
  const model = svm(counted);
  await model.fit(x, labels, { ...options, validationSplit: 0.2 });
  const between = alive().sort();
  for (let i = 0; i < 3; i++) {
    await model.fit(x, labels, { ...options, validationSplit: 0.2 });
    await model.evaluate(x, labels);
    await model.predict(x);
  }
  assert.deepEqual(alive().sort(), between);
  assert.isAbove(between.length, 2);
  model.dispose();
  assert.deepEqual(alive(), []);
});

test("guarantees: where a texture of features is refused, they go into a buffer", async ({ gpu }) => {
  const tuning = { product: { tile: "registers16", place: "buffer" }, rows: "texture" } as const;
  const { gpu: refusing, alive } = watched(gpu);
  const createTexture = () => gpu.device.createTexture({ format: "r8unorm", size: [1, 1], usage: 0 });
  const device = new Proxy(refusing.device, {
    get: (target, name) => (name === "createTexture" ? createTexture : Reflect.get(target, name)),
  });
  const trained = await train({ ...refusing, device }, { tuning });
  assert.deepEqual(bitsOf(trained), bitsOf(await train(gpu, { tuning })));
  assert.deepEqual(alive(), []);
});

test("guarantees: a model saved in a callback has the weights of that moment", async ({ gpu }) => {
  const model = svm(gpu);
  const saved: Uint8Array[] = [];
  const losses: number[] = [];
  await model.fit(x, labels, {
    ...options,
    epochs: 3,
    callbacks: [{ onEpochEnd: async () => void saved.push(await model.save()) }],
  });
  for (const bytes of saved) {
    const copy = Sequential.load(bytes, { gpu });
    copy.compile({ optimizer: "adam", loss: "hinge" });
    losses.push((await copy.evaluate(x, labels)).loss ?? Number.NaN);
    copy.dispose();
  }
  assert.isBelow(losses[1]!, losses[0]!);
  assert.isBelow(losses[2]!, losses[1]!);
  assert.deepEqual(saved[2], await model.save());
  model.dispose();
});

test("guarantees: an infinite loss from finite outputs is divergence", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.dense({ units: 1 })]);
  model.compile({ optimizer: "sgd", loss: "mean_squared_error" });
  const targets = Float32Array.from(labels, () => 1e25);
  const error = await failure(() => model.fit(x, targets, options), DivergenceError, /step 1 .*a loss/);
  assert.equal((error as DivergenceError).step, 1);
  model.dispose();
});

test("guarantees: outputs that are not finite are not given as predictions", async ({ gpu }) => {
  const model = modelOf(gpu, [layers.dense({ units: 2 })]);
  await model.setWeights({ "dense.bias": [3e38, 3e38], "dense.kernel": new Float32Array(10).fill(3e38) });
  await failure(() => model.predict(x), DataError, /the output: row \d+, column \d+/);
  model.dispose();
});

test("guarantees: after an abort between epochs no further epoch begins", async ({ gpu }) => {
  const model = svm(gpu);
  const calls: string[] = [];
  const controller = new AbortController();
  const history = await model.fit(x, labels, {
    ...options,
    epochs: 5,
    signal: controller.signal,
    callbacks: [
      {
        onEpochBegin: (epoch) => calls.push(`begin ${epoch}`),
        onEpochEnd: (epoch) => {
          calls.push(`end ${epoch}`);
          if (epoch === 1) controller.abort();
        },
        onTrainEnd: () => calls.push("train end"),
      },
    ],
  });
  assert.deepEqual(calls, ["begin 0", "end 0", "begin 1", "end 1", "train end"]);
  assert.isTrue(history.aborted);
  assert.equal(history.steps, 10);
  model.dispose();
});

test("guarantees: steps count when a callback throws", async ({ gpu }) => {
  const throwing = svm(gpu);
  const plain = svm(gpu);
  const fail = () => {
    throw new RangeError("mine");
  };
  const more = { ...options, shuffle: false };
  await throwing.fit(x, labels, { ...more, callbacks: [{ onEpochEnd: fail }] }).catch(() => {});
  await plain.fit(x, labels, more);
  for (const model of [throwing, plain]) await model.fit(x, labels, more);
  assert.deepEqual(await throwing.getWeights(), await plain.getWeights());
  for (const model of [throwing, plain]) model.dispose();
});

test("guarantees: a model opens one device, however often it is asked", async ({ gpu }) => {
  const model = svm(gpu);
  const [first, second] = await Promise.all([model.gpu(), model.gpu()]);
  assert.strictEqual(first, second);
  model.dispose();
  const own = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 2 })]);
  const [one, two] = await Promise.all([own.gpu(), own.gpu()]);
  assert.strictEqual(one, two);
  own.dispose();
});

const refusals: [string, () => unknown, RegExp][] = [
  [
    "a layer's",
    () => layers.dense({ units: 3, kernelConstraint: "non_neg" } as never),
    /layers\.dense: unknown option "kernelConstraint"/,
  ],
  ["a model's", () => new Sequential([], { sead: 1 } as never), /new Sequential: unknown option "sead"/],
];
for (const [whose, call, message] of refusals) {
  test(`guarantees: ${whose} unknown option is refused`, () => assert.throws(call, ConfigError, message) as never);
}

test("guarantees: a fit's unknown option, and a verbosity there is not, are refused", async ({ gpu }) => {
  const model = svm(gpu);
  await failure(
    () => model.fit(x, labels, { batch_size: 7 } as never),
    ConfigError,
    /model\.fit: unknown option "batch_size"/,
  );
  await failure(() => model.fit(x, labels, { verbose: 7 } as never), ConfigError, /verbose must be 0, 1 or 2, got 7/);
  await failure(
    () => model.setWeights({ "random_fourier_features.kernel_scale": [0] }),
    DataError,
    /expected positive/,
  );
  model.dispose();
});
