// One training step taken out of a fit: the only file of the benchmark that reaches into src/train.

import { inOrder } from "../../src/data/samples.ts";
import { write } from "../../src/gpu/buffers.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Dispatch } from "../../src/gpu/dispatch.ts";
import { layers, tune } from "../../src/index.ts";
import { stateStruct } from "../../src/nn/kernels/wgsl.ts";
import { lossOf } from "../../src/nn/losses.ts";
import { buildNetwork } from "../../src/nn/network.ts";
import { optimizerOf, stepTable } from "../../src/nn/optimizers.ts";
import { permutation, randomStream } from "../../src/random.ts";
import { Engine } from "../../src/train/engine.ts";
import { trainingPlan } from "../../src/train/plan.ts";
import { RowSet } from "../../src/train/row_set.ts";

export type FeatureStorage = "float32" | "snorm16";

export const featureStorages: readonly FeatureStorage[] = ["float32", "snorm16"];

export interface StepShape {
  readonly features: number;
  readonly classes: number;
  readonly batch: number;
  readonly storage: FeatureStorage;
}

export interface OpenStep {
  readonly dispatches: readonly Dispatch[];
  /** Steps until the rows end. */
  readonly steps: number;
  /** Adds what goes back to the first step. */
  rewind(encoder: GPUCommandEncoder): void;
  destroy(): void;
}

// A cached step does not know what its features were made of: few inputs make them quickly.
const inputs = 64;
/** More than the caches of a processor, and than one binding where that is small, as with the rows of the example. */
const featureBytes = 5 * 2 ** 25;

/** A step over cached features, ready to be replayed. */
export async function openStep(gpu: Gpu, { features, classes, batch, storage }: StepShape): Promise<OpenStep> {
  const network = buildNetwork([
    layers.input({ shape: [inputs] }),
    layers.randomFourierFeatures({ outputDim: features }),
    layers.dense({ units: classes }),
  ]);
  const values = new Map(network.weights.map(({ name, spec }) => [name, spec.initialize(randomStream(0, name))]));
  const engine = await Engine.create(gpu, await tune(gpu, "auto"), { network, seed: 0, values });
  const steps = Math.ceil(featureBytes / (batch * features * 4));
  const rows = steps * batch;
  const random = randomStream(0, "rows");
  const x = {
    data: Float32Array.from({ length: rows * inputs }, () => random.nextUniform()),
    shape: [rows, inputs] as [number, number],
  };
  const labels = Uint32Array.from({ length: rows }, (_, i) => i % classes);
  const options = { batchSize: batch, budget: Number.POSITIVE_INFINITY, precision: storage };
  const set = await RowSet.create(engine, x, { kind: "labels", labels, rows }, options);
  await set.features.load(inOrder(0), 0);
  const optimizer = optimizerOf("adam");
  const plan = await trainingPlan(engine, set, { loss: lossOf("hinge"), optimizer, fuse: true });
  write(gpu, set.stepTable, stepTable(optimizer, 0, steps));
  set.begin(permutation(random, rows));
  // As behind the loss of the first step, so that the update alone finds its minibatch.
  write(gpu, set.state, Uint32Array.of(1), Object.keys(stateStruct).indexOf("next") * 4);
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const firstState = gpu.device.createBuffer({ label: "first state", size: set.state.size, usage });
  const encoder = gpu.device.createCommandEncoder();
  encoder.copyBufferToBuffer(set.state, 0, firstState, 0, firstState.size);
  gpu.device.queue.submit([encoder.finish()]);
  return {
    dispatches: plan.dispatches,
    steps,
    rewind: (encoder) => encoder.copyBufferToBuffer(firstState, 0, set.state, 0, firstState.size),
    destroy: () => {
      firstState.destroy();
      plan.destroy();
      set.destroy();
      engine.destroy();
    },
  };
}
