// Rows of minibatches and of tiles, by copying values one at a time.
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
  const output: Matrix = [];
  for (let i = 0; i < Math.min(rows, featureRows.length); i++) {
    output.push([...source[featureRows[Math.min(step * batch + i, last)]!]!]);
  }
  return output;
}

/** [tile][column][row within the tile], rows in tiles of `size`, the last row repeated. */
export function gatherTiles(source: Matrix, size = 16): number[][][] {
  const tiles: number[][][] = [];
  for (let first = 0; first < source.length; first += size) {
    const rows = Array.from({ length: size }, (_, i) => source[Math.min(first + i, source.length - 1)]!);
    tiles.push(source[0]!.map((_, column) => rows.map((row) => row[column]!)));
  }
  return tiles;
}
