// Rows that come block by block.
import { sliceRows } from "../../src/data/matrix.ts";
import { clouds } from "./clouds.ts";

export const rows = 90;
export const { x, labels } = clouds(rows);

/** The rows in blocks; the last one is smaller. */
export function blocks(size: number): { x: ReturnType<typeof sliceRows>; y: Uint8Array }[] {
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    x: sliceRows(x, i * size, Math.min(rows, (i + 1) * size)),
    y: labels.subarray(i * size, (i + 1) * size),
  }));
}
