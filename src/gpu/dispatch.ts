// A step is data: dispatches are described, frozen once, and recorded by one loop.
import { DeviceError } from "../errors.ts";
import type { Buffers } from "./buffers.ts";
import type { Gpu } from "./device.ts";
import { type Kernel, pipelineOf } from "./kernel.ts";

/** What holds the numbers of a kernel. */
export type Resource = GPUBuffer | GPUTexture;

/** "none" where the workgroups are for something else than the rows of a batch. */
export type RowAxis = "x" | "y" | "none";

/** What a layer asks for: a kernel, the resources behind its bindings, its uniforms' values, its size. */
export interface DispatchSpec {
  readonly label: string;
  readonly kernel: Kernel;
  /** Storage buffers and textures by binding name. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Values of the kernel's uniforms, by binding name. */
  readonly uniforms?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** The axis along which the rows of a batch lie, so that fewer rows need fewer workgroups. Default "y". */
  readonly rowAxis?: RowAxis;
  /** The part of the rows that it is for, as shares of them all. Default [0, 1]. */
  readonly rowSpan?: readonly [begin: number, end: number];
}

/** A dispatch with everything created, ready to be recorded any number of times. */
export interface Dispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroups: readonly GPUBindGroup[];
  readonly workgroups: readonly [x: number, y: number, z: number];
  readonly rowAxis: RowAxis;
  readonly rowSpan: readonly [begin: number, end: number];
}

/** Compiles all kernels (at once) and makes the bind groups. `owner` keeps the uniforms. */
export async function freeze(gpu: Gpu, owner: Buffers, specs: readonly DispatchSpec[]): Promise<readonly Dispatch[]> {
  for (const { label, workgroups } of specs) checkWorkgroups(gpu, label, workgroups);
  const pipelines = await Promise.all(specs.map(({ kernel }) => pipelineOf(gpu, kernel)));
  return specs.map((spec, i) => {
    const pipeline = pipelines[i] as GPUComputePipeline;
    const { label, workgroups, rowAxis = "y", rowSpan = [0, 1] } = spec;
    return { label, pipeline, bindGroups: bindGroupsOf(gpu, owner, spec, pipeline), workgroups, rowAxis, rowSpan };
  });
}

/** Records dispatches in order; the only place that knows how. */
export function record(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[]): void {
  for (const { pipeline, bindGroups, workgroups } of dispatches) {
    pass.setPipeline(pipeline);
    bindGroups.forEach((group, i) => {
      pass.setBindGroup(i, group);
    });
    pass.dispatchWorkgroups(...workgroups);
  }
}

/** The dispatch over the first share of all rows, rounded up; none where its span begins behind them. Rows beyond 65,535 on y go on over z. */
export function overRows(dispatch: Dispatch, share: number): Dispatch {
  const [x, y, z] = dispatch.workgroups;
  const [begin, end] = dispatch.rowSpan;
  const mine = Math.min(1, Math.max(0, (share - begin) / (end - begin)));
  const part = (n: number) => Math.ceil(n * mine);
  if (dispatch.rowAxis === "none") return dispatch;
  if (dispatch.rowAxis === "x") return { ...dispatch, workgroups: [part(x), y, z] };
  return { ...dispatch, workgroups: z > 1 ? [x, y, part(z)] : [x, part(y), z] };
}

/** Workgroups for `count` invocations laid over x and y, as `linearIndex` in common.wgsl counts them. */
export function linear(count: number, workgroupSize: number): [number, number, number] {
  const groups = Math.ceil(count / workgroupSize);
  const x = Math.min(groups, 65535);
  return [x, Math.ceil(groups / x), 1];
}

function bindGroupsOf(gpu: Gpu, owner: Buffers, spec: DispatchSpec, pipeline: GPUComputePipeline): GPUBindGroup[] {
  const { bindings } = spec.kernel;
  const groupCount = Math.max(...bindings.map(({ group }) => group)) + 1;
  return Array.from({ length: groupCount }, (_, group) =>
    gpu.device.createBindGroup({
      label: `${spec.label} group ${group}`,
      layout: pipeline.getBindGroupLayout(group),
      entries: bindings
        .filter((b) => b.group === group)
        .map(({ binding, name, struct }) => {
          const resource = struct
            ? owner.uniform(`${spec.label}.${name}`, struct, spec.uniforms?.[name] ?? {})
            : spec.resources[name];
          if (!resource) throw new TypeError(`Dispatch "${spec.label}" has nothing bound to "${name}".`);
          const isTexture = "createView" in resource;
          return {
            binding,
            resource: isTexture ? resource.createView({ label: resource.label }) : { buffer: resource },
          };
        }),
    }),
  );
}

function checkWorkgroups(gpu: Gpu, label: string, workgroups: readonly number[]): void {
  const limit = gpu.limits.maxComputeWorkgroupsPerDimension;
  if (workgroups.some((n) => n > limit)) {
    throw new DeviceError(
      `${label} needs ${workgroups.join(" x ")} workgroups, but ${gpu.adapter.name} allows ${limit} in a dimension. ` +
        `Make the batch or the layer smaller.`,
    );
  }
}
