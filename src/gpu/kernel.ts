// A kernel is a declaration, as data; its pipeline is compiled once for each device.
import { DeviceError } from "../errors.ts";
import type { Gpu } from "./device.ts";

/** Field by field, in the order of the WGSL struct; every field is four bytes. */
export type Struct = Readonly<Record<string, "u32" | "f32">>;

/** How a kernel uses a resource: buffers, then textures read texel by texel, then textures written so. */
export type Access =
  | "uniform"
  | "read"
  | "read_write"
  | "texture f32"
  | "texture u32"
  | "store rgba32float"
  | "store rgba32uint";

export interface Binding {
  readonly group: number;
  readonly binding: number;
  readonly name: string;
  readonly access: Access;
  /** The layout of a uniform. */
  readonly struct?: Struct;
}

export interface Kernel {
  readonly label: string;
  /** The kernel's file, then what is appended to it. */
  readonly source: string;
  readonly entryPoint: string;
  readonly bindings: readonly Binding[];
  /** Values of WGSL `override` declarations. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** The compiled pipeline of a kernel; compiled at most once for each device. */
export function pipelineOf(gpu: Gpu, kernel: Kernel): Promise<GPUComputePipeline> {
  const key = JSON.stringify([kernel.source, kernel.entryPoint, kernel.bindings, kernel.constants]);
  let pipeline = gpu.pipelines.get(key);
  if (!pipeline) {
    pipeline = compile(gpu.device, kernel);
    gpu.pipelines.set(key, pipeline);
  }
  return pipeline;
}

async function compile(device: GPUDevice, kernel: Kernel): Promise<GPUComputePipeline> {
  const { label, source, entryPoint, bindings } = kernel;
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label, code: source });
  const groupCount = Math.max(...bindings.map(({ group }) => group)) + 1;
  const bindGroupLayouts = Array.from({ length: groupCount }, (_, group) =>
    device.createBindGroupLayout({
      label: `${label} group ${group}`,
      entries: bindings.filter((b) => b.group === group).map(layoutEntry),
    }),
  );
  const layout = device.createPipelineLayout({ label, bindGroupLayouts });
  const compute = { module, entryPoint, constants: kernel.constants ?? {} };
  const pipeline = device.createComputePipelineAsync({ label, layout, compute }).catch((error: Error) => error);
  const scope = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  const failures = messages.filter(({ type }) => type === "error");
  const [result, invalid] = await Promise.all([pipeline, scope]);
  if (failures.length > 0 || invalid || result instanceof Error) {
    const reason = invalid?.message ?? (result instanceof Error ? result.message : "");
    throw new DeviceError(compileMessage(kernel, failures, reason));
  }
  return result;
}

function layoutEntry({ binding, access }: Binding): GPUBindGroupLayoutEntry {
  return { binding, visibility: GPUShaderStage.COMPUTE, ...resourceLayouts[access] };
}

const resourceLayouts: Record<Access, Omit<GPUBindGroupLayoutEntry, "binding" | "visibility">> = {
  uniform: { buffer: { type: "uniform" } },
  read: { buffer: { type: "read-only-storage" } },
  read_write: { buffer: { type: "storage" } },
  "texture f32": { texture: { sampleType: "unfilterable-float" } },
  "texture u32": { texture: { sampleType: "uint" } },
  "store rgba32float": { storageTexture: { access: "write-only", format: "rgba32float" } },
  "store rgba32uint": { storageTexture: { access: "write-only", format: "rgba32uint" } },
};

function compileMessage(kernel: Kernel, failures: GPUCompilationMessage[], reason: string): string {
  const lines = kernel.source.split("\n");
  const places = failures.map((m) => `  line ${m.lineNum}: ${m.message}\n    ${lines[m.lineNum - 1]?.trim() ?? ""}`);
  return [`Kernel "${kernel.label}" (${kernel.entryPoint}) does not compile on this adapter.`, ...places, reason].join(
    "\n",
  );
}
