// Matrices on the GPU, row after row, as kernels read and write them.
import type { Buffers } from "../gpu/buffers.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Resource } from "../gpu/dispatch.ts";
import type { RowKind, StoreKind } from "./kernels/rows.ts";

/** Row length of a matrix of floats or bytes with n columns: a multiple of four, padded with zeros. */
export function stride(n: number): number {
  return Math.ceil(n / 4) * 4;
}

export interface Rows {
  readonly kind: RowKind;
  readonly source: Resource;
  readonly columns: number;
  /** Row length / 4, padding included. */
  readonly columns4: number;
  /** Where the matrix begins in a buffer of floats, in vec4f. */
  readonly first4: number;
  /** What one count of a byte stands for; 1 for everything else. */
  readonly unit: number;
}

/** Rows that kernels write, too. */
export interface StoredRows extends Rows {
  readonly kind: StoreKind;
}

/** A matrix of floats in a buffer, from vec4f `first4` on. */
export function floatRows(source: GPUBuffer, columns: number, first4 = 0): StoredRows {
  return { kind: "floats", source, columns, columns4: stride(columns) / 4, first4, unit: 1 };
}

/** A matrix of bytes in a buffer, each worth `unit`. */
export function byteRows(source: GPUBuffer, columns: number, unit: number): Rows {
  return { kind: "bytes", source, columns, columns4: stride(columns) / 4, first4: 0, unit };
}

/** How a matrix may be kept: as floats or as 16-bit integers over [-1, 1], in a buffer or in a texture. */
export interface Storage {
  readonly precision: "float32" | "snorm16";
  readonly place: "buffer" | "texture";
}

const kinds = {
  float32: { buffer: "floats", texture: "float_texture" },
  snorm16: { buffer: "halves", texture: "half_texture" },
} as const;

/** Values of a texel or of a buffer's element. */
const packing = { float32: 4, snorm16: 8 } as const;

/** Row length of a stored matrix, in values. */
function storedStride(columns: number, { precision }: Storage): number {
  return Math.ceil(columns / packing[precision]) * packing[precision];
}

/** Bytes of a row. */
export function rowBytes(columns: number, storage: Storage): number {
  return (storedStride(columns, storage) / packing[storage.precision]) * 16;
}

/** The most rows of a matrix that one resource of this kind can hold. */
export function largestRows({ limits }: Gpu, columns: number, storage: Storage): number {
  const bytes =
    storage.place === "buffer"
      ? Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)
      : Math.min(textureColumns * limits.maxTextureDimension2D * 16, largestTexture);
  return Math.floor(bytes / rowBytes(columns, storage));
}

/** Texels of a line in a texture that stands for an array, as `texel` in common.wgsl counts; every device allows it. */
const textureColumns = 8192;
/** The largest texture in bytes that software adapters make; they don't say so. */
const largestTexture = 2 ** 30;

/** A matrix of zeros, or undefined where memory does not suffice. */
export async function tryRows(
  buffers: Buffers,
  name: string,
  rows: number,
  columns: number,
  storage: Storage,
): Promise<StoredRows | undefined> {
  const bytes = rows * rowBytes(columns, storage);
  const source = await (storage.place === "buffer"
    ? buffers.tryStorage(name, bytes)
    : buffers.tryTexture(name, ...textureOf(bytes, storage)));
  const columns4 = storedStride(columns, storage) / 4;
  return source && { kind: kinds[storage.precision][storage.place], source, columns, columns4, first4: 0, unit: 1 };
}

/** A packed operand of a product, an array of vec4f, without values yet. */
export function operand(buffers: Buffers, name: string, values: number, place: Storage["place"]): Resource {
  if (place === "buffer") return buffers.storage(name, values * 4);
  return buffers.texture(name, ...textureOf(values * 4, { precision: "float32", place }));
}

/** A packed operand with its values. */
export function uploadOperand(buffers: Buffers, name: string, values: Float32Array, place: Storage["place"]): Resource {
  return place === "buffer" ? buffers.upload(name, values) : buffers.uploadTexture(name, values, textureColumns);
}

function textureOf(bytes: number, { precision }: Storage): ["rgba32float" | "rgba32uint", number, number] {
  const lines = Math.ceil(bytes / 16 / textureColumns);
  return [precision === "float32" ? "rgba32float" : "rgba32uint", textureColumns, Math.max(1, lines)];
}
