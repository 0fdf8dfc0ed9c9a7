import source from "../../../shaders/svm_head.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type OptimizerShader, optimizerShaders } from "./optimizers.ts";
import { bindings, kernel } from "./wgsl.ts";

const params = {
  batch: "u32",
  rows: "u32",
  features4: "u32",
  classes4: "u32",
  weights: "u32",
  slices: "u32",
} as const;

/** Logits in slices of the features. Workgroups: slices, rows / 128, class blocks. */
export function partialLogits(classVec4s: number): Kernel {
  return kernel(
    "partialLogits",
    "partialLogits",
    // The file's other entry point calls an optimizer; which one makes no difference here.
    [source, optimizerShaders.sgd.source],
    bindings(0, { params, state: undefined, inputs: "read", parameters: "read_write", partials: "read_write" }),
    { CLASS_VEC4S: classVec4s },
  );
}

/** dW, db and the optimizer's step. Workgroups: (features4 + 1) / 64, class blocks. */
export function updateHead(shader: OptimizerShader, classVec4s: number): Kernel {
  const own = bindings(0, {
    params,
    state: "read_write",
    inputs: "read",
    parameters: "read_write",
    partials: undefined,
    gradient: "read",
    stepSizes: "read",
  });
  const constants = { CLASS_VEC4S: classVec4s };
  return kernel(
    `updateHead.${shader.name}`,
    "updateHead",
    [source, shader.source],
    [...own, ...shader.bindings],
    constants,
  );
}
