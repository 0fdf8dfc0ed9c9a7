import source from "../../../shaders/gather.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { loading, type RowKind, type StoreKind, storing } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

const params = { rows: "u32", batch: "u32", columns4: "u32", depth: "u32", unit: "f32" } as const;

/** The rows of a minibatch through the samples. Workgroups: columns / 512, rows. */
export function gatherRows(from: RowKind, to: StoreKind): Kernel {
  return copying("gatherRows", from, to, { params, state: "read", samples: "read" });
}

/** The first rows, as they are. Workgroups: columns / 512, rows. */
export function keepRows(from: RowKind, to: StoreKind): Kernel {
  return copying("keepRows", from, to, { params, state: "read", samples: undefined });
}

/** All rows as the packed operand of a product: [rows/16][depth][16]. Workgroups: depth / 512, rows / 8. */
export function packTiles(from: RowKind, to: StoreKind): Kernel {
  return copying("packTiles", from, to, { params, state: undefined, samples: undefined });
}

function copying(entryPoint: string, from: RowKind, to: StoreKind, own: Parameters<typeof bindings>[1]): Kernel {
  const [load, store] = [loading(from), storing(to)];
  return kernel(
    `${entryPoint}.${from}.${to}`,
    entryPoint,
    [source, load.source, store.source],
    [...bindings(0, own), ...load.bindings, ...store.bindings],
  );
}
