// Pooling as dispatches.
import type { DispatchSpec } from "../gpu/dispatch.ts";
import { type PoolingShape, poolBackward, poolBackwardApart, poolForward } from "./kernels/pooling2d.ts";
import type { ImageKind } from "./kernels/rows.ts";
import type { BackwardPass, StageBuild } from "./layer.ts";
import { rowGrid } from "./moving.ts";
import { type Rows, type StoredRows, stride } from "./rows.ts";
import type { Windows } from "./windows.ts";

/** The largest of every window, or the mean of what it holds of the image. */
export type PoolKind = "max" | "average";

/** Rows that an invocation takes. */
const rowsEach = 4;

/** Y [rows, count, channels] from X. */
export function poolImages(
  build: StageBuild,
  label: string,
  kind: PoolKind,
  x: Rows,
  windows: Windows,
  y: StoredRows,
): DispatchSpec {
  return {
    label,
    kernel: poolForward(shapeOf(kind, windows), x.kind as ImageKind),
    resources: { source: x.source, output: y.source },
    uniforms: paramsOf(build, x, windows),
    workgroups: [Math.ceil(y.columns4 / 64), ...rowGrid(Math.ceil(build.rows / rowsEach))],
  };
}

/** dX from dY; of a window's largest values the first takes the gradient. */
export function poolInputGradient(
  build: StageBuild,
  label: string,
  kind: PoolKind,
  { input, output, outputGradient }: BackwardPass,
  windows: Windows,
  dx: GPUBuffer,
): DispatchSpec {
  const { size, strides } = windows;
  const shape = shapeOf(kind, windows);
  const isApart = shape.quads && strides[0] >= size[0] && strides[1] >= size[1];
  const columns4 = isApart ? output.columns4 : input.columns4;
  return {
    label,
    kernel: isApart ? poolBackwardApart(shape.maximum) : poolBackward(shape),
    resources: { source: input.source, pooled: output.source, pooledGradient: outputGradient, output: dx },
    uniforms: paramsOf(build, input, windows),
    workgroups: [Math.ceil(columns4 / 64), ...rowGrid(Math.ceil(build.rows / rowsEach))],
  };
}

function shapeOf(kind: PoolKind, { channels }: Windows): PoolingShape {
  return { maximum: kind === "max", quads: channels % 4 === 0 };
}

function paramsOf({ rows }: StageBuild, x: Rows, { height, width, channels, size, strides, pad, count }: Windows) {
  return {
    params: {
      ...{ rows, columns4: x.columns4, first: x.first4, unit: x.unit, height, width, channels },
      pooledColumns4: stride(count[0] * count[1] * channels) / 4,
      ...{ pooledHeight: count[0], pooledWidth: count[1], poolY: size[0], poolX: size[1] },
      ...{ strideY: strides[0], strideX: strides[1], padY: pad[0], padX: pad[1] },
    },
  };
}
