import { ConfigError, checkOptions, show } from "../../errors.ts";
import { type DispatchSpec, linear } from "../../gpu/dispatch.ts";
import { streamKey } from "../../random.ts";
import { dropout as kernel } from "../kernels/dropout.ts";
import type { Layer, Stage, StageBuild } from "../layer.ts";
import { keep } from "../moving.ts";
import { stride } from "../rows.ts";
import { sizeOf } from "../shape.ts";

/** Of `layers.dropout`. */
export interface DropoutOptions {
  /** The share of values that become zero, at least 0 and below 1. */
  rate: number;
  /** The layer's name in the model. Default "dropout". */
  name?: string;
}

/**
 * Sets a share of the values to zero in every training step and divides the others by 1 - rate; evaluation and prediction
 * leave them as they are (Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014).
 * The masks follow from the model's seed and the layer's name.
 * @throws ConfigError where `rate` is not a number at least 0 and below 1.
 */
export function dropout(options: DropoutOptions): Layer {
  checkOptions(options, ["rate", "name"], "layers.dropout");
  const { rate, name } = options;
  if (!(typeof rate === "number" && rate >= 0 && rate < 1)) {
    throw new ConfigError(`layers.dropout: rate must be a number at least 0 and below 1, got ${show(rate)}.`);
  }
  return {
    className: "Dropout",
    name,
    defaultName: "dropout",
    config: { rate },
    trainable: false,
    outputShape: (inputShape) => inputShape,
    weights: () => [],
    stages: (layerName, inputShape) => (rate === 0 ? [] : [dropoutStage(layerName, sizeOf(inputShape), rate)]),
    largestFit: () => "",
  };
}

function dropoutStage(name: string, outputDim: number, rate: number): Stage {
  const masked = (build: StageBuild, label: string, source: GPUBuffer, output: GPUBuffer): DispatchSpec => {
    const { key, counter } = streamKey(build.seed, `${name}.mask`);
    const quads = (build.rows * stride(outputDim)) / 4;
    return {
      label: `${name}.${label}`,
      kernel,
      resources: { state: build.state, stepTable: build.stepTable as GPUBuffer, source, output },
      uniforms: {
        params: {
          quads,
          seedLow: key[0],
          seedHigh: key[1],
          nameLow: counter[0],
          nameHigh: counter[1],
          // A rate next to 1 still keeps one of the 2^32 numbers.
          threshold: Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1),
          scale: 1 / (1 - rate),
        },
      },
      workgroups: linear(quads, 64),
    };
  };
  return {
    name,
    outputDim,
    parameters: [],
    isPure: false,
    forward: (build, input, output) =>
      build.training
        ? [masked(build, "forward", input.source as GPUBuffer, output.source as GPUBuffer)]
        : [keep(build, input, output)],
    backward: (build, { outputGradient, inputGradient }) =>
      inputGradient ? [masked(build, "gradientInput", outputGradient, inputGradient)] : [],
  };
}
