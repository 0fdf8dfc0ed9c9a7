// Runs kernels on values, and gives back what they wrote.
import { Buffers, readBack } from "../../src/gpu/buffers.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { freeze, record } from "../../src/gpu/dispatch.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import { noFault } from "../../src/nn/kernels/wgsl.ts";

export type Values = Float32Array | Uint32Array;

export interface Step {
  readonly kernel: Kernel;
  readonly workgroups: readonly [number, number, number];
  readonly uniforms?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs the steps in order; `values` are the buffers by binding name. @returns them as they are afterwards. */
export async function runKernels<V extends Readonly<Record<string, Values>>>(
  gpu: Gpu,
  values: V,
  steps: readonly Step[],
): Promise<V> {
  const owner = new Buffers(gpu, "kernel test");
  try {
    const buffers = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, owner.upload(name, v)]));
    const specs = steps.map((step) => ({ label: step.kernel.label, buffers, ...step }));
    const dispatches = await freeze(gpu, owner, specs);
    const encoder = gpu.device.createCommandEncoder({ label: "kernel test" });
    const pass = encoder.beginComputePass({ label: "kernel test" });
    record(pass, dispatches);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    const bindings = steps.flatMap(({ kernel }) => kernel.bindings);
    const written = new Set(bindings.filter(({ access }) => access === "read_write").map(({ name }) => name));
    const results = Object.entries(values).map(async ([name, before]) => {
      if (!written.has(name)) return [name, before] as const;
      const bytes = await readBack(gpu, buffers[name]!, 0, before.byteLength);
      return [name, before instanceof Uint32Array ? new Uint32Array(bytes) : new Float32Array(bytes)] as const;
    });
    return Object.fromEntries(await Promise.all(results)) as V;
  } finally {
    owner.destroy();
  }
}

/** struct State of the shaders. */
export function state({ step = 0, rowCount = 0, destination = 0, fault = noFault } = {}): Uint32Array<ArrayBuffer> {
  return Uint32Array.of(step, rowCount, destination, fault);
}

/** [n] of struct Sample. */
export function samples(
  rows: readonly { featureRow?: number; targetRow?: number; weight?: number; signed?: boolean }[],
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(rows.length * 4);
  const floats = new Float32Array(words.buffer);
  rows.forEach(({ featureRow = 0, targetRow = 0, weight = 1, signed = false }, i) => {
    words.set([featureRow, targetRow, 0, signed ? 1 : 0], i * 4);
    floats[i * 4 + 2] = weight;
  });
  return words;
}

/** What stands where nothing may write. */
export const untouched = -77;
