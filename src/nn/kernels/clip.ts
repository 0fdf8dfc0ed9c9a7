import source from "../../../shaders/clip.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

const params = { first: "u32", count: "u32", groups: "u32", limit: "f32" } as const;

/** Workgroups that a sum of squares has at most. */
export const clipGroups = 8;

/** Limits every value. Invocations: count, in workgroups of 64. */
export const clipValue = kernel(
  "clipValue",
  "clipValue",
  [source],
  bindings(0, { params, state: "read_write", gradients: "read_write" }),
);

/** The squares of a range, [groups, 64]. Workgroups: groups. */
export const sumSquares = kernel(
  "sumSquares",
  "sumSquares",
  [source],
  bindings(0, { params, state: undefined, gradients: "read_write", squares: "read_write" }),
);

/** Scales a range down to a norm, from its squares. Workgroups: groups. */
export const clipNorm = kernel(
  "clipNorm",
  "clipNorm",
  [source],
  bindings(0, { params, state: "read_write", gradients: "read_write", squares: "read_write" }),
);
