// Activations, each a stage of its own behind the layer that asks for it.
import { ConfigError, show } from "../errors.ts";
import { type DispatchSpec, linear } from "../gpu/dispatch.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type ActivationShader, activationBackward, activationForward } from "./kernels/activation.ts";
import { softmaxBackward, softmaxForward } from "./kernels/softmax.ts";
import type { Stage } from "./layer.ts";
import { asFloats } from "./moving.ts";
import { stride } from "./rows.ts";
import { type Shape, sizeOf } from "./shape.ts";

/**
 * "linear" x, "relu" max(x, 0), "sigmoid" 1 / (1 + exp(-x)), "tanh", or "softmax", exp(x) / sum exp(x) over the last
 * axis: Keras' names.
 * @useDeclaredType
 */
export type ActivationName = (typeof activationNames)[number];
export const activationNames = ["linear", "relu", "sigmoid", "tanh", "softmax"] as const;

/** @throws ConfigError with the names there are. */
export function checkActivation(given: unknown, what: string): void {
  if (!activationNames.includes(given as ActivationName)) {
    throw new ConfigError(`${what}: unknown activation ${show(given)}. Known: ${activationNames.join(", ")}.`);
  }
}

/** y = f(x) for rows of this shape, as a list of stages that is empty for "linear". */
export function activationStages(name: string, shape: Shape, activation: ActivationName): Stage[] {
  if (activation === "linear") return [];
  const { forward, backward, sizes } = activation === "softmax" ? softmax(shape) : elementwise(shape, activation);
  const outputDim = sizeOf(shape);
  return [
    {
      name,
      outputDim,
      bounded: activation !== "relu",
      parameters: [],
      operations: 20 * outputDim,
      forward: (build, input, { source: output }) => {
        const { rows, specs } = asFloats(build, `${name}.input`, input);
        const resources = { source: rows.source, output };
        return [...specs, { label: `${name}.forward`, kernel: forward, resources, ...sizes(build.rows) }];
      },
      backward: ({ rows }, { output: y, outputGradient: gradient, inputGradient: output }) => {
        if (!output) return [];
        const resources = { source: y.source, output, gradient };
        return [{ label: `${name}.gradientInput`, kernel: backward, resources, ...sizes(rows) }];
      },
    },
  ];
}

/** The kernels of an activation, and what both take: uniforms and workgroups for so many rows. */
interface ActivationKernels {
  readonly forward: Kernel;
  readonly backward: Kernel;
  sizes(rows: number): Required<Pick<DispatchSpec, "uniforms" | "workgroups">>;
}

function elementwise(shape: Shape, shader: ActivationShader): ActivationKernels {
  const outputDim = sizeOf(shape);
  const columns4 = stride(outputDim) / 4;
  return {
    forward: activationForward(shader),
    backward: activationBackward(shader),
    sizes: (rows) => ({
      uniforms: { params: { rows, columns4, outputDim } },
      workgroups: linear(rows * columns4, 64),
    }),
  };
}

function softmax(shape: Shape): ActivationKernels {
  const channels = shape.at(-1) as number;
  const pixels = sizeOf(shape) / channels;
  return {
    forward: softmaxForward,
    backward: softmaxBackward,
    sizes: (rows) => ({
      uniforms: { params: { rows, pixels, channels, stride: stride(sizeOf(shape)) } },
      workgroups: linear(rows * pixels, 64),
    }),
  };
}
