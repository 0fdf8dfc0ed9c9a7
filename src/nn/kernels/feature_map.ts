import source from "../../../shaders/feature_map.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { bindings, kernel } from "./wgsl.ts";

/** Rows and columns of the register tile, and of the packed operands. */
export const tile = 16;
/** Invocations of a workgroup, along the columns. */
export const lanes = 32;

/**
 * X U, then the cosine unless the bare projection is kept.
 * Workgroups: D / (tile * lanes), rows / tile.
 */
export function featureMap(keepProjection: boolean): Kernel {
  const params = { rows: "u32", depth: "u32", outputDim: "u32", columns4: "u32", turnsPerUnit: "f32" } as const;
  return kernel(
    keepProjection ? "projection" : "featureMap",
    "featureMap",
    [source],
    bindings(0, {
      params,
      state: "read",
      rows: "read",
      projection: "read",
      biasTurns: "read",
      output: "read_write",
    }),
    { KEEP_PROJECTION: keepProjection ? 1 : 0 },
  );
}
