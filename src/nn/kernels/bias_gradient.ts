import source from "../../../shaders/bias_gradient.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

/** db from G, in slices of its rows. Invocations: slices * outputs, in workgroups of 64. */
export const biasGradient = kernel(
  "biasGradient",
  "biasGradient",
  [source],
  bindings(0, {
    params: {
      rows: "u32",
      columns: "u32",
      pixels: "u32",
      outputs: "u32",
      slice: "u32",
      slices: "u32",
      stride: "u32",
      first: "u32",
    },
    outputGradient: "read",
    sums: "read_write",
  }),
);
