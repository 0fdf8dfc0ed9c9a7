import loss from "../../../shaders/loss.wgsl" with { type: "text" };
import binaryCrossentropy from "../../../shaders/losses/binary_crossentropy.wgsl" with { type: "text" };
import binaryCrossentropyLogits from "../../../shaders/losses/binary_crossentropy_logits.wgsl" with { type: "text" };
import categoricalCrossentropy from "../../../shaders/losses/categorical_crossentropy.wgsl" with { type: "text" };
import categoricalCrossentropyLogits from "../../../shaders/losses/categorical_crossentropy_logits.wgsl" with {
  type: "text",
};
import categoricalHinge from "../../../shaders/losses/categorical_hinge.wgsl" with { type: "text" };
import epsilonInsensitive from "../../../shaders/losses/epsilon_insensitive.wgsl" with { type: "text" };
import hinge from "../../../shaders/losses/hinge.wgsl" with { type: "text" };
import huber from "../../../shaders/losses/huber.wgsl" with { type: "text" };
import meanSquaredError from "../../../shaders/losses/mean_squared_error.wgsl" with { type: "text" };
import squaredEpsilonInsensitive from "../../../shaders/losses/squared_epsilon_insensitive.wgsl" with { type: "text" };
import squaredHinge from "../../../shaders/losses/squared_hinge.wgsl" with { type: "text" };
import metrics from "../../../shaders/metrics.wgsl" with { type: "text" };
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
  binary_crossentropy: binaryCrossentropy,
  binary_crossentropy_logits: binaryCrossentropyLogits,
  mean_squared_error: meanSquaredError,
  huber,
  epsilon_insensitive: epsilonInsensitive,
  squared_epsilon_insensitive: squaredEpsilonInsensitive,
} as const;
export type LossShader = keyof typeof lossShaders;

/** Targets as one integer a row, or as one value for each output. */
export type TargetKind = "labels" | "dense";
const targetShaders: Record<TargetKind, string> = { labels, dense };

/** What metrics.wgsl gives for a row; its constants there are the places in this list. */
export const metricKinds = [
  "categorical_accuracy",
  "top_k_accuracy",
  "predicted_class",
  "binary_accuracy",
  "hinge",
  "squared_error",
  "absolute_error",
  "r2_score",
] as const;
export type MetricKind = (typeof metricKinds)[number];

/** A metric as the kernel takes it. */
export interface RowMetric {
  readonly kind: MetricKind;
  /** The constant of its kind: a threshold, or k; 0 where it has none. */
  readonly option: number;
}

/** Metrics of a kernel at most. */
export const mostMetrics = 8;

/** Loss, gradient and metrics of a minibatch, from logits or from partial logits. Workgroups: rows / 32. */
export function lossKernel(
  shader: LossShader,
  targets: TargetKind,
  fromPartials: boolean,
  rowMetrics: readonly RowMetric[] = [],
): Kernel {
  const own = bindings(0, {
    params: {
      batch: "u32",
      rows: "u32",
      classes: "u32",
      stride: "u32",
      slices: "u32",
      bias: "u32",
      targetRows: "u32",
      constant: "f32",
    },
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
    [loss, lossShaders[shader], targetShaders[targets], metrics],
    [...own, ...appended],
    metricConstants(rowMetrics),
  );
}

function metricConstants(given: readonly RowMetric[]): Record<string, number> {
  const constants: Record<string, number> = { METRICS: given.length };
  for (let m = 0; m < mostMetrics; m++) {
    const { kind, option } = given[m] ?? { kind: "categorical_accuracy", option: 0 };
    constants[`METRIC_${m}`] = metricKinds.indexOf(kind);
    constants[`OPTION_${m}`] = option;
  }
  return constants;
}
