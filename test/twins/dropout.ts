// Keras' inverted dropout, with the project's own masks: the words of a stream of the model's seed, from block 2^32 t on
// at the optimizer's iteration t.
import { philox4x32, streamKey } from "../../src/random.ts";
import { type Matrix, matrix, up4 } from "./matrix.ts";

/** 1 / (1 - rate) where a value is kept, 0 where it is dropped. */
export function dropoutMask(
  { rate, seed, name, iteration }: { rate: number; seed: number; name: string; iteration: number },
  rows: number,
  columns: number,
): Matrix {
  const { key, counter } = streamKey(seed, `${name}.mask`);
  const words = new Uint32Array(4);
  return matrix(rows, columns, (row, column) => {
    const place = row * up4(columns) + column;
    philox4x32([Math.floor(place / 4), iteration, ...counter], key, words);
    return words[place % 4]! >= rate * 2 ** 32 ? 1 / (1 - rate) : 0;
  });
}
