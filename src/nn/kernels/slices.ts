import source from "../../../shaders/slices.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

/** Adds up sums that were taken in slices. Invocations: count, in workgroups of 64. */
export const addSlices = kernel(
  "addSlices",
  "addSlices",
  [source],
  bindings(0, {
    params: { slices: "u32", count: "u32", first: "u32" },
    partials: "read",
    gradients: "read_write",
  }),
);
