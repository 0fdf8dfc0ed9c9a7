import source from "../../../shaders/bias_gradient.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

/** db from G. Workgroups: outputs / 256. */
export const biasGradient = kernel(
  "biasGradient",
  "biasGradient",
  [source],
  bindings(0, {
    params: { rows: "u32", columns4: "u32", first: "u32" },
    outputGradient: "read",
    gradients: "read_write",
  }),
);
