import source from "../../../shaders/cosine.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

const params = { rows: "u32", columns4: "u32", outputDim: "u32", scale: "u32" } as const;

/** z from p. Workgroups: columns4 / 64, rows. */
export const cosineForward = kernel(
  "cosineForward",
  "cosineForward",
  [source],
  bindings(0, { params, projections: "read", biasTurns: "read", scales: "read", output: "read_write" }),
);

/** dp from dz, and the scale's gradient column by column. Workgroups: columns4 / 64. */
export const cosineBackward = kernel(
  "cosineBackward",
  "cosineBackward",
  [source],
  bindings(0, {
    params,
    projections: "read",
    biasTurns: "read",
    scales: "read",
    output: "read_write",
    gradient: "read",
    scalePartials: "read_write",
  }),
);

/** Adds up the scale's gradient. One workgroup. */
export const scaleGradient = kernel(
  "scaleGradient",
  "scaleGradient",
  [source],
  bindings(0, {
    params,
    projections: undefined,
    biasTurns: undefined,
    scales: undefined,
    output: "read_write",
    gradient: undefined,
    scalePartials: "read_write",
  }),
);
