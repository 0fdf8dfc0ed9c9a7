// Runs kernels on values, and gives back what they wrote.
import { Buffers, packStruct, readBack } from "../../src/gpu/buffers.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { freeze, type Resource, record } from "../../src/gpu/dispatch.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import { noFault, stateStruct, stepStruct } from "../../src/nn/kernels/wgsl.ts";

export type Values = Float32Array | Uint32Array;

export interface Step {
  readonly kernel: Kernel;
  readonly workgroups: readonly [number, number, number];
  readonly uniforms?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * Runs the steps in order; `values` are what is bound, by binding name: in textures where a kernel binds a texture, in
 * buffers elsewhere. @returns them as they are afterwards.
 */
export async function runKernels<V extends Readonly<Record<string, Values>>>(
  gpu: Gpu,
  values: V,
  steps: readonly Step[],
): Promise<V> {
  const owner = new Buffers(gpu, "kernel test");
  const bindings = steps.flatMap(({ kernel }) => kernel.bindings);
  const bound = (access: RegExp) => new Set(bindings.filter((one) => access.test(one.access)).map(({ name }) => name));
  const inTextures = bound(/^texture|^store/);
  const written = bound(/^read_write|^store/);
  try {
    const resources = Object.fromEntries(
      Object.entries(values).map(([name, v]): [string, Resource] => [
        name,
        inTextures.has(name) ? uploadTexture(gpu, owner, name, v) : owner.upload(name, v),
      ]),
    );
    const specs = steps.map((step) => ({ label: step.kernel.label, resources, ...step }));
    const dispatches = await freeze(gpu, owner, specs);
    const encoder = gpu.device.createCommandEncoder({ label: "kernel test" });
    const pass = encoder.beginComputePass({ label: "kernel test" });
    record(pass, dispatches);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    const results = Object.entries(values).map(async ([name, before]) => {
      if (!written.has(name)) return [name, before] as const;
      const resource = resources[name]!;
      const buffer = "createView" in resource ? copied(gpu, owner, resource) : resource;
      const bytes = await readBack(gpu, buffer, 0, before.byteLength);
      return [name, before instanceof Uint32Array ? new Uint32Array(bytes) : new Float32Array(bytes)] as const;
    });
    return Object.fromEntries(await Promise.all(results)) as V;
  } finally {
    owner.destroy();
  }
}

/** Texels of a line, as `texel` in common.wgsl counts them. */
const width = 8192;

/** An array of vec4 in a texture, four values to a texel. */
function uploadTexture(gpu: Gpu, owner: Buffers, name: string, values: Values): GPUTexture {
  const lines = Math.max(1, Math.ceil(values.length / 4 / width));
  const texture = owner.texture(name, values instanceof Uint32Array ? "rgba32uint" : "rgba32float", width, lines);
  const whole = new (values instanceof Uint32Array ? Uint32Array : Float32Array)(lines * width * 4);
  whole.set(values);
  gpu.device.queue.writeTexture({ texture }, whole, { bytesPerRow: width * 16 }, [width, lines]);
  return texture;
}

/** A texture's texels, line after line. */
function copied(gpu: Gpu, owner: Buffers, texture: GPUTexture): GPUBuffer {
  const buffer = owner.storage(`${texture.label} copy`, texture.width * texture.height * 16);
  const encoder = gpu.device.createCommandEncoder({ label: "kernel test copy" });
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: texture.width * 16 }, [
    texture.width,
    texture.height,
  ]);
  gpu.device.queue.submit([encoder.finish()]);
  return buffer;
}

/** struct State of the shaders. */
export function state(values: Partial<Record<keyof typeof stateStruct, number>> = {}): Uint32Array<ArrayBuffer> {
  const nothing = { step: 0, next: 0, rowCount: 0, destination: 0, fault: noFault };
  return new Uint32Array(packStruct(stateStruct, { ...nothing, ...values }));
}

/** A table of struct Step with these sizes of the steps, and what else they hold. */
export function stepsOf(
  sizes: Iterable<number>,
  rest: Partial<Record<keyof typeof stepStruct, number>> = {},
): Uint32Array<ArrayBuffer> {
  const nothing = { rate: 0, average: 0, iteration: 0 };
  return Uint32Array.from(
    [...sizes].flatMap((size) => [...new Uint32Array(packStruct(stepStruct, { ...nothing, ...rest, size }))]),
  );
}

/** The fault that a state holds. */
export function faultIn(state: Values): number {
  return state[Object.keys(stateStruct).indexOf("fault")]!;
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
