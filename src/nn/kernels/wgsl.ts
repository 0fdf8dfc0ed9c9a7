// What kernel declarations share: the common file behind every kernel, and the layouts that several kernels bind.

import common from "../../../shaders/common.wgsl" with { type: "text" };
import type { Access, Binding, Kernel, Struct } from "../../gpu/kernel.ts";

/** A binding of group 0 (the kernel's own) or of a later one (what is appended to it). */
export type BindingSpec = Exclude<Access, "uniform"> | Struct;

/** Bindings of a group, numbered in the order given; `undefined` leaves a number out. */
export function bindings(group: number, specs: Readonly<Record<string, BindingSpec | undefined>>): Binding[] {
  return Object.entries(specs).flatMap(([name, spec], binding) =>
    spec === undefined
      ? []
      : [typeof spec === "string" ? { group, binding, name, access: spec } : uniform(group, binding, name, spec)],
  );
}

function uniform(group: number, binding: number, name: string, struct: Struct): Binding {
  return { group, binding, name, access: "uniform", struct };
}

/** A kernel from its file, what is appended to it, and the common file at the end. */
export function kernel(
  label: string,
  entryPoint: string,
  sources: readonly string[],
  bindings: readonly Binding[],
  constants?: Readonly<Record<string, number>>,
): Kernel {
  const source = [...sources, common].join("\n");
  return constants ? { label, source, entryPoint, bindings, constants } : { label, source, entryPoint, bindings };
}

/** Where a run of steps stands; struct State in every kernel. */
export const stateStruct = {
  step: "u32",
  next: "u32",
  rowCount: "u32",
  destination: "u32",
  fault: "u32",
} as const satisfies Struct;
/** A step of an epoch, as the optimizer takes it; struct Step in every kernel. */
export const stepStruct = {
  size: "f32",
  rate: "f32",
  average: "f32",
  iteration: "u32",
} as const satisfies Struct;
/** Bytes of struct Step. */
export const stepBytes = Object.keys(stepStruct).length * 4;
/** The value of `fault` while every value is finite. */
export const noFault = 0xffffffff;
