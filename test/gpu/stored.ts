// Matrices in every form in which rows lie on the GPU.
import { type RowKind, type StoreKind, storeKinds } from "../../src/nn/kernels/rows.ts";
import { epsilon } from "../twins/bounds.ts";
import { laidOut, type Matrix, map, up4, up8 } from "../twins/matrix.ts";
import { packSnorm16, unpackSnorm16 } from "../twins/snorm16.ts";
import { untouched, type Values } from "./run_kernel.ts";

/** True where values are kept in 16 bits. */
export function isHalf(kind: RowKind): boolean {
  return kind === "halves" || kind === "half_texture";
}

/** Row length / 4, padding included. */
export function columns4Of(kind: RowKind, columns: number): number {
  return (isHalf(kind) ? up8(columns) : up4(columns)) / 4;
}

/** A word that no pair of 16-bit values packs to. */
const untouchedWord = 0x80008000;

/** Rows for kernels to write. */
export function blank(kind: StoreKind, rows: number, columns: number): Values {
  const columns4 = columns4Of(kind, columns);
  return isHalf(kind)
    ? new Uint32Array(rows * columns4 * 2).fill(untouchedWord)
    : new Float32Array(rows * columns4 * 4).fill(untouched);
}

/** A matrix as rows of this kind; bytes count in units. */
export function stored(kind: RowKind, m: Matrix, unit = 1): Values {
  const stride = columns4Of(kind, m[0]!.length) * 4;
  if (kind === "bytes") {
    const counts = map(m, (value) => Math.round(value / unit));
    return new Uint32Array(Uint8Array.from(laidOut(counts, stride)).buffer);
  }
  return isHalf(kind) ? packSnorm16(laidOut(m, stride)) : Float32Array.from(laidOut(m, stride));
}

/** The values that rows of this kind stand for. */
export function valuesOf(kind: StoreKind, values: Values): Float64Array {
  if (!isHalf(kind)) return Float64Array.from(values);
  return unpackSnorm16(values as Uint32Array).map((value) => (value < -1 ? untouched : value));
}

/** How far rows of this kind may be from the values written: half a step of 16 bits, and float32's rounding. */
export function storageError(kind: RowKind): number {
  return isHalf(kind) ? 0.5 / 32767 + 3 * epsilon : 0;
}

/** The kinds whose bits must be the same, being of the same precision. */
export const precisions: readonly (readonly StoreKind[])[] = [
  storeKinds.filter((kind) => !isHalf(kind)),
  storeKinds.filter(isHalf),
];
