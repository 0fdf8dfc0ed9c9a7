import source from "../../../shaders/pooling2d.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type ImageKind, loading } from "./rows.ts";
import { type BindingSpec, bindings, kernel } from "./wgsl.ts";

const params = {
  rows: "u32",
  columns4: "u32",
  first: "u32",
  unit: "f32",
  height: "u32",
  width: "u32",
  channels: "u32",
  pooledColumns4: "u32",
  pooledHeight: "u32",
  pooledWidth: "u32",
  poolY: "u32",
  poolX: "u32",
  strideY: "u32",
  strideX: "u32",
  padY: "u32",
  padX: "u32",
} as const;

export interface PoolingShape {
  /** The largest of a window, or its mean. */
  readonly maximum: boolean;
  /** Channels are a multiple of 4. */
  readonly quads: boolean;
}

/** y from x. Workgroups: pooled columns / 256, rows / 4. */
export function poolForward(shape: PoolingShape, from: ImageKind): Kernel {
  return pooling("poolForward", shape, from, { params, output: "read_write" });
}

/** dx from dy; the maximum needs x and y too. Workgroups: columns / 256, rows / 4. */
export function poolBackward(shape: PoolingShape): Kernel {
  return pooling("poolBackward", shape, "floats", back);
}

/** The same for channels in fours and windows that do not overlap. Workgroups: pooled columns / 256, rows / 4. */
export function poolBackwardApart(maximum: boolean): Kernel {
  return pooling("poolBackwardApart", { maximum, quads: true }, "floats", back);
}

const back = { params, output: "read_write", pooled: "read", pooledGradient: "read" } as const;

function pooling(
  entryPoint: string,
  { maximum, quads }: PoolingShape,
  from: ImageKind,
  own: Readonly<Record<string, BindingSpec>>,
): Kernel {
  const load = loading(from);
  return kernel(
    `${entryPoint}.${maximum ? "max" : "average"}.${from}`,
    entryPoint,
    [source, load.source],
    [...bindings(0, own), ...load.bindings],
    { MAXIMUM: maximum ? 1 : 0, QUADS: quads ? 1 : 0 },
  );
}
