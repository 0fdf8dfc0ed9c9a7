import source from "../../../shaders/dropout.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { loading, type RowKind } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

const own = {
  params: {
    rows: "u32",
    batch: "u32",
    columns4: "u32",
    first: "u32",
    unit: "f32",
    outputs4: "u32",
    seedLow: "u32",
    seedHigh: "u32",
    nameLow: "u32",
    nameHigh: "u32",
    threshold: "u32",
    scale: "f32",
  },
  state: "read",
  stepTable: "read",
  output: "read_write",
} as const;

/** A minibatch, or its gradient, through the mask of the step. Workgroups: columns / 512, rows. */
export function dropout(from: RowKind): Kernel {
  const load = loading(from);
  return kernel(`dropout.${from}`, "dropout", [source, load.source], [...bindings(0, own), ...load.bindings]);
}

/** The same of rows that are kept, through the samples. Workgroups: columns / 512, rows. */
export function dropoutSamples(from: RowKind): Kernel {
  const load = loading(from);
  const bound = bindings(0, { ...own, samples: "read" });
  return kernel(`dropoutSamples.${from}`, "dropoutSamples", [source, load.source], [...bound, ...load.bindings]);
}
