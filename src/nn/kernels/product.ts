// Products of packed operands, in families: the same sums in the same order, so that every variant gives the same bits.
import dense from "../../../shaders/epilogues/dense.wgsl" with { type: "text" };
import features from "../../../shaders/epilogues/features.wgsl" with { type: "text" };
import operandBuffers from "../../../shaders/operands/buffers.wgsl" with { type: "text" };
import operandTextures from "../../../shaders/operands/textures.wgsl" with { type: "text" };
import registers8 from "../../../shaders/tiles/registers8.wgsl" with { type: "text" };
import registers16 from "../../../shaders/tiles/registers16.wgsl" with { type: "text" };
import workgroup64 from "../../../shaders/tiles/workgroup64.wgsl" with { type: "text" };
import workgroup128 from "../../../shaders/tiles/workgroup128.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type Part, type StoreKind, storing, storingPixels } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

/** Rows and columns of the packing [n/16][depth][16], whatever tile reads it. */
export const packed = 16;

/** Rows and columns of a tile, and how many of them the lanes of a workgroup take; undefined where they share one. */
const tiles = {
  registers16: { source: registers16, rows: 16, columns: 16, lanes: 32 },
  registers8: { source: registers8, rows: 8, columns: 8, lanes: 64 },
  workgroup64: { source: workgroup64, rows: 64, columns: 64, lanes: undefined },
  workgroup128: { source: workgroup128, rows: 128, columns: 128, lanes: undefined },
} as const;

const operands = {
  buffer: { source: operandBuffers, access: "read" },
  texture: { source: operandTextures, access: "texture f32" },
} as const;

/** A tile by its edge: in the registers of an invocation, or in the memory of a workgroup. @useDeclaredType */
export type Tile = keyof typeof tiles;
export const tileNames = Object.keys(tiles) as Tile[];

/** Which member of the families computes a product, and where its operands lie. */
export interface ProductVariant {
  /** The part of the product that is computed at a time. */
  readonly tile: Tile;
  /** Where the packed operands lie. */
  readonly place: "buffer" | "texture";
}

/**
 * What the lanes of a register tile lie over. Columns suit wide products; rows those that are tall and narrow; slices of
 * the sums those that are small and deep: each slice then writes a block of its own.
 */
export type Lanes = "columns" | "rows" | "slices";
const laneNumbers: Record<Lanes, number> = { columns: 0, rows: 1, slices: 2 };

/** What becomes of a product's elements: `emit`, in group 3. */
export interface Epilogue extends Part {
  readonly name: string;
  readonly constants?: Readonly<Record<string, number>>;
}

/** The cosine feature of a projection, or the bare projection. */
export function featureEpilogue(keepProjection: boolean): Epilogue {
  return {
    name: keepProjection ? "projection" : "features",
    source: features,
    bindings: bindings(3, { epilogue: { outputDim: "u32", turnsPerUnit: "f32" }, state: "read", biasTurns: "read" }),
    constants: { KEEP_PROJECTION: keepProjection ? 1 : 0 },
  };
}

/** A Dense layer's output with its bias, or a gradient. */
export function denseEpilogue(addBias: boolean): Epilogue {
  return {
    name: addBias ? "dense" : "gradient",
    source: dense,
    bindings: bindings(3, { epilogue: { outputs4: "u32", bias: "u32" }, parameters: "read" }),
    constants: { ADD_BIAS: addBias ? 1 : 0 },
  };
}

/** The product of packed operands `left` [rows/16][depth][16] and `right` [columns/16][depth][16]. */
export function product(
  { tile, place }: ProductVariant,
  epilogue: Epilogue,
  to: StoreKind | "pixels",
  lanes: Lanes = "columns",
): Kernel {
  const store = to === "pixels" ? storingPixels : storing(to);
  const { source, access } = operands[place];
  const own = bindings(0, { params: { rows: "u32", columns8: "u32", depth: "u32", slice: "u32" } });
  return kernel(
    `${epilogue.name}.${tile}.${place}.${to}`,
    "product",
    [tiles[tile].source, source, store.source, epilogue.source],
    [...own, ...bindings(1, { left: access, right: access }), ...store.bindings, ...epilogue.bindings],
    { ...epilogue.constants, ...(tiles[tile].lanes && { LANES: laneNumbers[lanes] }) },
  );
}

/** Workgroups of a product, and the axis along which its rows lie. */
export function productGrid(
  { tile }: ProductVariant,
  {
    rows,
    columns,
    slices = 1,
    lanes = "columns",
  }: { rows: number; columns: number; slices?: number; lanes?: Lanes | undefined },
): { workgroups: [number, number, number]; rowAxis: "x" | "y" } {
  const { lanes: width = 1, ...size } = tiles[tile];
  const [tall, wide] = [Math.ceil(rows / size.rows), Math.ceil(columns / size.columns)];
  if (width > 1 && lanes === "rows") return { workgroups: [Math.ceil(tall / width), wide, 1], rowAxis: "x" };
  if (width > 1 && lanes === "slices") return { workgroups: [Math.ceil(slices / width), tall, wide], rowAxis: "y" };
  return { workgroups: [Math.ceil(wide / width), tall, slices], rowAxis: "y" };
}
