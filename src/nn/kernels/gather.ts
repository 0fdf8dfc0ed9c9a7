import source from "../../../shaders/gather.wgsl" with { type: "text" };
import bytes from "../../../shaders/rows/bytes.wgsl" with { type: "text" };
import floats from "../../../shaders/rows/floats.wgsl" with { type: "text" };
import shards from "../../../shaders/rows/shards.wgsl" with { type: "text" };
import type { Binding, Kernel } from "../../gpu/kernel.ts";
import { bindings, kernel } from "./wgsl.ts";

/** How rows lie: bytes or floats in one buffer, or floats in up to `maxShards` buffers. */
export type RowKind = "bytes" | "floats" | "shards";
export const maxShards = 8;

export const rowSources: Record<RowKind, string> = { bytes, floats, shards };
const params = { rows: "u32", batch: "u32", columns4: "u32", rowsPerShard: "u32", unit: "f32" } as const;

/** The rows of a minibatch through the samples: [rows, columns]. Workgroups: columns4 / 64, rows. */
export function gatherRows(kind: RowKind): Kernel {
  const own = { params, output: "read_write", state: "read", samples: "read" } as const;
  return kernel(
    `gatherRows.${kind}`,
    "gatherRows",
    [source, rowSources[kind]],
    [...bindings(0, own), ...rowBindings(kind)],
  );
}

/** All rows in tiles of 16: [rows/16][columns][16]. Workgroups: columns4 / 64, rows / 16. */
export function gatherTiles(kind: RowKind): Kernel {
  const own = { params, output: "read_write" } as const;
  return kernel(
    `gatherTiles.${kind}`,
    "gatherTiles",
    [source, rowSources[kind]],
    [...bindings(0, own), ...rowBindings(kind)],
  );
}

export function rowBindings(kind: RowKind): Binding[] {
  const count = kind === "shards" ? maxShards : 1;
  return bindings(1, Object.fromEntries(Array.from({ length: count }, (_, i) => [`source${i}`, "read"])));
}
