// shaders/feature_map.wgsl against test/twins/feature_map.ts.
import { packTiles } from "../../src/nn/feature_stages.ts";
import { featureMap, lanes, tile } from "../../src/nn/kernels/feature_map.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import * as twin from "../twins/feature_map.ts";
import { gatherTiles } from "../twins/gather.ts";
import { transpose } from "../twins/matmul.ts";
import { abs, type Matrix, map, matrix, numbers, padded, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, state, untouched } from "./run_kernel.ts";

interface Shape {
  rows: number;
  d: number;
  D: number;
}

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Every ragged size as rows, d and D; then D across workgroups of 32 tiles. */
const shapes: Shape[] = [
  ...ragged.map((rows, i) => ({ rows, d: ragged[(i + 4) % 11]!, D: ragged[(i + 7) % 11]! })),
  { rows: 5, d: 3, D: 513 },
  { rows: 17, d: 5, D: 1031 },
  { rows: 3, d: 784, D: 20 },
];

/** Values [n] of columns as tiles of 16 [n/16][depth][16], padded with zeros. */
function columnTiles(u: Matrix): Float32Array {
  const d = u.length;
  const D = u[0]!.length;
  const columns = [...transpose(u), ...matrix(Math.ceil(D / tile) * tile - D, d, () => 0)];
  return tiles(columns, d);
}

function tiles(rowsOfValues: Matrix, depth: number): Float32Array {
  const packed = gatherTiles(rowsOfValues).flatMap((one) => [...one, ...matrix(up4(depth) - depth, tile, () => 0)]);
  return Float32Array.from(packed.flat());
}

interface Problem {
  x: Matrix;
  u: Matrix;
  b: number[];
  s: number;
  /** Rows of the output that the state asks for; the others stay as they are. */
  rowCount?: number;
  destination?: number;
  keepProjection?: boolean;
}

async function check(gpu: Context["gpu"], label: string, problem: Problem): Promise<number> {
  const { x, u, b, s, destination = 0, keepProjection = false } = problem;
  const [rows, d, D] = [x.length, u.length, b.length];
  const { rowCount = rows } = problem;
  const columns4 = up4(D) / 4;
  const turnsPerUnit = 1 / (2 * Math.PI * s);
  const { output } = await runKernels(
    gpu,
    {
      state: state({ rowCount, destination }),
      rows: tiles(x, d),
      projection: columnTiles(u),
      biasTurns: Float32Array.from(padded([b.map((value) => value / (2 * Math.PI))])),
      output: new Float32Array((destination + rows + 2) * columns4 * 4).fill(untouched),
    },
    [
      {
        kernel: featureMap(keepProjection),
        uniforms: { params: { rows, depth: up4(d), outputDim: D, columns4, turnsPerUnit } },
        workgroups: [Math.ceil(D / (tile * lanes)), Math.ceil(rows / tile), 1],
      },
    ],
  );
  const values = keepProjection ? twin.projection(x, u) : twin.featureMap(x, u, b, s);
  const sizes = twin.projection(abs(x), abs(u));
  const bounds = sizes.map((row) =>
    row.map((size, j) => {
      if (keepProjection) return sumBound(d) * size;
      // The argument: the sum; then 1 / (2 pi s), b / (2 pi) and their product and sum, each rounded. The cosine: 5e-7.
      return (sumBound(d) + 2 * epsilon) * (size / s) + 2 * epsilon * b[j]! + 5e-7;
    }),
  );
  const written = Math.min(rows, rowCount);
  const expected = new Float64Array(output.length).fill(untouched);
  expected.set(padded(values.slice(0, written)), destination * columns4 * 4);
  const allowed = new Float64Array(output.length);
  allowed.set(padded(bounds.slice(0, written)), destination * columns4 * 4);
  assertWithin(output, expected, allowed, label);
  return Math.max(...output.map((value, i) => Math.abs(value - expected[i]!)));
}

function draws(seed: number, { rows, d, D }: Shape): Problem {
  const draw = numbers(seed);
  return {
    x: matrix(rows, d, draw),
    u: map(matrix(d, D, draw), (value) => 2 * value),
    b: vector(D, () => Math.fround(Math.PI * (1 + draw()))),
    s: Math.sqrt(d / 2),
  };
}

test("feature_map: cos(x U / s + b) at ragged sizes, padding exactly zero, other rows untouched", async (t) => {
  let largest = 0;
  for (const [i, shape] of shapes.entries()) {
    const problem = draws(i, shape);
    largest = Math.max(largest, await check(t.gpu, JSON.stringify(shape), problem));
    const part = { destination: i % 4, rowCount: Math.ceil((shape.rows * 2) / 3) };
    await check(t.gpu, JSON.stringify({ ...shape, ...part }), { ...problem, ...part });
  }
  t.note(`largest error ${largest.toExponential(2)}`);
});

test("feature_map: the bare projection x U at ragged sizes", async ({ gpu }) => {
  for (const [i, shape] of shapes.entries()) {
    const problem = { ...draws(100 + i, shape), keepProjection: true };
    await check(gpu, JSON.stringify(shape), problem);
    const part = { destination: i % 4, rowCount: Math.ceil((shape.rows * 2) / 3) };
    await check(gpu, JSON.stringify({ ...shape, ...part }), { ...problem, ...part });
  }
});

test("feature_map: heavy-tailed projections of the Laplacian kernel", async ({ gpu }) => {
  const shape = { rows: 33, d: 5, D: 70 };
  const problem = draws(7, shape);
  const draw = numbers(8);
  const u = matrix(shape.d, shape.D, () => Math.fround(Math.tan((Math.PI / 2) * draw())));
  if (Math.max(...abs(u).flat()) < 100) throw new Error("no tail among the draws; use another seed");
  await check(gpu, "Cauchy", { ...problem, u, s: 1 });
});

test("feature_map: the projection as a model packs it is what the kernel reads", () => {
  for (const [i, { d, D }] of shapes.entries()) {
    const { u } = draws(i, { rows: 1, d, D });
    assertWithin(packTiles(Float32Array.from(u.flat()), d, D), columnTiles(u), 0, `${d} x ${D}`);
  }
});
