import source from "../../../shaders/matmul.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

const own = bindings(0, {
  params: { rows: "u32", inputs4: "u32", outputs4: "u32", weights: "u32" },
  left: "read",
  right: "read",
  output: "read_write",
});

/** Y = X W + b. Invocations: rows / 4 * outputs4. */
export const forward = kernel("matmul.forward", "forward", [source], own);
/** dX = G W'. Invocations: rows / 4 * inputs4. */
export const gradientInput = kernel("matmul.gradientInput", "gradientInput", [source], own);
/** dW = X' G, db. Invocations: (inputs4 + 1) * outputs4. */
export const gradientWeights = kernel("matmul.gradientWeights", "gradientWeights", [source], own);
/** Invocations of a workgroup. */
export const lanes = 64;
