// Rows of minibatches and of packed operands, by copying values one at a time.
import type { Matrix } from "./matrix.ts";

/** The rows that a step's minibatch writes: those of its samples, the last sample repeated. */
export function gatherRows(
  source: Matrix,
  featureRows: readonly number[],
  step: number,
  batch: number,
  rows: number,
): Matrix {
  const last = featureRows.length - 1;
  return Array.from({ length: rows }, (_, i) => [...source[featureRows[Math.min(step * batch + i, last)]!]!]);
}

/** The first rows of a matrix in their place in a larger one, whose other rows are `around`. */
export function keepRows(source: Matrix, rowCount: number, destination: number, around: Matrix): Matrix {
  return around.map((row, i) => [...(i < destination + rowCount ? (source[i - destination] ?? row) : row)]);
}

/** [n/16][depth][16]: n rows in tiles of 16, rows and columns padded with zeros. */
export function packTiles(source: Matrix, depth: number): number[][][] {
  const tiles: number[][][] = [];
  for (let first = 0; first < source.length; first += 16) {
    const rows = Array.from({ length: 16 }, (_, i) => source[first + i]);
    tiles.push(Array.from({ length: depth }, (_, column) => rows.map((row) => row?.[column] ?? 0)));
  }
  return tiles;
}

/** Columns in tiles of 16, [columns/16][depth][16]; rows and columns beyond the last are zero. */
export function packColumns(source: Matrix, depth: number): number[][][] {
  const columns = source[0]!.length;
  return Array.from({ length: Math.ceil(columns / 16) }, (_, tile) =>
    Array.from({ length: depth }, (_, row) => Array.from({ length: 16 }, (_, i) => source[row]?.[tile * 16 + i] ?? 0)),
  );
}
