// Sums over so many rows that one invocation for each would leave most lanes idle: they are taken in slices, each by an
// invocation of its own, and put together in order.
import { type DispatchSpec, linear } from "../gpu/dispatch.ts";
import * as kernels from "./kernels/bias_gradient.ts";
import { addSlices as addSlicesKernel } from "./kernels/slices.ts";
import type { StageBuild } from "./layer.ts";
import { type StoredRows, stride } from "./rows.ts";

/** Blocks [slices, count4 vec4f], added up into the gradients from `into4` on. */
export function addSlices(
  build: StageBuild,
  label: string,
  partials: GPUBuffer,
  { slices, count4, into4 }: { slices: number; count4: number; into4: number },
): DispatchSpec {
  return {
    label,
    kernel: addSlicesKernel,
    resources: { partials, gradients: build.gradients },
    uniforms: { params: { slices, count: count4, first: into4 } },
    workgroups: linear(count4, 64),
  };
}

/** Values that an invocation adds up at least, where there are as many. */
const sliceTerms = 512;

/**
 * db: the sums of G [rows, pixels, outputs] over rows and pixels, into the gradients from `into4` on. A short sum is one
 * slice.
 */
export function biasGradient(
  build: StageBuild,
  label: string,
  g: StoredRows,
  { outputs, pixels = 1, into4 }: { outputs: number; pixels?: number; into4: number },
): DispatchSpec[] {
  const { rows } = build;
  const slice = Math.min(rows, Math.ceil(sliceTerms / pixels));
  const slices = Math.ceil(rows / slice);
  const columns = g.columns4 * 4;
  const inOne = slices === 1;
  const sums = inOne ? build.gradients : build.buffers.storage(label, slices * stride(outputs) * 4);
  const params = {
    rows,
    columns,
    pixels,
    outputs,
    slice,
    slices,
    stride: stride(outputs),
    first: inOne ? into4 * 4 : 0,
  };
  const spec: DispatchSpec = {
    label,
    kernel: kernels.biasGradient,
    resources: { outputGradient: g.source, sums },
    uniforms: { params },
    workgroups: linear(slices * outputs, 64),
  };
  if (inOne) return [spec];
  return [spec, addSlices(build, `${label}.sum`, sums, { slices, count4: stride(outputs) / 4, into4 })];
}
