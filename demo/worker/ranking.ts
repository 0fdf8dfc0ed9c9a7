import { rivalOf, winnerOf } from "../scores.ts";

/**
 * What each row was taken for, and the rows from the most confident mistake to the surest right one: by how far the best
 * of the wrong classes lies above the right one.
 * @param scores [n, 10] @param labels [n]
 */
export function ranked(scores: Float32Array, labels: Uint8Array): { predicted: Uint8Array; order: Uint32Array } {
  const of = (row: number) => scores.subarray(row * 10, row * 10 + 10);
  const above = Float32Array.from(labels, (label, row) => {
    const own = of(row);
    return (own[rivalOf(own, label)] as number) - (own[label] as number);
  });
  return {
    predicted: Uint8Array.from(labels, (_, row) => winnerOf(of(row))),
    order: Uint32Array.from(labels, (_, row) => row).sort((a, b) => (above[b] as number) - (above[a] as number)),
  };
}
