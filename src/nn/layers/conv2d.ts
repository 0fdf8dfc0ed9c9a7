import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { DispatchSpec } from "../../gpu/dispatch.ts";
import { type ActivationName, activationStages, checkActivation } from "../activation_stage.ts";
import { convolutionInputGradient, convolutionWeightGradient, convolve } from "../convolution.ts";
import { initializerOf } from "../initializers.ts";
import { checkTrainable, type Layer, type Stage, type StageBuild } from "../layer.ts";
import { checkRegularizer, type Regularizer } from "../regularizers.ts";
import { floatRows, stride } from "../rows.ts";
import { biasGradient } from "../slices.ts";
import type { WeightSpec } from "../weights.ts";
import { checkPadding, type Padding, pairOf, type Windows, windowsOver } from "../windows.ts";

/** Of `layers.conv2d`. */
export interface Conv2DOptions {
  /** The number of outputs of a pixel. */
  filters: number;
  /** Pixels under a filter: the same number down and across, or two. */
  kernelSize: number | readonly [down: number, across: number];
  /** From one place of a filter to the next. Default 1. */
  strides?: number | readonly [down: number, across: number];
  /** "same" surrounds images with zeros, so that a stride of 1 keeps their size. Default "valid". */
  padding?: Padding;
  /** What becomes of the outputs. Default "linear". */
  activation?: ActivationName;
  /** Adds a bias [filters]. Default true. */
  useBias?: boolean;
  /** What the kernel adds to the loss. Default none. */
  kernelRegularizer?: Regularizer | null;
  /** What the bias adds to the loss. Default none. */
  biasRegularizer?: Regularizer | null;
  /** False keeps kernel and bias as they are. Default true. */
  trainable?: boolean;
  /** The layer's name in the model. Default "conv2d". */
  name?: string;
}

const options = [
  "filters",
  "kernelSize",
  "strides",
  "padding",
  "activation",
  "useBias",
  "kernelRegularizer",
  "biasRegularizer",
  "trainable",
  "name",
];

/**
 * Images [height, width, channels] under filters: [batch, down, across, filters], where down (and across) is
 * floor((height - size) / stride) + 1, with padding "same" ceil(height / stride). Kernel [height, width, channels,
 * filters] glorot uniform, bias [filters] zero. As in Keras, filters are not mirrored.
 * @throws ConfigError for a setting that can't be used; `new Sequential`, for rows that are no images or too small.
 */
export function conv2d(given: Conv2DOptions): Layer {
  const what = "layers.conv2d";
  checkOptions(given, options, what);
  const { filters, padding = "valid", activation = "linear", useBias = true, trainable = true, name } = given;
  const { kernelRegularizer = null, biasRegularizer = null } = given;
  if (!(Number.isInteger(filters) && filters > 0)) {
    throw new ConfigError(`${what}: filters must be a positive whole number, got ${show(filters)}.`);
  }
  const size = pairOf(given.kernelSize, `${what}: kernelSize`);
  const strides = pairOf(given.strides ?? 1, `${what}: strides`);
  checkPadding(padding, what);
  checkActivation(activation, `${what}: activation`);
  if (typeof useBias !== "boolean") {
    throw new ConfigError(`${what}: useBias must be true or false, got ${show(useBias)}.`);
  }
  checkTrainable(trainable, what);
  checkRegularizer(kernelRegularizer, `${what}: kernelRegularizer`);
  checkRegularizer(biasRegularizer, `${what}: biasRegularizer`);
  const over = (inputShape: readonly number[]) => windowsOver(inputShape, { size, strides, padding }, what);
  return {
    className: "Conv2D",
    name,
    defaultName: "conv2d",
    config: {
      ...{ filters, kernelSize: size, strides, padding, useBias },
      ...(activation !== "linear" && { activation }),
      ...(kernelRegularizer && { kernelRegularizer: { l1: kernelRegularizer.l1, l2: kernelRegularizer.l2 } }),
      ...(biasRegularizer && { biasRegularizer: { l1: biasRegularizer.l1, l2: biasRegularizer.l2 } }),
      ...(!trainable && { trainable }),
    },
    trainable,
    outputShape: (inputShape) => [...over(inputShape).count, filters],
    weights: (inputShape) => {
      const kernel = weight("kernel", [...size, over(inputShape).channels, filters], trainable, "glorot_uniform");
      const bias = weight("bias", [filters], trainable, "zeros");
      return [
        { ...kernel, regularizer: kernelRegularizer ?? undefined },
        ...(useBias ? [{ ...bias, regularizer: biasRegularizer ?? undefined }] : []),
      ];
    },
    stages: (layerName, inputShape) => [
      convolutionStage(layerName, { filters, useBias, trainable, windows: over(inputShape) }),
      ...activationStages(`${layerName}.activation`, [...over(inputShape).count, filters], activation),
    ],
    // Rows of 16 filters' weights.
    largestFit: (inputShape, bytes) => {
      const inputs = size[0] * size[1] * over(inputShape).channels;
      return `at most ${Math.floor(bytes / (64 * stride(inputs))) * 16} filters of ${size.join(" x ")} pixels`;
    },
  };
}

function weight(
  name: string,
  shape: number[],
  trainable: boolean,
  initializer: "glorot_uniform" | "zeros",
): WeightSpec {
  const draw = initializerOf(initializer, name);
  return { name, shape, trainable, resident: true, initialize: (stream) => draw(shape, stream) };
}

interface Convolution {
  readonly filters: number;
  readonly useBias: boolean;
  readonly trainable: boolean;
  readonly windows: Windows;
}

function convolutionStage(name: string, { filters, useBias, trainable, windows }: Convolution): Stage {
  const pixels = windows.count[0] * windows.count[1];
  const inputs = windows.size[0] * windows.size[1] * windows.channels;
  const kernelName = `${name}.kernel`;
  const biasName = `${name}.bias`;
  const kernelRows = (build: StageBuild, block: GPUBuffer) =>
    floatRows(block, filters, build.layout.slot(kernelName).first4);
  const biasPlace = (build: StageBuild) => build.layout.slot(biasName).first4;
  return {
    name,
    outputDim: pixels * filters,
    parameters: trainable ? [kernelName, ...(useBias ? [biasName] : [])] : [],
    operations: 2 * pixels * inputs * filters,
    forward: (build, input, output) => {
      const weights = { w: kernelRows(build, build.parameters), bias4: useBias ? biasPlace(build) : undefined };
      return convolve(build, `${name}.forward`, input, weights, windows, output);
    },
    backward: (build, { input, outputGradient, inputGradient, ownGradients }) => {
      const gradient = floatRows(outputGradient, pixels * filters);
      const specs: DispatchSpec[] = [];
      if (inputGradient) {
        const w = kernelRows(build, build.parameters);
        const into = floatRows(inputGradient, input.columns);
        specs.push(...convolutionInputGradient(build, `${name}.gradientInput`, gradient, w, windows, into));
      }
      if (ownGradients) {
        const into = kernelRows(build, build.gradients);
        specs.push(...convolutionWeightGradient(build, `${name}.gradientWeights`, input, gradient, windows, into));
        const own = { outputs: filters, pixels };
        if (useBias) {
          specs.push(...biasGradient(build, `${name}.gradientBias`, gradient, { ...own, into4: biasPlace(build) }));
        }
      }
      return specs;
    },
  };
}
