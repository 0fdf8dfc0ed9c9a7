import filters from "../../../shaders/filters.wgsl" with { type: "text" };
import source from "../../../shaders/patches.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type ImageKind, loading, storing } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

const params = {
  columns4: "u32",
  first: "u32",
  unit: "f32",
  height: "u32",
  width: "u32",
  channels: "u32",
  patchesY: "u32",
  patchesX: "u32",
  strideY: "u32",
  strideX: "u32",
  spreadY: "u32",
  spreadX: "u32",
  firstPatch: "u32",
  packed: "u32",
  depth: "u32",
} as const;

export interface PatchShape {
  /** Channels are a multiple of 4. */
  readonly quads: boolean;
  /** The image lies spread out, with zeros between its pixels. */
  readonly dilated: boolean;
}

/** Patches as rows of a product: [patches/16][depth][16]. Workgroups: patches / 512, depth / 4. */
export function packPatches(shape: PatchShape, from: ImageKind): Kernel {
  return packing("packPatches", shape, from);
}

/** The values of patches as columns of a product: [values/16][depth][16]. Workgroups: depth / 256, values / 8. */
export function packPatchColumns(shape: PatchShape, from: ImageKind): Kernel {
  return packing("packPatchColumns", shape, from);
}

function packing(entryPoint: string, { quads, dilated }: PatchShape, from: ImageKind): Kernel {
  const [load, store] = [loading(from), storing("floats")];
  return kernel(
    `${entryPoint}.${from}`,
    entryPoint,
    [source, load.source, store.source],
    [...bindings(0, { params, taps: "read" }), ...load.bindings, ...store.bindings],
    { QUADS: quads ? 1 : 0, DILATED: dilated ? 1 : 0 },
  );
}

/** Filters for the gradient of a convolution's input: [channels/16][depth][16]. Workgroups: depth / 64, channels / 8. */
export const packFilters = kernel(
  "packFilters",
  "packFilters",
  [filters, storing("floats").source],
  [
    ...bindings(0, {
      params: { first: "u32", columns: "u32", channels: "u32", filters: "u32", terms: "u32", depth: "u32" },
      parameters: "read",
    }),
    ...storing("floats").bindings,
  ],
);
