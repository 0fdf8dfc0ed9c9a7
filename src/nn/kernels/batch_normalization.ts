import source from "../../../shaders/batch_normalization.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type BindingSpec, bindings, kernel } from "./wgsl.ts";

/** Pixels of an invocation that writes a value for each: RUN in the shader. */
export const run = 8;
/** Bytes of struct Channel in the shader. */
export const channelBytes = 28;

/** Which weights there are. */
export interface Affine {
  /** beta */
  readonly center: boolean;
  /** gamma */
  readonly scale: boolean;
}

const params = {
  batch: "u32",
  rows: "u32",
  pixels: "u32",
  channels: "u32",
  stride: "u32",
  slices: "u32",
  gamma: "u32",
  beta: "u32",
  movingMean: "u32",
  movingVariance: "u32",
  momentum: "f32",
  epsilon: "f32",
} as const;

const names = ["state", "source", "gradient", "output", "partials", "channels", "parameters", "gradients"] as const;

function entry(entryPoint: string, own: Partial<Record<(typeof names)[number], BindingSpec>>, affine?: Affine): Kernel {
  const specs = Object.fromEntries(names.map((name) => [name, own[name]]));
  const constants = affine && { CENTER: affine.center ? 1 : 0, SCALE: affine.scale ? 1 : 0 };
  return kernel(`batchNormalization.${entryPoint}`, entryPoint, [source], bindings(0, { params, ...specs }), constants);
}

const write = "read_write";

/** Mean and squared deviations in slices. Invocations: slices * channels, in workgroups of 64. */
export const moments = entry("moments", { state: "read", source: "read", partials: write });

/** From the slices to what a channel's values share, and into the moving statistics. Workgroups: channels / 64. */
export function statistics(affine: Affine): Kernel {
  const own = { state: "read", source: "read", partials: write, channels: write, parameters: write } as const;
  return entry("statistics", own, affine);
}

/** The same from the moving statistics. Workgroups: channels / 64. */
export function movingStatistics(affine: Affine): Kernel {
  return entry("movingStatistics", { channels: write, parameters: write }, affine);
}

/** y from x. Workgroups: channels * pixels / (64 run), rows. */
export const normalize = entry("normalize", { source: "read", output: write, channels: write });

/** Sums of the gradient in slices. Invocations: slices * channels, in workgroups of 64. */
export const gradientSums = entry("gradientSums", {
  state: "read",
  source: "read",
  gradient: "read",
  partials: write,
  channels: write,
});

/** dgamma and dbeta, and what dx takes from a channel. Workgroups: channels / 64. */
export function weightGradients(affine: Affine): Kernel {
  return entry("weightGradients", { state: "read", partials: write, channels: write, gradients: write }, affine);
}

/** dx from x and dy. Workgroups: channels * pixels / (64 run), rows. */
export const inputGradient = entry("inputGradient", {
  state: "read",
  source: "read",
  gradient: "read",
  output: write,
  channels: write,
});
