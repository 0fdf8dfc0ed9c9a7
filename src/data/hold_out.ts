// Rows set aside at random, and rows taken by their numbers.
import { ConfigError, DataError } from "../errors.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import type { Matrix } from "./matrix.ts";

/** Numbers of rows, each side ascending. */
export interface HeldOut {
  readonly kept: Uint32Array;
  readonly held: Uint32Array;
}

/**
 * Sets aside a random share of `rows` rows, at least one; sorted data hurts it not.
 * @throws ConfigError for a share outside (0, 1), DataError where no row would be kept.
 */
export function holdOut(rows: number, share: number, seed: Seed): HeldOut {
  if (!(share > 0 && share < 1)) throw new ConfigError(`The share held out must be above 0 and below 1, got ${share}.`);
  const count = Math.max(1, Math.round(rows * share));
  if (count >= rows)
    throw new DataError(`Holding out a share of ${share} of ${rows} rows leaves none; give more rows.`);
  const order = permutation(randomStream(seed, "holdOut"), rows);
  return { kept: order.slice(count).sort(), held: order.slice(0, count).sort() };
}

/** Copies of the rows with these numbers, in this order. */
export function takeRows({ data, shape: [, columns], ...rest }: Matrix, rows: Uint32Array): Matrix {
  const taken =
    data instanceof Uint8Array ? new Uint8Array(rows.length * columns) : new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    taken.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { ...rest, data: taken, shape: [rows.length, columns] };
}
