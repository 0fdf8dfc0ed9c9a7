import source from "../../../shaders/penalty.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

/** A weight with its regularizer; struct Regularized in the shader. */
export const regularizedStruct = { first: "u32", count: "u32", l1: "f32", l2: "f32" } as const;

/** What regularizers add to the loss, and its gradient. Workgroups: lanes / 64. */
export const penalty = kernel(
  "penalty",
  "penalty",
  [source],
  bindings(0, {
    params: { adding: "u32", lanes: "u32" },
    state: "read_write",
    weights: "read",
    parameters: "read",
    gradients: "read_write",
    penalties: "read_write",
  }),
);
