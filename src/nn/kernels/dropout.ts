import source from "../../../shaders/dropout.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

/** A minibatch, or its gradient, through the mask of the step. Invocations: quads, in workgroups of 64. */
export const dropout = kernel(
  "dropout",
  "dropout",
  [source],
  bindings(0, {
    params: {
      quads: "u32",
      seedLow: "u32",
      seedHigh: "u32",
      nameLow: "u32",
      nameHigh: "u32",
      threshold: "u32",
      scale: "f32",
    },
    state: "read",
    stepTable: "read",
    source: "read",
    output: "read_write",
  }),
);
