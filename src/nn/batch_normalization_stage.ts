// The stage of BatchNormalization: statistics of the minibatch while it trains, moving ones otherwise.
import { type DispatchSpec, linear } from "../gpu/dispatch.ts";
import type { Kernel } from "../gpu/kernel.ts";
import * as kernels from "./kernels/batch_normalization.ts";
import type { BackwardPass, Stage, StageBuild } from "./layer.ts";
import { asFloats, rowGrid } from "./moving.ts";
import { type Rows, type StoredRows, stride } from "./rows.ts";
import { type Shape, sizeOf } from "./shape.ts";

export interface BatchNormalization {
  /** The layer's name in the model. */
  readonly name: string;
  /** Of a row, the channels last. */
  readonly shape: Shape;
  readonly momentum: number;
  readonly epsilon: number;
  /** beta is there. */
  readonly center: boolean;
  /** gamma is there. */
  readonly scale: boolean;
  readonly trainable: boolean;
}

export function batchNormalizationStage(layer: BatchNormalization): Stage {
  const { name, shape, center, scale, trainable } = layer;
  const weights = [...(scale ? [`${name}.gamma`] : []), ...(center ? [`${name}.beta`] : [])];
  return {
    name,
    outputDim: sizeOf(shape),
    parameters: trainable ? weights : [],
    isPure: !trainable,
    operations: 20 * sizeOf(shape),
    forward: (build, input, output) => {
      const { rows, specs } = asFloats(build, `${name}.input`, input);
      return [...specs, ...forward(layer, build, rows, output)];
    },
    backward: (build, pass) => backward(layer, build, pass),
  };
}

function forward(layer: BatchNormalization, build: StageBuild, input: Rows, output: StoredRows): DispatchSpec[] {
  const { overSlices, overChannels, overValues } = dispatching(layer, build, { source: input.source as GPUBuffer });
  const statistics =
    layer.trainable && build.training
      ? [overSlices("moments", kernels.moments), overChannels("statistics", kernels.statistics(layer))]
      : [overChannels("statistics", kernels.movingStatistics(layer))];
  return [...statistics, overValues("normalize", kernels.normalize, output.source as GPUBuffer)];
}

/** The statistics of the minibatch depend on every value, so they have a part in its gradient; moving ones do not. */
function backward(layer: BatchNormalization, build: StageBuild, pass: BackwardPass): DispatchSpec[] {
  const { input, outputGradient: gradient, inputGradient } = pass;
  const resources = { source: input.source as GPUBuffer, gradient, gradients: build.gradients };
  const { overSlices, overChannels, overValues } = dispatching(layer, build, resources);
  const sums = [
    overSlices("gradientSums", kernels.gradientSums),
    overChannels("gradientWeights", kernels.weightGradients(layer)),
  ];
  return [
    ...(layer.trainable ? sums : []),
    ...(inputGradient ? [overValues("gradientInput", kernels.inputGradient, inputGradient)] : []),
  ];
}

/** Dispatches of the layer's kernels, by what each of their invocations computes. */
function dispatching(
  { name, shape, momentum, epsilon, center, scale }: BatchNormalization,
  { buffers, batch, rows, state, parameters, layout }: StageBuild,
  own: Readonly<Record<string, GPUBuffer>>,
) {
  const channels = shape.at(-1) as number;
  const pixels = sizeOf(shape) / channels;
  const slices = sliceCount(batch * pixels, channels);
  const resources = {
    state,
    parameters,
    // What the way up leaves for the way back.
    channels: buffers.shared(`${name}.channels`, channels * kernels.channelBytes),
    partials: buffers.shared(`${name}.partials`, slices * channels * 8), // [slices, channels] vec2f
    ...own,
  };
  const place = (weight: string) => layout.slot(`${name}.${weight}`).first4 * 4;
  const params = {
    ...{ batch, rows, pixels, channels, stride: stride(sizeOf(shape)), slices, momentum, epsilon },
    gamma: scale ? place("gamma") : 0,
    beta: center ? place("beta") : 0,
    movingMean: place("moving_mean"),
    movingVariance: place("moving_variance"),
  };
  const spec = (
    label: string,
    kernel: Kernel,
    workgroups: DispatchSpec["workgroups"],
    output?: Readonly<Record<string, GPUBuffer>>,
  ): DispatchSpec => ({
    label: `${name}.${label}`,
    kernel,
    resources: { ...resources, ...output },
    uniforms: { params },
    workgroups,
  });
  return {
    overSlices: (label: string, kernel: Kernel) => spec(label, kernel, linear(slices * channels, 64)),
    overChannels: (label: string, kernel: Kernel) => spec(label, kernel, [Math.ceil(channels / 64), 1, 1]),
    overValues: (label: string, kernel: Kernel, output: GPUBuffer) =>
      spec(label, kernel, [Math.ceil((channels * Math.ceil(pixels / kernels.run)) / 64), ...rowGrid(rows)], { output }),
  };
}

/** As many slices as each has pixels, but no more than keep a large device busy. */
function sliceCount(pixels: number, channels: number): number {
  return Math.min(Math.ceil(Math.sqrt(pixels)), Math.ceil(16384 / channels));
}
