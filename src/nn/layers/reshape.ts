import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { Layer } from "../layer.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** Of `layers.reshape`. */
export interface ReshapeOptions {
  /** The shape of a row, without the batch; one of its dimensions may be -1: what is left. */
  targetShape: readonly number[];
  /** The layer's name in the model. Default "reshape". */
  name?: string;
}

/**
 * The same values in the same order, in another shape.
 * @throws ConfigError where the shape can't be used; the layer's `outputShape`, where it has another number of values.
 */
export function reshape(options: ReshapeOptions): Layer {
  checkOptions(options, ["targetShape", "name"], "layers.reshape");
  const { targetShape, name } = options;
  const isShape =
    Array.isArray(targetShape) &&
    targetShape.length > 0 &&
    targetShape.every((size) => Number.isInteger(size) && (size > 0 || size === -1)) &&
    targetShape.indexOf(-1) === targetShape.lastIndexOf(-1);
  if (!isShape) {
    throw new ConfigError(
      `layers.reshape: targetShape must be a list of positive whole numbers, one of which may be -1, got ${show(targetShape)}.`,
    );
  }
  return {
    className: "Reshape",
    name,
    defaultName: "reshape",
    config: { targetShape: [...targetShape] },
    trainable: false,
    outputShape: (inputShape) => shapeOf(inputShape, targetShape),
    weights: () => [],
    stages: () => [],
    largestFit: () => "",
  };
}

function shapeOf(inputShape: Shape, targetShape: Shape): Shape {
  const size = sizeOf(inputShape);
  const known = sizeOf(targetShape.filter((n) => n !== -1));
  const shape = targetShape.map((n) => (n === -1 ? size / known : n));
  if (shape.every(Number.isInteger) && sizeOf(shape) === size) return shape;
  throw new ConfigError(
    `layers.reshape: rows [${inputShape.join(", ")}] of ${size} values can't become [${targetShape.join(", ")}]` +
      `${targetShape.includes(-1) ? `, ${size} being no multiple of ${known}` : `, which has ${known}`}.`,
  );
}
