import activation from "../../../shaders/activation.wgsl" with { type: "text" };
import relu from "../../../shaders/activations/relu.wgsl" with { type: "text" };
import sigmoid from "../../../shaders/activations/sigmoid.wgsl" with { type: "text" };
import tanh from "../../../shaders/activations/tanh.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { bindings, kernel } from "./wgsl.ts";

/** `activate` and `slope` of the elementwise activations. */
export const activationShaders = { relu, sigmoid, tanh } as const;
export type ActivationShader = keyof typeof activationShaders;

const params = { rows: "u32", columns4: "u32", outputDim: "u32" } as const;

/** y from x. Invocations: rows * columns4, in workgroups of 64. */
export function activationForward(shader: ActivationShader): Kernel {
  const own = bindings(0, { params, source: "read", output: "read_write" });
  return kernel(shader, "forward", [activation, activationShaders[shader]], own);
}

/** dx from y and dy. Invocations: rows * columns4, in workgroups of 64. */
export function activationBackward(shader: ActivationShader): Kernel {
  const own = bindings(0, { params, source: "read", output: "read_write", gradient: "read" });
  return kernel(`${shader}Gradient`, "backward", [activation, activationShaders[shader]], own);
}
