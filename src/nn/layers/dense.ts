import { ConfigError, checkOptions, show } from "../../errors.ts";
import { linear } from "../../gpu/dispatch.ts";
import { initializerOf } from "../initializers.ts";
import * as matmul from "../kernels/matmul.ts";
import type { BackwardPass, Layer, Stage, StageBuild } from "../layer.ts";
import { type Rows, type StoredRows, stride } from "../rows.ts";

export interface DenseOptions {
  /** The number of outputs. */
  units: number;
  name?: string;
}

/**
 * Y = X W + b: kernel [inputs, units] glorot uniform, bias [units] zero.
 * @throws ConfigError where `units` is not a positive whole number.
 */
export function dense(options: DenseOptions): Layer {
  checkOptions(options, ["units", "name"], "layers.dense");
  const { units, name } = options;
  if (!(Number.isInteger(units) && units > 0)) {
    throw new ConfigError(`layers.dense: units must be a positive whole number, got ${show(units)}.`);
  }
  return {
    className: "Dense",
    name,
    defaultName: "dense",
    config: { units },
    trainable: true,
    outputDim: () => units,
    weights: (inputDim) => [weight("kernel", [inputDim, units], "glorot_uniform"), weight("bias", [units], "zeros")],
    stages: (layerName, inputDim) => [denseStage(layerName, inputDim, units)],
    // Rows of 16 outputs' weights and biases.
    largestFit: (inputDim, bytes) =>
      `at most ${Math.floor(bytes / (64 * (stride(inputDim) + 1))) * 16} units for ${inputDim} inputs`,
  };
}

function weight(name: string, shape: number[], initializer: "glorot_uniform" | "zeros") {
  const draw = initializerOf(initializer, name);
  return { name, shape, trainable: true, initialize: (stream: Parameters<typeof draw>[1]) => draw(shape, stream) };
}

/** The stage of a Dense layer; the plan may fuse it with the loss and the optimizer when it is the last. */
export interface DenseStage extends Stage {
  readonly kind: "dense";
  readonly inputDim: number;
  /** Name of W in the parameter block; b follows it. */
  readonly kernelName: string;
}

function denseStage(name: string, inputDim: number, units: number): DenseStage {
  const kernelName = `${name}.kernel`;
  const inputs4 = stride(inputDim) / 4;
  const outputs4 = stride(units) / 4;
  const uniforms = (build: StageBuild) => ({
    params: { rows: build.rows, inputs4, outputs4, weights: build.layout.slot(kernelName).first4 },
  });
  const tiles = (build: StageBuild, columns4: number) => linear((build.rows / 4) * columns4, matmul.lanes);
  return {
    kind: "dense",
    name,
    inputDim,
    outputDim: units,
    kernelName,
    parameters: [kernelName, `${name}.bias`],
    forward: (build: StageBuild, input: Rows, output: StoredRows) => [
      {
        label: `${name}.forward`,
        kernel: matmul.forward,
        resources: { left: input.source, right: build.parameters, output: output.source },
        uniforms: uniforms(build),
        workgroups: tiles(build, outputs4),
      },
    ],
    backward: (build: StageBuild, { input, outputGradient, inputGradient, ownGradients }: BackwardPass) => [
      ...(inputGradient
        ? [
            {
              label: `${name}.gradientInput`,
              kernel: matmul.gradientInput,
              resources: { left: outputGradient, right: build.parameters, output: inputGradient },
              uniforms: uniforms(build),
              workgroups: tiles(build, inputs4),
            },
          ]
        : []),
      ...(ownGradients
        ? [
            {
              label: `${name}.gradientWeights`,
              kernel: matmul.gradientWeights,
              resources: { left: input.source, right: outputGradient, output: build.gradients },
              uniforms: uniforms(build),
              workgroups: linear((inputs4 + 1) * outputs4, matmul.lanes),
            },
          ]
        : []),
    ],
  };
}
