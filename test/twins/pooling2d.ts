// Pooling in naive loops, as Keras defines it: images are rows [height * width * channels], channels last.
import { countOf, visit, type WindowTwin } from "./conv2d.ts";
import { type Matrix, matrix, vector } from "./matrix.ts";

export type PoolKind = "max" | "average";

/** The values under each window of an image row, by the index of the pooled value: their places, in order. */
function places(over: WindowTwin): number[][] {
  const [rows, columns] = countOf(over);
  const { channels } = over;
  const lists = vector(rows * columns * channels, (): number[] => []);
  visit(over, (oy, ox, iy, ix) => {
    for (let c = 0; c < channels; c++) {
      lists[(oy * columns + ox) * channels + c]!.push((iy * over.width + ix) * channels + c);
    }
  });
  return lists;
}

/** The largest value of each window, or the mean of those that are not padding. */
export function forward(kind: PoolKind, x: Matrix, over: WindowTwin): Matrix {
  const lists = places(over);
  return x.map((row) =>
    lists.map((list) => {
      const values = list.map((i) => row[i]!);
      return kind === "max" ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length;
    }),
  );
}

/** dL/dx from g = dL/dy: to the first of the largest values, or to all alike. */
export function gradientInput(kind: PoolKind, x: Matrix, g: Matrix, over: WindowTwin): Matrix {
  const lists = places(over);
  const dx = matrix(x.length, over.height * over.width * over.channels, () => 0);
  for (const [n, row] of x.entries()) {
    for (const [o, list] of lists.entries()) {
      const largest = Math.max(...list.map((i) => row[i]!));
      const first = list.find((i) => row[i] === largest)!;
      for (const i of kind === "max" ? [first] : list) {
        dx[n]![i]! += g[n]![o]! / (kind === "max" ? 1 : list.length);
      }
    }
  }
  return dx;
}
