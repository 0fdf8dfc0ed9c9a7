// Shapes of rows.
import { ConfigError } from "../errors.ts";

/** The shape of a row, without the batch; images are [height, width, channels]. */
export type Shape = readonly number[];

/** Values of a row. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The values of a row, for a layer that takes rows of features. @throws ConfigError for images. */
export function rowWidth(shape: Shape, what: string): number {
  if (shape.length === 1) return shape[0] as number;
  throw new ConfigError(
    `${what}: expected rows of features [batch, features], got [batch, ${shape.join(", ")}]; put layers.flatten() before it.`,
  );
}
