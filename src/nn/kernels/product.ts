// Products of packed operands, in families: the same sums in the same order, so that every variant gives the same bits.
import features from "../../../shaders/epilogues/features.wgsl" with { type: "text" };
import operandBuffers from "../../../shaders/operands/buffers.wgsl" with { type: "text" };
import operandTextures from "../../../shaders/operands/textures.wgsl" with { type: "text" };
import registers8 from "../../../shaders/tiles/registers8.wgsl" with { type: "text" };
import registers16 from "../../../shaders/tiles/registers16.wgsl" with { type: "text" };
import workgroup64 from "../../../shaders/tiles/workgroup64.wgsl" with { type: "text" };
import workgroup128 from "../../../shaders/tiles/workgroup128.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type Part, type StoreKind, storing } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

/** Rows and columns of the packing [n/16][depth][16], whatever tile reads it. */
export const packed = 16;

/** Rows and columns of the product for each workgroup. */
const tiles = {
  registers16: { source: registers16, rows: 16, columns: 512 },
  registers8: { source: registers8, rows: 8, columns: 512 },
  workgroup64: { source: workgroup64, rows: 64, columns: 64 },
  workgroup128: { source: workgroup128, rows: 128, columns: 128 },
} as const;

const operands = {
  buffer: { source: operandBuffers, access: "read" },
  texture: { source: operandTextures, access: "texture f32" },
} as const;

export type Tile = keyof typeof tiles;
export const tileNames = Object.keys(tiles) as Tile[];

/** Which member of the families computes a product, and where its operands lie. */
export interface ProductVariant {
  readonly tile: Tile;
  readonly place: keyof typeof operands;
}

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
    bindings: bindings(3, { epilogue: { outputDim: "u32", turnsPerUnit: "f32" }, biasTurns: "read" }),
    constants: { KEEP_PROJECTION: keepProjection ? 1 : 0 },
  };
}

/** X U from packed operands `left` [rows/16][depth][16] and `right` [columns/16][depth][16]. */
export function product({ tile, place }: ProductVariant, epilogue: Epilogue, to: StoreKind): Kernel {
  const store = storing(to);
  const { source, access } = operands[place];
  const own = bindings(0, { params: { rows: "u32", columns8: "u32", depth: "u32" }, state: "read" });
  return kernel(
    `${epilogue.name}.${tile}.${place}.${to}`,
    "product",
    [tiles[tile].source, source, store.source, epilogue.source],
    [...own, ...bindings(1, { left: access, right: access }), ...store.bindings, ...epilogue.bindings],
    epilogue.constants,
  );
}

/** Workgroups of a product. */
export function productWorkgroups({ tile }: ProductVariant, rows: number, columns: number): [number, number, number] {
  return [Math.ceil(columns / tiles[tile].columns), Math.ceil(rows / tiles[tile].rows), 1];
}
