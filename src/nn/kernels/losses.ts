import loss from "../../../shaders/loss.wgsl" with { type: "text" };
import categoricalCrossentropy from "../../../shaders/losses/categorical_crossentropy.wgsl" with { type: "text" };
import categoricalCrossentropyLogits from "../../../shaders/losses/categorical_crossentropy_logits.wgsl" with {
  type: "text",
};
import categoricalHinge from "../../../shaders/losses/categorical_hinge.wgsl" with { type: "text" };
import hinge from "../../../shaders/losses/hinge.wgsl" with { type: "text" };
import meanSquaredError from "../../../shaders/losses/mean_squared_error.wgsl" with { type: "text" };
import squaredHinge from "../../../shaders/losses/squared_hinge.wgsl" with { type: "text" };
import dense from "../../../shaders/targets/dense.wgsl" with { type: "text" };
import labels from "../../../shaders/targets/labels.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { bindings, kernel } from "./wgsl.ts";

/** A loss's `lossGradient` function. */
export const lossShaders = {
  hinge,
  squared_hinge: squaredHinge,
  categorical_hinge: categoricalHinge,
  categorical_crossentropy: categoricalCrossentropy,
  categorical_crossentropy_logits: categoricalCrossentropyLogits,
  mean_squared_error: meanSquaredError,
} as const;
export type LossShader = keyof typeof lossShaders;

/** Targets as one integer a row, or as one value for each output. */
export type TargetKind = "labels" | "dense";
const targetShaders: Record<TargetKind, string> = { labels, dense };

/**
 * Loss, gradient and correctness of a minibatch, from logits or from partial logits. Workgroups: rows / 32.
 */
export function lossKernel(shader: LossShader, targets: TargetKind, fromPartials: boolean): Kernel {
  const own = bindings(0, {
    params: { batch: "u32", rows: "u32", classes: "u32", stride: "u32", slices: "u32", bias: "u32" },
    state: "read_write",
    samples: "read",
    logits: "read_write",
    gradient: "read_write",
    outcomes: "read_write",
    partials: fromPartials ? "read" : undefined,
    parameters: fromPartials ? "read" : undefined,
  });
  const appended = bindings(1, { [targets === "labels" ? "labels" : "targets"]: "read" });
  return kernel(
    `loss.${shader}.${targets}`,
    fromPartials ? "lossFromPartials" : "loss",
    [loss, lossShaders[shader], targetShaders[targets]],
    [...own, ...appended],
  );
}
