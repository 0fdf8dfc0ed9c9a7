// The three products of a convolution: its patches, which are never written as a matrix, and its filters. They are as
// those of a Dense layer over every pixel; see products.ts.
import type { DispatchSpec, Resource } from "../gpu/dispatch.ts";
import { packFilters } from "./kernels/patches.ts";
import { denseEpilogue, packed } from "./kernels/product.ts";
import type { StageBuild } from "./layer.ts";
import { packedColumns, packedDepth } from "./moving.ts";
import {
  gradientsOver,
  type Patches,
  packedPatchColumns,
  packedPatches,
  patchesUnder,
  patchSize,
  pixelsOf,
  type Span,
} from "./patches.ts";
import { asItIs, type Pixels, type ProductSpec, productSpec } from "./products.ts";
import { floatRows, type Rows, type StoredRows, stride } from "./rows.ts";
import { addSlices } from "./slices.ts";
import type { Windows } from "./windows.ts";

/** Filters [size * channels, filters] and, where there is one, where the bias begins in the parameters, in vec4f. */
export interface Filters {
  readonly w: StoredRows;
  readonly bias4: number | undefined;
}

/** Operands lie in buffers: they are read but a few times, and software adapters are slow to write textures. */
function inBuffers(build: StageBuild): StageBuild {
  return { ...build, tuning: { ...build.tuning, product: { ...build.tuning.product, place: "buffer" } } };
}

/** Y = patches(X) W + b, images [count, filters]. */
export function convolve(
  given: StageBuild,
  label: string,
  x: Rows,
  { w, bias4 }: Filters,
  windows: Windows,
  y: StoredRows,
): DispatchSpec[] {
  const build = inBuffers(given);
  const patches = patchesUnder(x, windows);
  const right = packedColumns(build, `${label}.right`, w, patchSize(patches));
  const epilogue = {
    epilogue: denseEpilogue(bias4 !== undefined),
    resources: { parameters: build.parameters },
    values: { outputs4: w.columns4, bias: bias4 ?? 0 },
  };
  return [right.spec, ...overPatches(build, label, patches, right.operand, w.columns, y, epilogue)];
}

/** dX = gradients(G) W', with the filters' cells in the order of W. */
export function convolutionInputGradient(
  given: StageBuild,
  label: string,
  g: Rows,
  w: StoredRows,
  windows: Windows,
  dx: StoredRows,
): DispatchSpec[] {
  const build = inBuffers(given);
  const patches = gradientsOver(g, w.columns, windows);
  const right = packedFilters(build, `${label}.right`, w, patches, windows.channels);
  return [right.spec, ...overPatches(build, label, patches, right.operand, windows.channels, dx, asItIs(build))];
}

/** dW = patches(X)' G in slices of the patches, into the gradients at `dw`. */
export function convolutionWeightGradient(
  given: StageBuild,
  label: string,
  x: Rows,
  g: Rows,
  windows: Windows,
  dw: StoredRows,
): DispatchSpec[] {
  const build = inBuffers(given);
  const patches = patchesUnder(x, windows);
  const pixels = pixelsOf(g, windows.count, dw.columns);
  const rows = patchSize(patches);
  const total = build.rows * windows.count[0] * windows.count[1];
  const count4 = rows * dw.columns4;
  const length = sliceLength(total, count4 * 4);
  const slices = Math.ceil(total / length);
  const partials = build.buffers.storage(`${label}.slices`, slices * count4 * 16);
  const widest = Math.ceil(Math.max(rows, dw.columns) / packed) * packed;
  const spanSlices = Math.max(1, Math.floor(largestOperand(build) / (length * widest * 4)));
  const most = Math.min(spanSlices * length, total);
  const left = packedPatchColumns(build, `${label}.left`, patches, most);
  const right = packedPatchColumns(build, `${label}.right`, pixels, most);
  const specs = spans(total, spanSlices * length).flatMap((span) => [
    left.pack(span),
    right.pack(span),
    productSpec(build, {
      ...{ label, left: left.operand, right: right.operand, rows, columns: dw.columns, terms: span.count },
      ...{ lanes: "slices", slices: { count: Math.ceil(span.count / length), length } },
      output: floatRows(partials, dw.columns, (span.first / length) * count4),
      ...asItIs(build),
    }),
  ]);
  return [...specs, addSlices(build, `${label}.sum`, partials, { slices, count4, into4: dw.first4 })];
}

/** A product of patches with a right operand, into pixels. */
function overPatches(
  build: StageBuild,
  label: string,
  patches: Patches,
  right: Resource,
  columns: number,
  into: StoredRows,
  epilogue: Pick<ProductSpec, "epilogue" | "resources" | "values">,
): DispatchSpec[] {
  const perImage = patches.count[0] * patches.count[1];
  const total = build.rows * perImage;
  const terms = patchSize(patches);
  const most = Math.min(
    total,
    Math.max(1, Math.floor(largestOperand(build) / (packedDepth(terms) * 4 * packed))) * packed,
  );
  const left = packedPatches(build, `${label}.left`, patches, most);
  return spans(total, most).flatMap((span) => {
    const specs = [
      left.pack(span),
      productSpec(build, {
        ...{ label, left: left.operand, right, rows: span.count, columns, terms, lanes: "rows" },
        output: pixelRows(into, perImage, columns, span.first),
        ...epilogue,
      }),
    ];
    const rowSpan = [span.first / total, (span.first + span.count) / total] as const;
    return specs.map((spec): DispatchSpec => ({ ...spec, rowSpan }));
  });
}

/** The pixels of images from `first` on as the rows of a matrix. */
function pixelRows(images: StoredRows, pixels: number, channels: number, first: number): StoredRows | Pixels {
  const source = images.source as GPUBuffer;
  if (channels % 4 === 0) return floatRows(source, channels, images.first4 + (first * channels) / 4);
  return { kind: "pixels", source, shape: { columns: images.columns4 * 4, pixels, channels, first } };
}

/** Bytes of an operand that patches are packed into; where they exceed it, one part follows another. */
function largestOperand({ gpu }: StageBuild): number {
  return Math.min(2 ** 26, gpu.limits.maxStorageBufferBindingSize);
}

function spans(total: number, most: number): Span[] {
  return Array.from({ length: Math.ceil(total / most) }, (_, i) => ({
    first: i * most,
    count: Math.min(most, total - i * most),
  }));
}

/** Enough slices for the lanes of a device, unless they are short or their blocks become large. */
const wantedSlices = 64;
const shortestSlice = 64;
const largestPartials = 2 ** 22; // values

function sliceLength(total: number, values: number): number {
  const slices = Math.max(1, Math.min(wantedSlices, Math.floor(largestPartials / values)));
  return Math.max(shortestSlice, packedDepth(Math.ceil(total / slices)));
}

function packedFilters(build: StageBuild, label: string, w: StoredRows, patches: Patches, channels: number) {
  const terms = patchSize(patches);
  const depth = packedDepth(terms);
  const octets = Math.ceil(channels / packed) * 2;
  const output = build.buffers.storage(label, (octets / 2) * depth * packed * 4);
  const spec: DispatchSpec = {
    label,
    kernel: packFilters,
    resources: { parameters: w.source, output },
    uniforms: {
      params: { first: w.first4 * 4, columns: stride(w.columns), channels, filters: w.columns, terms, depth },
      shape: { columns4: packed / 4, first: 0 },
    },
    workgroups: [Math.ceil(depth / 64), octets, 1],
  };
  return { operand: output, spec };
}
