// Models and minibatches that are larger than the adapter or the data.
import { assert } from "chai";
import { DeviceError, type Gpu, type Layer, layers, QuasiSvmError, Sequential } from "../../src/index.ts";
import { buildNetwork } from "../../src/nn/network.ts";
import { rowBytes } from "../../src/nn/rows.ts";
import { checkFits } from "../../src/train/engine.ts";
import { FeatureRows } from "../../src/train/features.ts";
import { bitsOf, classes, clouds, columns, modelOf, svm } from "./clouds.ts";
import { failure } from "./failure.ts";
import { test } from "./harness.ts";
import { limited, prepare } from "./training.ts";

const { x, labels } = clouds(20);

/** A device that counts the buffers and textures made on it. */
function counting(gpu: Gpu): { gpu: Gpu; made: () => number } {
  let count = 0;
  const device = new Proxy(gpu.device, {
    get: (target, name) => {
      if (name === "createBuffer" || name === "createTexture") count++;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { gpu: { ...gpu, device }, made: () => count };
}

type Sized = (size: number) => Layer[];
const features: Sized = (outputDim) => [layers.randomFourierFeatures({ outputDim, name: "big" })];
const units: Sized = (n) => [layers.dense({ units: n, name: "big" })];
/** Their weights exceed the limit by the rows: 4096 inputs of each unit. */
const wideUnits: Sized = (n) => [layers.randomFourierFeatures({ outputDim: 4096 }), ...units(n)];

for (const [what, ofSize, weight] of [
  ["features", features, "big.unscaled_kernel [5, 1000000000]"],
  ["units", units, "big.kernel [5, 1000000000]"],
  ["units over many features", wideUnits, "big.kernel [4096, 1000000000]"],
] as const) {
  test(`limits: too many ${what} are refused before anything is allocated`, async ({ gpu, note }) => {
    const limit = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    const counted = counting(gpu);
    const model = modelOf(counted.gpu, ofSize(1e9));
    const { message } = await failure(() => model.predict(x), DeviceError, /needs \d+ bytes.*What fits: /);
    assert.equal(counted.made(), 0);
    assert.include(message, weight);
    assert.include(message, `allows ${limit} (maxStorageBufferBindingSize)`);
    const fits = Number(/What fits: \D*(\d+)/.exec(message)?.[1]);
    note(`${fits} ${what} fit ${limit} bytes`);
    const check = (size: number) => checkFits(gpu, buildNetwork([layers.input({ shape: [columns] }), ...ofSize(size)]));
    check(fits);
    // And it is not far from the most that fits.
    await failure(() => check(Math.ceil(fits * 1.25)), DeviceError, /bytes/);
  });
}

test("limits: the counter of buffers counts", async ({ gpu }) => {
  const counted = counting(gpu);
  const model = svm(counted.gpu);
  assert.deepEqual((await model.predict(x)).shape, [20, classes]);
  assert.isAbove(counted.made(), 5);
  model.dispose();
});

for (const batchSize of [1000, 70_000, 1e6, 2 ** 31, 2 ** 32 + 8, Number.MAX_SAFE_INTEGER]) {
  test(`limits: minibatches of ${batchSize} rows, of which there are 20`, async ({ gpu, note }) => {
    const model = svm(gpu);
    const whole = svm(gpu);
    try {
      const options = { verbose: 0, epochs: 2, validationSplit: 0.2 } as const;
      const { history } = await model.fit(x, labels, { ...options, batchSize });
      assert.deepEqual(history, (await whole.fit(x, labels, { ...options, batchSize: 16 })).history);
      assert.deepEqual(await model.evaluate(x, labels, { batchSize }), await whole.evaluate(x, labels));
      note("works");
    } catch (error) {
      if (!(error instanceof QuasiSvmError)) throw error;
      note(error.message);
    }
    assert.lengthOf((await model.fit(x, labels, { verbose: 0, batchSize: 8 })).epoch, 1);
    model.dispose();
    whole.dispose();
  });
}

test("limits: a run of features takes no more than the budget, but a minibatch at least", async ({ gpu }) => {
  const { engine, training } = await prepare(gpu);
  const { prefix } = engine.network;
  const oneRow = rowBytes(prefix.at(-1)!.outputDim, { precision: "float32", place: "buffer" });
  const batchSize = 16;
  for (const [rows, runRows] of [
    [0, 16],
    [15, 16],
    [47, 32],
    [48, 48],
    [142, 0],
  ] as const) {
    const options = { budget: rows * oneRow, precision: "float32", batchSize } as const;
    const kept = await FeatureRows.create(engine, training.x, options);
    assert.equal(kept.runRows, runRows, `a budget of ${rows} rows`);
    assert.equal(kept.bytes, (runRows || 142) * oneRow, `a budget of ${rows} rows`);
    kept.destroy();
  }
  engine.destroy();
});

test("limits: a convolution whose patches exceed a binding trains in parts, to the same bits", async ({ gpu }) => {
  const [rows, side] = [64, 12];
  const images = {
    data: new Float32Array(rows * side * side).map((_, i) => (i * 7) % 5),
    shape: [rows, side, side, 1],
  };
  const y = Uint8Array.from({ length: rows }, (_, i) => i % classes);
  const bits = [];
  // Beside the outputs of 4 channels there is no room for all patches, of 4 values padded to 16.
  for (const binding of [gpu.limits.maxStorageBufferBindingSize, rows * side * side * 20]) {
    const model = new Sequential(
      [
        layers.input({ shape: [side, side, 1] }),
        layers.conv2d({ filters: 4, kernelSize: 2 }),
        layers.flatten(),
        layers.dense({ units: classes }),
      ],
      { gpu: limited(gpu, { maxStorageBufferBindingSize: binding }) },
    );
    model.compile({ optimizer: "sgd", loss: "hinge" });
    await model.fit(images, y, { batchSize: rows, verbose: 0 });
    bits.push(await bitsOf(model));
    model.dispose();
  }
  assert.deepEqual(bits[1], bits[0]);
});
