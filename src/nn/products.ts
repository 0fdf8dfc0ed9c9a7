// Products as dispatches: the feature map's projection, and the three products of a Dense layer.
import type { DispatchSpec, Resource } from "../gpu/dispatch.ts";
import { denseEpilogue, type Epilogue, type Lanes, product, productGrid } from "./kernels/product.ts";
import type { StageBuild } from "./layer.ts";
import { packedColumns, packedDepth, packedRows } from "./moving.ts";
import type { Rows, StoredRows } from "./rows.ts";

/** What makes a product: its operands, its size [rows, columns] over sums of `terms`, and where it goes. */
export interface ProductSpec {
  readonly label: string;
  readonly left: Resource;
  readonly right: Resource;
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
  readonly output: StoredRows | Pixels;
  /** Default "columns". */
  readonly lanes?: Lanes;
  /** The parts in which the sums are taken, each of so many terms: a multiple of 8. Default one. */
  readonly slices?: { readonly count: number; readonly length: number };
  readonly epilogue: Epilogue;
  /** What the epilogue binds, beside its uniform. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** The epilogue's uniform. */
  readonly values: Readonly<Record<string, number>>;
}

/** The pixels of images as the rows of a matrix, where the channels are no whole vec4f. */
export interface Pixels {
  readonly kind: "pixels";
  readonly source: GPUBuffer;
  /** Row length of an image, its pixels and its channels, and the pixel of row 0. */
  readonly shape: { columns: number; pixels: number; channels: number; first: number };
}

export function productSpec({ tuning }: StageBuild, spec: ProductSpec): DispatchSpec {
  const { label, left, right, rows, columns, terms, output, lanes, epilogue, resources, values } = spec;
  const depth = packedDepth(terms);
  const slices = spec.slices ?? { count: 1, length: depth };
  return {
    label,
    kernel: product(tuning.product, epilogue, output.kind, lanes),
    resources: { left, right, output: output.source, ...resources },
    uniforms: {
      params: { rows, columns8: Math.ceil(columns / 8), depth, slice: slices.length },
      shape: output.kind === "pixels" ? output.shape : { columns4: output.columns4, first: output.first4 },
      epilogue: values,
    },
    ...productGrid(tuning.product, { rows, columns, slices: slices.count, lanes }),
  };
}

/** W [inputs, outputs] and b, by their place in the parameter block. */
export interface DenseWeights {
  readonly w: StoredRows;
  readonly inputs: number;
  /** Where b begins, in vec4f. */
  readonly bias4: number;
}

/** Y = X W + b */
export function denseForward(
  build: StageBuild,
  label: string,
  x: Rows,
  { w, inputs, bias4 }: DenseWeights,
  y: StoredRows,
): DispatchSpec[] {
  const left = packedRows(build, `${label}.left`, x, build.rows);
  const right = packedColumns(build, `${label}.right`, w, inputs);
  const spec = productSpec(build, {
    label,
    left: left.operand,
    right: right.operand,
    rows: build.rows,
    columns: w.columns,
    terms: inputs,
    output: y,
    epilogue: denseEpilogue(true),
    resources: { parameters: build.parameters },
    values: { outputs4: w.columns4, bias: bias4 },
  });
  return [left.spec, { ...right.spec, rowAxis: "none" }, spec];
}

/** dX = G W', where W' is given as a packed operand; `packing` are the dispatches that make it. */
export function inputGradient(
  build: StageBuild,
  label: string,
  g: Rows,
  right: { readonly operand: Resource; readonly packing: readonly DispatchSpec[] },
  dx: StoredRows,
): DispatchSpec[] {
  const left = packedRows(build, `${label}.left`, g, build.rows);
  const sizes = { rows: build.rows, columns: dx.columns, terms: g.columns, output: dx };
  const operands = { left: left.operand, right: right.operand };
  return [left.spec, ...right.packing, productSpec(build, { label, ...operands, ...sizes, ...asItIs(build) })];
}

/** dW = X' G */
export function weightGradient(build: StageBuild, label: string, x: Rows, g: Rows, dw: StoredRows): DispatchSpec[] {
  const left = packedColumns(build, `${label}.left`, x, build.rows);
  const right = packedColumns(build, `${label}.right`, g, build.rows);
  const sizes = { rows: x.columns, columns: g.columns, terms: build.rows, output: dw };
  const operands = { left: left.operand, right: right.operand };
  return [left.spec, right.spec, productSpec(build, { label, ...operands, ...sizes, ...asItIs(build) })];
}

/** A product that is stored without more. */
export function asItIs({ parameters }: StageBuild) {
  return { epilogue: denseEpilogue(false), resources: { parameters }, values: { outputs4: 0, bias: 0 } };
}
