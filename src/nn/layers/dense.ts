import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { DispatchSpec } from "../../gpu/dispatch.ts";
import { type ActivationName, activationStages, checkActivation } from "../activation_stage.ts";
import { initializerOf } from "../initializers.ts";
import { checkTrainable, type Layer, type Stage, type StageBuild } from "../layer.ts";
import { packedRows } from "../moving.ts";
import { denseForward, inputGradient, weightGradient } from "../products.ts";
import { checkRegularizer, type Regularizer } from "../regularizers.ts";
import { floatRows, stride } from "../rows.ts";
import { rowWidth } from "../shape.ts";
import { biasGradient } from "../slices.ts";
import type { WeightSpec } from "../weights.ts";

/** Of `layers.dense`. */
export interface DenseOptions {
  /** The number of outputs. */
  units: number;
  /** What becomes of the outputs. Default "linear". */
  activation?: ActivationName;
  /** What the kernel adds to the loss. Default none. */
  kernelRegularizer?: Regularizer | null;
  /** What the bias adds to the loss. Default none. */
  biasRegularizer?: Regularizer | null;
  /** False keeps kernel and bias as they are. Default true. */
  trainable?: boolean;
  /** The layer's name in the model. Default "dense". */
  name?: string;
}

/**
 * Y = f(X W + b)  [B, inputs] -> [B, units]: kernel W [inputs, units] glorot uniform, bias b [units] zero.
 * Keras' Dense.
 * @throws ConfigError where `units` is not a positive whole number, or another setting can't be used.
 */
export function dense(options: DenseOptions): Layer {
  const known = ["units", "activation", "kernelRegularizer", "biasRegularizer", "trainable", "name"];
  checkOptions(options, known, "layers.dense");
  const { units, activation = "linear", kernelRegularizer = null, biasRegularizer = null } = options;
  const { trainable = true, name } = options;
  if (!(Number.isInteger(units) && units > 0)) {
    throw new ConfigError(`layers.dense: units must be a positive whole number, got ${show(units)}.`);
  }
  checkActivation(activation, "layers.dense: activation");
  checkTrainable(trainable, "layers.dense");
  checkRegularizer(kernelRegularizer, "layers.dense: kernelRegularizer");
  checkRegularizer(biasRegularizer, "layers.dense: biasRegularizer");
  return {
    className: "Dense",
    name,
    defaultName: "dense",
    config: {
      units,
      ...(activation !== "linear" && { activation }),
      ...(kernelRegularizer && { kernelRegularizer: { l1: kernelRegularizer.l1, l2: kernelRegularizer.l2 } }),
      ...(biasRegularizer && { biasRegularizer: { l1: biasRegularizer.l1, l2: biasRegularizer.l2 } }),
      ...(!trainable && { trainable }),
    },
    trainable,
    outputShape: (inputShape) => {
      rowWidth(inputShape, "layers.dense");
      return [units];
    },
    weights: ([inputDim = 0]): WeightSpec[] => [
      {
        ...weight("kernel", [inputDim, units], trainable, "glorot_uniform"),
        regularizer: kernelRegularizer ?? undefined,
      },
      { ...weight("bias", [units], trainable, "zeros"), regularizer: biasRegularizer ?? undefined },
    ],
    stages: (layerName, [inputDim = 0]) => [
      denseStage(layerName, inputDim, units, trainable),
      ...activationStages(`${layerName}.activation`, [units], activation),
    ],
    // Rows of 16 outputs' weights and biases.
    largestFit: ([inputDim = 0], bytes) =>
      `at most ${Math.floor(bytes / (64 * (stride(inputDim) + 1))) * 16} units for ${inputDim} inputs`,
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

/** The stage of a Dense layer; the plan may fuse it with the loss and the optimizer when it is the last. */
export interface DenseStage extends Stage {
  readonly kind: "dense";
  readonly inputDim: number;
  /** Name of W in the parameter block; b follows it. */
  readonly kernelName: string;
}

function denseStage(name: string, inputDim: number, units: number, trainable: boolean): DenseStage {
  const kernelName = `${name}.kernel`;
  const biasName = `${name}.bias`;
  const kernelRows = (build: StageBuild, block: GPUBuffer) =>
    floatRows(block, units, build.layout.slot(kernelName).first4);
  const biasPlace = (build: StageBuild) => build.layout.slot(biasName).first4;
  return {
    kind: "dense",
    name,
    inputDim,
    outputDim: units,
    kernelName,
    parameters: trainable ? [kernelName, biasName] : [],
    forward: (build, input, output) => {
      const weights = { w: kernelRows(build, build.parameters), inputs: inputDim, bias4: biasPlace(build) };
      return denseForward(build, `${name}.forward`, input, weights, output);
    },
    backward: (build, pass) => {
      const gradient = floatRows(pass.outputGradient, units);
      const specs: DispatchSpec[] = [];
      if (pass.inputGradient) {
        const label = `${name}.gradientInput`;
        const { operand, spec } = packedRows(build, `${label}.right`, kernelRows(build, build.parameters), inputDim);
        const right = { operand, packing: [spec] };
        specs.push(...inputGradient(build, label, gradient, right, floatRows(pass.inputGradient, inputDim)));
      }
      if (pass.ownGradients) {
        const into = kernelRows(build, build.gradients);
        specs.push(
          ...weightGradient(build, `${name}.gradientWeights`, pass.input, gradient, into),
          ...biasGradient(build, `${name}.gradientBias`, gradient, { outputs: units, into4: biasPlace(build) }),
        );
      }
      return specs;
    },
  };
}
