import source from "../../../shaders/softmax.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

const params = { rows: "u32", pixels: "u32", channels: "u32", stride: "u32" } as const;

/** y from x. Invocations: rows * pixels, in workgroups of 64. */
export const softmaxForward = kernel(
  "softmax",
  "forward",
  [source],
  bindings(0, { params, source: "read", output: "read_write" }),
);

/** dx from y and dy. Invocations: rows * pixels, in workgroups of 64. */
export const softmaxBackward = kernel(
  "softmaxGradient",
  "backward",
  [source],
  bindings(0, { params, source: "read", output: "read_write", gradient: "read" }),
);
