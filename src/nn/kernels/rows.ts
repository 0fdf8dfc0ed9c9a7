// How kernels read and write the rows of a matrix: what is appended to them, and the bindings it brings.
import bytes from "../../../shaders/rows/bytes.wgsl" with { type: "text" };
import floatTexture from "../../../shaders/rows/float_texture.wgsl" with { type: "text" };
import floats from "../../../shaders/rows/floats.wgsl" with { type: "text" };
import halfTexture from "../../../shaders/rows/half_texture.wgsl" with { type: "text" };
import halves from "../../../shaders/rows/halves.wgsl" with { type: "text" };
import storeFloatTexture from "../../../shaders/stores/float_texture.wgsl" with { type: "text" };
import storeFloats from "../../../shaders/stores/floats.wgsl" with { type: "text" };
import storeHalfTexture from "../../../shaders/stores/half_texture.wgsl" with { type: "text" };
import storeHalves from "../../../shaders/stores/halves.wgsl" with { type: "text" };
import type { Access, Binding } from "../../gpu/kernel.ts";
import { bindings } from "./wgsl.ts";

/** Source and bindings that a kernel gets appended. */
export interface Part {
  readonly source: string;
  readonly bindings: readonly Binding[];
}

const loads = {
  bytes: { source: bytes, access: "read" },
  floats: { source: floats, access: "read" },
  float_texture: { source: floatTexture, access: "texture f32" },
  halves: { source: halves, access: "read" },
  half_texture: { source: halfTexture, access: "texture u32" },
} as const satisfies Record<string, { source: string; access: Access }>;

const stores = {
  floats: { source: storeFloats, access: "read_write" },
  float_texture: { source: storeFloatTexture, access: "store rgba32float" },
  halves: { source: storeHalves, access: "read_write" },
  half_texture: { source: storeHalfTexture, access: "store rgba32uint" },
} as const satisfies Record<string, { source: string; access: Access }>;

/** How rows lie. */
export type RowKind = keyof typeof loads;
/** The kinds that kernels write. */
export type StoreKind = keyof typeof stores;
export const rowKinds = Object.keys(loads) as RowKind[];
export const storeKinds = Object.keys(stores) as StoreKind[];

/** `loadRow8`; the kernel's params say `columns4` (and `unit`, for bytes). */
export function loading(kind: RowKind): Part {
  const { source, access } = loads[kind];
  return { source, bindings: bindings(1, { source: access }) };
}

/** `store8`. */
export function storing(kind: StoreKind): Part {
  const { source, access } = stores[kind];
  return { source, bindings: bindings(2, { shape: { columns4: "u32" }, output: access }) };
}
