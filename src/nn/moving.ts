// Rows on their way: kept, gathered for a minibatch, packed for a product.
import type { DispatchSpec, Resource } from "../gpu/dispatch.ts";
import { gatherRows, keepRows, packTiles } from "./kernels/gather.ts";
import { packed } from "./kernels/product.ts";
import type { StageBuild } from "./layer.ts";
import { operand, type Rows, type StoredRows } from "./rows.ts";

/** The rows of a minibatch, through its samples, into one matrix. */
export function gather(
  build: StageBuild,
  from: Rows,
  samples: GPUBuffer,
  batch: number,
  to: StoredRows,
): DispatchSpec {
  return {
    label: "gather",
    kernel: gatherRows(from.kind, to.kind),
    resources: { state: build.state, samples, source: from.source, output: to.source },
    uniforms: uniforms(build, from, to.columns4, { batch }),
    workgroups: [Math.ceil(from.columns4 / 128), build.rows, 1],
  };
}

/** The first rows, as they are, to the state's destination. */
export function keep(build: StageBuild, from: Rows, to: StoredRows): DispatchSpec {
  return {
    label: "keep",
    kernel: keepRows(from.kind, to.kind),
    resources: { state: build.state, source: from.source, output: to.source },
    uniforms: uniforms(build, from, to.columns4, {}),
    workgroups: [Math.ceil(from.columns4 / 128), build.rows, 1],
  };
}

/** Rows as an operand of a product, [rows/16][depth][16], and the dispatch that packs them. */
export function pack(
  build: StageBuild,
  label: string,
  from: Rows,
  depth: number,
): { readonly operand: Resource; readonly spec: DispatchSpec } {
  const { place } = build.tuning.product;
  const paddedRows = Math.ceil(build.rows / packed) * packed;
  const output = operand(build.buffers, label, paddedRows * depth, place);
  const spec: DispatchSpec = {
    label,
    kernel: packTiles(from.kind, place === "buffer" ? "floats" : "float_texture"),
    resources: { source: from.source, output },
    uniforms: uniforms(build, from, packed / 4, { depth }),
    workgroups: [Math.ceil(depth / 512), paddedRows / 8, 1],
  };
  return { operand: output, spec };
}

/** Length of the sums of a product with n terms: whole slabs of the tiles in workgroup memory. */
export function packedDepth(n: number): number {
  return Math.ceil(n / 8) * 8;
}

function uniforms(
  { rows }: StageBuild,
  { columns4, unit }: Rows,
  outputColumns4: number,
  { batch = 0, depth = 0 }: { batch?: number; depth?: number },
) {
  return { params: { rows, batch, columns4, depth, unit }, shape: { columns4: outputColumns4 } };
}
