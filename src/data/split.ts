import { ConfigError, DataError } from "../errors.ts";

/**
 * Where validation begins: it is the last part of the rows, `floor(n (1 - split))` onward, as in Keras.
 * @throws ConfigError for a split outside (0, 1); DataError where a side would be empty.
 */
export function splitPoint(rows: number, split: number): number {
  if (!(split > 0 && split < 1)) {
    throw new ConfigError(`validationSplit must be above 0 and below 1, got ${split}.`);
  }
  const point = Math.floor(rows * (1 - split));
  if (point === 0 || point === rows) {
    throw new DataError(
      `validationSplit ${split} of ${rows} rows leaves no rows for ${point === 0 ? "training" : "validation"}; ` +
        `give more rows or another split.`,
    );
  }
  return point;
}
