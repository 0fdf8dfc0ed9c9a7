import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { DispatchSpec } from "../../gpu/dispatch.ts";
import { streamKey } from "../../random.ts";
import { dropout as dropoutRows, dropoutSamples } from "../kernels/dropout.ts";
import type { Layer, Stage, StageBuild } from "../layer.ts";
import { gather, keep, rowGrid } from "../moving.ts";
import { floatRows, type Rows, stride } from "../rows.ts";
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
  const columns4 = stride(outputDim) / 4;
  const masked = (
    build: StageBuild,
    label: string,
    from: Rows,
    output: GPUBuffer,
    samples?: GPUBuffer,
  ): DispatchSpec => {
    const { key, counter } = streamKey(build.seed, `${name}.mask`);
    const resources = { state: build.state, stepTable: build.stepTable as GPUBuffer, source: from.source, output };
    return {
      label: `${name}.${label}`,
      kernel: samples ? dropoutSamples(from.kind) : dropoutRows(from.kind),
      resources: samples ? { ...resources, samples } : resources,
      uniforms: {
        params: {
          ...{ rows: build.rows, batch: build.batch, outputs4: columns4 },
          ...{ columns4: from.columns4, first: from.first4, unit: from.unit },
          ...{ seedLow: key[0], seedHigh: key[1], nameLow: counter[0], nameHigh: counter[1] },
          // A rate next to 1 still keeps one of the 2^32 numbers.
          threshold: Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1),
          scale: 1 / (1 - rate),
        },
      },
      workgroups: [Math.ceil(columns4 / 128), ...rowGrid(build.rows)],
    };
  };
  return {
    name,
    outputDim,
    parameters: [],
    isPure: false,
    forward: (build, input, output) =>
      build.training ? [masked(build, "forward", input, output.source as GPUBuffer)] : [keep(build, input, output)],
    gather: (build, kept, samples, output) =>
      build.training
        ? masked(build, "forward", kept, output.source as GPUBuffer, samples)
        : gather(build, kept, samples, build.batch, output),
    backward: (build, { outputGradient, inputGradient }) =>
      inputGradient ? [masked(build, "gradientInput", floatRows(outputGradient, outputDim), inputGradient)] : [],
  };
}
