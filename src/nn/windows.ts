// Windows that move over images, as Keras and TensorFlow place them.
import { ConfigError, show } from "../errors.ts";
import type { Shape } from "./shape.ts";

/** Down and across. */
export type Pair = readonly [y: number, x: number];
/** "valid": every window lies in the image; "same": ceil(size / stride) of them, as TensorFlow pads. */
export type Padding = "valid" | "same";

/** Windows of a layer in their place over an image. */
export interface Windows {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: Pair;
  readonly strides: Pair;
  /** Pixels of padding above and to the left. */
  readonly pad: Pair;
  /** How many windows there are. */
  readonly count: Pair;
}

/** The same number down and across, or two. @throws ConfigError unless these are positive whole numbers. */
export function pairOf(given: number | readonly number[], what: string): Pair {
  const pair = typeof given === "number" ? [given, given] : given;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ConfigError(`${what} must be a positive whole number, or two [down, across], got ${show(given)}.`);
  }
  return [pair[0] as number, pair[1] as number];
}

/** @throws ConfigError unless it is one of the two. */
export function checkPadding(padding: unknown, what: string): void {
  if (padding === "valid" || padding === "same") return;
  throw new ConfigError(`${what}: padding must be "valid" or "same", got ${show(padding)}.`);
}

/**
 * With padding "same" there are ceil(n / stride) windows, and of the padding that these need the smaller half lies
 * before the image; with "valid" every window lies inside.
 * @throws ConfigError for rows that are no images, and for images smaller than a window.
 */
export function windowsOver(
  shape: Shape,
  { size, strides, padding }: { readonly size: Pair; readonly strides: Pair; readonly padding: Padding },
  what: string,
): Windows {
  const [height, width, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined || shape.length > 3) {
    throw new ConfigError(
      `${what}: expected images [batch, height, width, channels], got [batch, ${shape.join(", ")}]; give the input the ` +
        `shape [height, width, channels], for instance [28, 28, 1], or put layers.reshape({ targetShape }) before it.`,
    );
  }
  const along = (n: number, i: 0 | 1) => {
    const [k, s] = [size[i], strides[i]];
    if (padding === "valid") return { count: Math.floor((n - k) / s) + 1, pad: 0 };
    const count = Math.ceil(n / s);
    return { count, pad: Math.floor(Math.max((count - 1) * s + k - n, 0) / 2) };
  };
  const [y, x] = [along(height, 0), along(width, 1)];
  if (y.count < 1 || x.count < 1) {
    throw new ConfigError(
      `${what}: a window of ${size.join(" x ")} does not fit into images of ${height} x ${width}; make it smaller, or ` +
        `use padding: "same".`,
    );
  }
  return { height, width, channels, size, strides, pad: [y.pad, x.pad], count: [y.count, x.count] };
}
