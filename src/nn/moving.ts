// Rows on their way: kept, gathered for a minibatch, packed for a product.
import type { DispatchSpec, Resource } from "../gpu/dispatch.ts";
import { gatherRows, keepRows, packColumns, packRows } from "./kernels/gather.ts";
import { packed } from "./kernels/product.ts";
import type { StageBuild } from "./layer.ts";
import { floatRows, operand, type Rows, type StoredRows, stride } from "./rows.ts";

/** The rows of a minibatch, through its samples, into one matrix. */
export function gather(build: StageBuild, from: Rows, samples: GPUBuffer, batch: number, to: StoredRows): DispatchSpec {
  return {
    label: "gather",
    kernel: gatherRows(from.kind, to.kind),
    resources: { state: build.state, samples, source: from.source, output: to.source },
    uniforms: uniforms(from, to, { rows: build.rows, batch }),
    workgroups: [Math.ceil(from.columns4 / 128), ...rowGrid(build.rows)],
  };
}

/** The first rows, as they are, to the state's destination. */
export function keep(build: StageBuild, from: Rows, to: StoredRows): DispatchSpec {
  return {
    label: "keep",
    kernel: keepRows(from.kind, to.kind),
    resources: { state: build.state, source: from.source, output: to.source },
    uniforms: uniforms(from, to, { rows: build.rows }),
    workgroups: [Math.ceil(from.columns4 / 128), ...rowGrid(build.rows)],
  };
}

/** Rows as floats in a buffer, and what it takes to make them so where a first layer reads bytes. */
export function asFloats(build: StageBuild, label: string, from: Rows): { rows: Rows; specs: DispatchSpec[] } {
  if (from.kind === "floats") return { rows: from, specs: [] };
  const rows = floatRows(build.buffers.storage(label, build.rows * stride(from.columns) * 4), from.columns);
  return { rows, specs: [keep(build, from, rows)] };
}

/** An operand of a product and the dispatch that packs it. */
export interface Packed {
  readonly operand: Resource;
  readonly spec: DispatchSpec;
}

/** A matrix [rows, columns] as the operand of a product whose sums run along its rows: [rows/16][depth][16]. */
export function packedRows(build: StageBuild, label: string, from: Rows, rows: number): Packed {
  const depth = packedDepth(from.columns);
  const paddedRows = Math.ceil(rows / packed) * packed;
  const workgroups = [Math.ceil(depth / 512), ...rowGrid(paddedRows / 8)] as const;
  return pack(build, label, from, { kernel: packRows, rows, depth, tiles: paddedRows / packed, workgroups });
}

/** A matrix [rows, columns] as the operand of a product whose sums run down its columns: [columns/16][depth][16]. */
export function packedColumns(build: StageBuild, label: string, from: Rows, rows: number): Packed {
  const depth = packedDepth(rows);
  const tiles = Math.ceil(from.columns / packed);
  const workgroups = [Math.ceil(tiles / 32), ...rowGrid(depth)] as const;
  const { operand, spec } = pack(build, label, from, { kernel: packColumns, rows, depth, tiles, workgroups });
  return { operand, spec: { ...spec, rowAxis: "none" } };
}

/** Length of the sums of a product with n terms: whole slabs of the tiles in workgroup memory. */
export function packedDepth(n: number): number {
  return Math.ceil(n / 8) * 8;
}

/** Workgroups for so many rows over y and z, as `rowOf` in gather.wgsl counts them. */
export function rowGrid(rows: number): [number, number] {
  return [Math.min(rows, 65535), Math.ceil(rows / 65535)];
}

interface Packing {
  readonly kernel: typeof packRows;
  readonly rows: number;
  readonly depth: number;
  readonly tiles: number;
  readonly workgroups: readonly [number, number, number];
}

function pack(build: StageBuild, label: string, from: Rows, packing: Packing): Packed {
  const { rows, depth, tiles, workgroups } = packing;
  const { place } = build.tuning.product;
  const output = operand(build.buffers, label, tiles * depth * packed, place);
  const kind = place === "buffer" ? "floats" : "float_texture";
  const to = { columns4: packed / 4, first4: 0 };
  const spec: DispatchSpec = {
    label,
    kernel: packing.kernel(from.kind, kind),
    resources: { source: from.source, output },
    uniforms: uniforms(from, to, { rows, depth }),
    workgroups,
  };
  return { operand: output, spec };
}

function uniforms(
  from: Rows,
  to: Pick<StoredRows, "columns4" | "first4">,
  { rows, batch = 0, depth = 0 }: { rows: number; batch?: number; depth?: number },
) {
  const { columns4, first4: first, unit } = from;
  return { params: { rows, batch, columns4, first, depth, unit }, shape: { columns4: to.columns4, first: to.first4 } };
}
