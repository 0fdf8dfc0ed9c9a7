// Matrices on the GPU. Every row is padded with zeros to a multiple of four columns, so that kernels read vec4f.
import { maxShards, type RowKind } from "./kernels/gather.ts";

/** Row length of a matrix with n columns, in floats. */
export function stride(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** Rows of floats or bytes, in one buffer or in shards. */
export interface Rows {
  readonly kind: RowKind;
  /** One buffer, or the shards of `rowsPerShard` rows each. */
  readonly buffers: readonly GPUBuffer[];
  readonly columns: number;
  readonly rowsPerShard: number;
  /** What one count stands for; 1 for floats. */
  readonly unit: number;
}

/** A matrix of floats in one buffer. */
export function floatRows(buffer: GPUBuffer, columns: number): Rows {
  return { kind: "floats", buffers: [buffer], columns, rowsPerShard: 1, unit: 1 };
}

/** The bindings by which kernels read rows (shaders/rows). Shards that are not there bind the first. */
export function rowBuffers(rows: Rows): Record<string, GPUBuffer> {
  const count = rows.kind === "shards" ? maxShards : 1;
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`source${i}`, rows.buffers[i] ?? (rows.buffers[0] as GPUBuffer)]),
  );
}
