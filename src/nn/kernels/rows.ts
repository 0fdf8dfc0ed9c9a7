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
import storePixels from "../../../shaders/stores/pixels.wgsl" with { type: "text" };
import type { Access, Binding, Struct } from "../../gpu/kernel.ts";
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
  floats: { source: storeFloats, access: "read_write", shape: { columns4: "u32", first: "u32" } },
  float_texture: { source: storeFloatTexture, access: "store rgba32float", shape: { columns4: "u32" } },
  halves: { source: storeHalves, access: "read_write", shape: { columns4: "u32" } },
  half_texture: { source: storeHalfTexture, access: "store rgba32uint", shape: { columns4: "u32" } },
} as const satisfies Record<string, { source: string; access: Access; shape: Struct }>;

/** How rows lie. */
export type RowKind = keyof typeof loads;
/** The kinds that kernels write. */
export type StoreKind = keyof typeof stores;
export const rowKinds = Object.keys(loads) as RowKind[];
export const storeKinds = Object.keys(stores) as StoreKind[];

/** The kinds of rows that kernels read as images, with `loadRow4` and `loadValue`. */
export type ImageKind = Extract<RowKind, "bytes" | "floats">;

/** `loadRow8`; the kernel's params say `columns4`, `first` for floats and `unit` for bytes. */
export function loading(kind: RowKind): Part {
  const { source, access } = loads[kind];
  return { source, bindings: bindings(1, { source: access }) };
}

/** `store8`. */
export function storing(kind: StoreKind): Part {
  const { source, access, shape } = stores[kind];
  return { source, bindings: bindings(2, { shape, output: access }) };
}

/** `store8` for the pixels of images whose channels are no whole vec4f. */
export const storingPixels: Part = {
  source: storePixels,
  bindings: bindings(2, {
    shape: { columns: "u32", pixels: "u32", channels: "u32", first: "u32" },
    output: "read_write",
  }),
};
