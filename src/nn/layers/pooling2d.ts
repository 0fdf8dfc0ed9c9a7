import { checkOptions } from "../../errors.ts";
import type { Layer } from "../layer.ts";
import { type PoolKind, poolImages, poolInputGradient } from "../pooling.ts";
import { sizeOf } from "../shape.ts";
import { checkPadding, type Padding, pairOf, windowsOver } from "../windows.ts";

/** Of `layers.maxPooling2D` and `layers.averagePooling2D`. */
export interface Pooling2DOptions {
  /** Pixels of a window: the same number down and across, or two. Default 2. */
  poolSize?: number | readonly [down: number, across: number];
  /** From one window to the next. Default poolSize. */
  strides?: number | readonly [down: number, across: number] | null;
  /** "same" lets windows reach beyond the image; what lies there counts for nothing. Default "valid". */
  padding?: Padding;
  /** The layer's name in the model. Default "max_pooling2d" or "average_pooling2d". */
  name?: string;
}

/**
 * The largest value of every window, channel by channel: [batch, down, across, channels], counted as by `conv2d`.
 * @throws ConfigError for a setting that can't be used.
 */
export function maxPooling2D(options: Pooling2DOptions = {}): Layer {
  return pooling2D("max", options);
}

/**
 * The mean of every window, channel by channel: [batch, down, across, channels], counted as by `conv2d`. With padding
 * "same" it is taken over the pixels that lie in the image, as in Keras.
 * @throws ConfigError for a setting that can't be used.
 */
export function averagePooling2D(options: Pooling2DOptions = {}): Layer {
  return pooling2D("average", options);
}

function pooling2D(kind: PoolKind, options: Pooling2DOptions): Layer {
  const what = `layers.${kind}Pooling2D`;
  checkOptions(options, ["poolSize", "strides", "padding", "name"], what);
  const { poolSize = 2, padding = "valid", name } = options;
  const size = pairOf(poolSize, `${what}: poolSize`);
  const strides = pairOf(options.strides ?? size, `${what}: strides`);
  checkPadding(padding, what);
  const over = (inputShape: readonly number[]) => windowsOver(inputShape, { size, strides, padding }, what);
  return {
    className: kind === "max" ? "MaxPooling2D" : "AveragePooling2D",
    name,
    defaultName: `${kind}_pooling2d`,
    config: { poolSize: size, strides, padding },
    trainable: false,
    outputShape: (inputShape) => [...over(inputShape).count, over(inputShape).channels],
    weights: () => [],
    stages: (layerName, inputShape) => {
      const windows = over(inputShape);
      const outputDim = sizeOf(windows.count) * windows.channels;
      return [
        {
          name: layerName,
          outputDim,
          parameters: [],
          operations: outputDim * sizeOf(size),
          forward: (build, input, output) => [poolImages(build, `${layerName}.forward`, kind, input, windows, output)],
          backward: (build, pass) =>
            pass.inputGradient
              ? [poolInputGradient(build, `${layerName}.gradientInput`, kind, pass, windows, pass.inputGradient)]
              : [],
        },
      ];
    },
    largestFit: () => "",
  };
}
