import source from "../../../shaders/average.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

/** The average of the weights. Invocations: count, in workgroups of 64. */
export const averageWeights = kernel(
  "averageWeights",
  "averageWeights",
  [source],
  bindings(0, {
    params: { count: "u32", overwriteEvery: "u32" },
    state: "read",
    parameters: "read_write",
    average: "read_write",
    stepTable: "read",
  }),
);
