// Same seed, same bits: twice on an adapter, however features are kept; initial weights in every engine.
import { assert } from "chai";
import { Buffers, readBack } from "../../src/gpu/buffers.ts";
import { freeze, record } from "../../src/gpu/dispatch.ts";
import { type FitOptions, type Gpu, layers, Sequential, type Weights } from "../../src/index.ts";
import { randomStream } from "../../src/random.ts";
import { test } from "./harness.ts";
import { state as stateOf } from "./run_kernel.ts";
import { watch } from "./watch.ts";

/** SHA-256 of the initial weights of seed 7, float32 little-endian, in the order of export. */
const initialWeights = {
  gaussian: "a0badf1b6302d797b0ae42c06246f39695613daf28bdb745ec2351501a5979b9",
  laplacian: "4e937068b311a23b26d8e55b5d5362dd8c9458ea3d77c966299aafb59049923f",
};

/** The same of the example's own size: 784 inputs, 4096 features, 10 classes. */
const exampleWeights = "69c9fa0435f16c7403672132b5e32ac01a1d67a8971b3ba3c36689c5761d88ed";

for (const kernelInitializer of ["gaussian", "laplacian"] as const) {
  test(`determinism: initial ${kernelInitializer} weights of a seed`, async ({ gpu, note }) => {
    const model = exampleModel(gpu, 7, kernelInitializer);
    const hash = await sha256(await model.getWeights());
    note(`SHA-256 ${hash}`);
    assert.equal(hash, initialWeights[kernelInitializer]);
    assert.notEqual(hash, await sha256(await exampleModel(gpu, 8, kernelInitializer).getWeights()));
  });
}

test("determinism: a compact file of the example is small, and loads to the same bits in every engine", async ({
  gpu,
  note,
}) => {
  const model = new Sequential(
    [
      layers.input({ shape: [784] }),
      layers.randomFourierFeatures({ outputDim: 4096, scale: 10 }),
      layers.dense({ units: 10 }),
    ],
    { seed: 7, gpu },
  );
  const begun = performance.now();
  const weights = await model.getWeights();
  const drawn = performance.now();
  const bytes = await model.save({}, { compact: true });
  const saved = performance.now();
  note(`${bytes.length} bytes; drawing ${Math.round(drawn - begun)} ms, saving ${Math.round(saved - drawn)} ms`);
  assert.isBelow(bytes.length, 200_000);
  assert.isAbove((await model.save()).length, 13e6);
  const loaded = Sequential.load(bytes, { gpu });
  assert.equal(await sha256(weights), exampleWeights);
  assert.equal(await sha256(await loaded.getWeights()), exampleWeights);
  assert.deepEqual(await loaded.save({}, { compact: true }), bytes);
});

test("determinism: the same seed gives the same bits twice", async ({ gpu }) => {
  const runs = [await trainedHash(gpu, 7, {}), await trainedHash(gpu, 7, {})];
  assert.equal(runs[0], runs[1]);
  assert.notEqual(runs[0], await trainedHash(gpu, 8, {}));
});

test("determinism: features kept or recomputed give the same bits", async ({ gpu, note }) => {
  const kept = await trainedHash(gpu, 7, { featureCache: "auto" });
  assert.equal(await trainedHash(gpu, 7, { featureCache: "off" }), kept, "recomputed");
  // Training features fit 150 rows of 64 floats, validation features do not.
  assert.equal(await trainedHash(gpu, 7, { featureCache: 150 * 64 * 4 }), kept, "partly kept");
  note(`SHA-256 of the weights ${kept.slice(0, 16)}`);
});

test("determinism: freezing a plan allocates, replaying does not", async ({ gpu }) => {
  const { advance } = await import("../../src/nn/kernels/advance.ts");
  const buffers = new Buffers(gpu, "test");
  const state = buffers.upload("state", stateOf({ step: 5 }));
  const plan = await freeze(gpu, buffers, [
    { label: "advance", kernel: advance, resources: { state }, workgroups: [1, 1, 1] },
  ]);
  let made = 0;
  const undo = (["createBuffer", "createTexture", "createBindGroup"] as const).map((name) =>
    watch(GPUDevice.prototype, name, () => made++),
  );
  try {
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < 10; i++) record(pass, plan);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
  } finally {
    for (const restore of undo) restore();
  }
  assert.equal(made, 0);
  assert.equal(new Uint32Array(await readBack(gpu, state))[0], 15);
  buffers.destroy();
});

function exampleModel(gpu: Gpu, seed: number, kernelInitializer: "gaussian" | "laplacian" = "gaussian"): Sequential {
  return new Sequential(
    [
      layers.input({ shape: [13] }),
      layers.randomFourierFeatures({ outputDim: 64, kernelInitializer }),
      layers.dense({ units: 3 }),
    ],
    { seed, gpu },
  );
}

/** Trains on made-up rows, with ragged batches, and hashes what was learned. */
async function trainedHash(gpu: Gpu, seed: number, options: FitOptions): Promise<string> {
  const rows = 203;
  const stream = randomStream(1, "rows");
  const x = { data: Float32Array.from({ length: rows * 13 }, () => stream.nextUniform()), shape: [rows, 13] as const };
  const y = Int32Array.from({ length: rows }, (_, i) => (x.data[i * 13] as number) * 3);
  const model = exampleModel(gpu, seed);
  model.compile({ optimizer: "adam", loss: "hinge", metrics: ["acc"] });
  await model.fit(x, y, { epochs: 3, validationSplit: 0.3, verbose: 0, ...options });
  const hash = await sha256(await model.getWeights());
  model.dispose();
  return hash;
}

async function sha256(weights: Weights): Promise<string> {
  const parts = Object.values(weights).map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts as BlobPart[]).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
