// Convolutions in naive loops, as Keras defines them: images are rows [height * width * channels], channels last.
import { type Matrix, matrix, vector } from "./matrix.ts";

/** Windows over an image: numbers down and across are pairs. */
export interface WindowTwin {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: "valid" | "same";
}

/** How many windows there are along an axis, and where the first begins. */
export function along(
  n: number,
  size: number,
  stride: number,
  padding: "valid" | "same",
): [count: number, begin: number] {
  if (padding === "valid") return [Math.ceil((n - size + 1) / stride), 0];
  const count = Math.ceil(n / stride);
  const total = Math.max((count - 1) * stride + size - n, 0);
  return [count, total === 0 ? 0 : -Math.floor(total / 2)];
}

/** Rows and columns of windows. */
export function countOf({ height, width, size, strides, padding }: WindowTwin): [down: number, across: number] {
  return [along(height, size[0], strides[0], padding)[0], along(width, size[1], strides[1], padding)[0]];
}

/** Calls with every pixel (iy, ix) under every window (oy, ox), in order, and its cell (ky, kx). */
export function visit(
  { height, width, size, strides, padding }: WindowTwin,
  see: (oy: number, ox: number, iy: number, ix: number, cell: number) => void,
): void {
  const [rows, top] = along(height, size[0], strides[0], padding);
  const [columns, left] = along(width, size[1], strides[1], padding);
  for (let oy = 0; oy < rows; oy++) {
    for (let ox = 0; ox < columns; ox++) {
      for (let ky = 0; ky < size[0]; ky++) {
        for (let kx = 0; kx < size[1]; kx++) {
          const [iy, ix] = [oy * strides[0] + top + ky, ox * strides[1] + left + kx];
          if (iy >= 0 && iy < height && ix >= 0 && ix < width) see(oy, ox, iy, ix, ky * size[1] + kx);
        }
      }
    }
  }
}

/** w [size * channels, filters] */
export function forward(x: Matrix, w: Matrix, b: readonly number[], over: WindowTwin): Matrix {
  const [rows, columns] = countOf(over);
  const [channels, filters] = [over.channels, b.length];
  const y = matrix(x.length, rows * columns * filters, (_, i) => b[i % filters]!);
  visit(over, (oy, ox, iy, ix, cell) => {
    for (const [n, image] of x.entries()) {
      for (let c = 0; c < channels; c++) {
        const value = image[(iy * over.width + ix) * channels + c]!;
        const row = w[cell * channels + c]!;
        for (let f = 0; f < filters; f++) y[n]![(oy * columns + ox) * filters + f]! += value * row[f]!;
      }
    }
  });
  return y;
}

/** dL/dx from g = dL/dy. */
export function gradientInput(g: Matrix, w: Matrix, over: WindowTwin): Matrix {
  const [, columns] = countOf(over);
  const [channels, filters] = [over.channels, w[0]!.length];
  const dx = matrix(g.length, over.height * over.width * channels, () => 0);
  visit(over, (oy, ox, iy, ix, cell) => {
    for (const [n, gradient] of g.entries()) {
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < filters; f++) {
          dx[n]![(iy * over.width + ix) * channels + c]! +=
            gradient[(oy * columns + ox) * filters + f]! * w[cell * channels + c]![f]!;
        }
      }
    }
  });
  return dx;
}

/** dL/dw and dL/db */
export function gradientWeights(x: Matrix, g: Matrix, filters: number, over: WindowTwin): { dw: Matrix; db: number[] } {
  const [, columns] = countOf(over);
  const { channels } = over;
  const dw = matrix(over.size[0] * over.size[1] * channels, filters, () => 0);
  visit(over, (oy, ox, iy, ix, cell) => {
    for (const [n, gradient] of g.entries()) {
      for (let c = 0; c < channels; c++) {
        const value = x[n]![(iy * over.width + ix) * channels + c]!;
        for (let f = 0; f < filters; f++) {
          dw[cell * channels + c]![f]! += value * gradient[(oy * columns + ox) * filters + f]!;
        }
      }
    }
  });
  const db = vector(filters, (f) =>
    g.reduce((sum, row) => sum + row.reduce((s, value, i) => s + (i % filters === f ? value : 0), 0), 0),
  );
  return { dw, db };
}
