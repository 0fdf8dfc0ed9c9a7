// Patches of images as operands of products.
import type { DispatchSpec } from "../gpu/dispatch.ts";
import { packPatchColumns, packPatches } from "./kernels/patches.ts";
import { packed } from "./kernels/product.ts";
import type { ImageKind } from "./kernels/rows.ts";
import type { StageBuild } from "./layer.ts";
import { packedDepth } from "./moving.ts";
import type { Rows } from "./rows.ts";
import type { Pair, Windows } from "./windows.ts";

/** The rows of a matrix: the patches of all images, one after the other. */
export interface Patches {
  readonly images: Rows;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Patches of an image, down and across. */
  readonly count: Pair;
  readonly strides: Pair;
  /** From one pixel to the next: more than 1 where zeros lie between them. */
  readonly spread: Pair;
  /** Where each pixel of a patch lies, from the patch's place. */
  readonly offsets: readonly Pair[];
}

/** What a convolution sees under its windows: [rows * count, size * channels]. */
export function patchesUnder(images: Rows, { height, width, channels, size, strides, pad, count }: Windows): Patches {
  const offsets = cells(size).map(([y, x]): Pair => [y - pad[0], x - pad[1]]);
  return { images, height, width, channels, count, strides, spread: [1, 1], offsets };
}

/**
 * The gradients that a pixel of a convolution's input has a part in, in the order of the filters' cells:
 * [rows * height * width, size * filters]. Pixel y lies under cell k of the window at (y + pad - k) / stride.
 */
export function gradientsOver(gradient: Rows, filters: number, windows: Windows): Patches {
  const { height, width, size, strides, pad, count } = windows;
  const offsets = cells(size).map(([y, x]): Pair => [pad[0] - y, pad[1] - x]);
  const over = { images: gradient, height: count[0], width: count[1], channels: filters };
  return { ...over, count: [height, width], strides: [1, 1], spread: strides, offsets };
}

/** Pixels as they are: [rows * count, channels]. */
export function pixelsOf(images: Rows, count: Pair, channels: number): Patches {
  const [height, width] = count;
  return { images, height, width, channels, count, strides: [1, 1], spread: [1, 1], offsets: [[0, 0]] };
}

function cells([height, width]: Pair): Pair[] {
  return Array.from({ length: height * width }, (_, i): Pair => [Math.floor(i / width), i % width]);
}

/** Values of a patch. */
export function patchSize({ offsets, channels }: Patches): number {
  return offsets.length * channels;
}

/** A part of the patches. */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/** Packs one part of the patches after another into an operand. */
export interface PatchPacking {
  readonly operand: GPUBuffer;
  pack(span: Span): DispatchSpec;
}

/** Patches for sums over their values: [patches/16][depth][16], with room for `most` of them. */
export function packedPatches(build: StageBuild, label: string, patches: Patches, most: number): PatchPacking {
  const depth = packedDepth(patchSize(patches));
  const tiles = Math.ceil(most / packed);
  return packing(build, label, patches, tiles * depth, ({ count }) => ({
    kernel: packPatches,
    depth,
    workgroups: [Math.ceil(count / 512), depth / 4, 1],
    rowAxis: "x",
  }));
}

/** Values of patches for sums over the patches: [values/16][depth][16], with room for `most` of these. */
export function packedPatchColumns(build: StageBuild, label: string, patches: Patches, most: number): PatchPacking {
  const octets = Math.ceil(patchSize(patches) / packed) * 2;
  return packing(build, label, patches, (octets / 2) * packedDepth(most), ({ count }) => ({
    kernel: packPatchColumns,
    depth: packedDepth(count),
    workgroups: [Math.ceil(packedDepth(count) / 256), octets, 1],
    rowAxis: "x",
  }));
}

interface Packing extends Pick<DispatchSpec, "workgroups" | "rowAxis"> {
  readonly kernel: typeof packPatches;
  readonly depth: number;
}

function packing(
  build: StageBuild,
  label: string,
  patches: Patches,
  steps: number,
  how: (span: Span) => Packing,
): PatchPacking {
  const { images, height, width, channels, count, strides, spread } = patches;
  const output = build.buffers.storage(label, steps * packed * 4);
  const taps = build.buffers.upload(`${label}.taps`, tapTable(patches));
  const quads = channels % 4 === 0;
  const dilated = spread.some((n) => n > 1);
  return {
    operand: output,
    pack: (span) => {
      const { kernel, depth, ...grid } = how(span);
      return {
        label,
        kernel: kernel({ quads, dilated }, images.kind as ImageKind),
        resources: { taps, source: images.source, output },
        uniforms: {
          params: {
            ...{ columns4: images.columns4, first: images.first4, unit: images.unit },
            ...{ height, width, channels, patchesY: count[0], patchesX: count[1] },
            ...{ strideY: strides[0], strideX: strides[1], spreadY: spread[0], spreadX: spread[1] },
            ...{ firstPatch: span.first, packed: span.count, depth },
          },
          shape: { columns4: packed / 4, first: 0 },
        },
        ...grid,
      };
    },
  };
}

/** So far outside that no stride brings it back. */
const nowhere = -(2 ** 30);

/** [whole tiles of values] vec4i (dy, dx, channel, 0); what is beyond the last value lies nowhere. */
function tapTable({ offsets, channels }: Patches): Uint32Array {
  const size = Math.ceil((offsets.length * channels) / packed) * packed;
  const table = new Int32Array(size * 4).fill(nowhere);
  offsets.forEach(([y, x], cell) => {
    for (let channel = 0; channel < channels; channel++) table.set([y, x, channel, 0], (cell * channels + channel) * 4);
  });
  return new Uint32Array(table.buffer);
}
