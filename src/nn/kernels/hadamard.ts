import source from "../../../shaders/hadamard.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { loading, type RowKind, type StoreKind, storing } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

/** Bytes of a tile, 4096 values: what a workgroup transforms at a time, and its part of `scratch`. */
export const tileBytes = 16384;
/** Invocations of a workgroup. */
export const lanes = 64;

/**
 * N H D1 H D2 H D3 x, then the cosine unless the bare projection is kept.
 * Workgroups: any number; they take turns at the tiles.
 */
export function hadamard(
  kind: Extract<RowKind, "bytes" | "floats">,
  to: StoreKind,
  log2Points: number,
  keepProjection: boolean,
): Kernel {
  const params = {
    rows: "u32",
    columns4: "u32",
    first: "u32",
    unit: "f32",
    outputDim: "u32",
    features4: "u32",
    turnsPerUnit: "f32",
  } as const;
  const own = {
    params,
    state: "read",
    signs: "read",
    norms: "read",
    biasTurns: "read",
    scratch: "read_write",
  } as const;
  const [load, store] = [loading(kind), storing(to)];
  return kernel(
    `${keepProjection ? "hadamardProjection" : "hadamard"}.${kind}.${to}`,
    "hadamard",
    [source, load.source, store.source],
    [...bindings(0, own), ...load.bindings, ...store.bindings],
    { LOG2_POINTS: log2Points, KEEP_PROJECTION: keepProjection ? 1 : 0 },
  );
}
