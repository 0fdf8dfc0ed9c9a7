// Every tile of shaders/tiles with the feature epilogue, from buffers and from textures, against test/twins/features.ts;
// and each gives the same bits.
import { packColumns } from "../../src/nn/feature_stages.ts";
import {
  featureEpilogue,
  type ProductVariant,
  packed,
  product,
  productGrid,
  tileNames,
} from "../../src/nn/kernels/product.ts";
import type { StoreKind } from "../../src/nn/kernels/rows.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import * as twin from "../twins/features.ts";
import { packTiles } from "../twins/gather.ts";
import { transpose } from "../twins/matmul.ts";
import { abs, laidOut, type Matrix, map, matrix, numbers, up8, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, state, untouched, type Values } from "./run_kernel.ts";
import { blank, columns4Of, precisions, storageError, valuesOf } from "./stored.ts";

interface Shape {
  rows: number;
  d: number;
  D: number;
}

const ragged = [1, 3, 4, 5, 15, 16, 17, 31, 61, 63, 64, 65, 127, 130, 131];
/** Every ragged size as rows, d and D; then D across workgroups of 512 columns, and operands across lines of texels. */
const shapes: Shape[] = [
  ...ragged.map((rows, i) => ({ rows, d: ragged[(i + 4) % 15]!, D: ragged[(i + 9) % 15]! })),
  { rows: 5, d: 3, D: 513 },
  { rows: 17, d: 5, D: 1031 },
  { rows: 3, d: 784, D: 20 },
  { rows: 67, d: 521, D: 263 },
];

const variants: ProductVariant[] = tileNames.flatMap((tile) => [
  { tile, place: "buffer" },
  { tile, place: "texture" },
]);
const nameOf = ({ tile, place }: ProductVariant) => `${tile} from a ${place}`;

/** U [d, D] as the right operand, columns behind the last being zero. */
function columnTiles(u: Matrix): Float32Array {
  const columns = transpose(u);
  const zeros = matrix(Math.ceil(columns.length / packed) * packed - columns.length, u.length, () => 0);
  return rowTiles([...columns, ...zeros]);
}

function rowTiles(x: Matrix): Float32Array {
  return Float32Array.from(packTiles(x, up8(x[0]!.length)).flat(2));
}

interface Problem {
  x: Matrix;
  u: Matrix;
  b: number[];
  s: number;
  /** X and U as packed operands. */
  operands: { left: Float32Array; right: Float32Array };
  /** Rows of the output that the state asks for; the others stay as they are. */
  rowCount?: number;
  destination?: number;
  keepProjection?: boolean;
}

async function run(gpu: Context["gpu"], variant: ProductVariant, to: StoreKind, problem: Problem): Promise<Values> {
  const { x, u, b, s, destination = 0, keepProjection = false } = problem;
  const [rows, d, D] = [x.length, u.length, b.length];
  const { output } = await runKernels(
    gpu,
    {
      state: state({ rowCount: problem.rowCount ?? rows, destination }),
      ...problem.operands,
      biasTurns: Float32Array.from(laidOut([b.map((value) => value / (2 * Math.PI))], up8(D))),
      output: blank(to, destination + rows + 2, D),
    },
    [
      {
        kernel: product(variant, featureEpilogue(keepProjection), to),
        uniforms: {
          params: { rows, columns8: Math.ceil(D / 8), depth: up8(d), slice: up8(d) },
          shape: { columns4: columns4Of(to, D), first: 0 },
          epilogue: { outputDim: D, turnsPerUnit: 1 / (2 * Math.PI * s) },
        },
        ...productGrid(variant, { rows, columns: D }),
      },
    ],
  );
  return output;
}

/** What the twin gives, laid out as the output is, with the error allowed for each value. */
function expectation(to: StoreKind, { x, u, b, s, destination = 0, keepProjection = false, ...problem }: Problem) {
  const d = u.length;
  const values = keepProjection ? twin.projection(x, u) : twin.featureMap(x, u, b, s);
  const bounds = twin.projection(abs(x), abs(u)).map((row) =>
    row.map((size, j) => {
      if (keepProjection) return sumBound(d) * size;
      // The argument: the sum; then 1 / (2 pi s), b / (2 pi) and their product and sum, each rounded. The cosine: 5e-7.
      return storageError(to) + (sumBound(d) + 2 * epsilon) * (size / s) + 2 * epsilon * b[j]! + 5e-7;
    }),
  );
  const stride = columns4Of(to, b.length) * 4;
  const written = Math.min(x.length, problem.rowCount ?? x.length);
  const place = (m: Matrix, around: number) => {
    const rows = laidOut(m.slice(0, written), stride);
    const output = new Float64Array((destination + x.length + 2) * stride).fill(around);
    output.set(rows, destination * stride);
    return output;
  };
  return { values: place(values, untouched), bounds: place(bounds, 0) };
}

function assertSameBits(actual: Values, expected: Values, label: string): void {
  const words = (values: Values) => new Uint32Array(values.buffer, values.byteOffset, values.length);
  assertWithin(words(actual), words(expected), 0, label);
}

/** Every variant against the twin, and bit for bit against the first. @returns the largest error. */
async function check(gpu: Context["gpu"], label: string, problem: Problem): Promise<number> {
  const { values, bounds } = expectation("floats", problem);
  const first = await run(gpu, variants[0]!, "floats", problem);
  assertWithin(first, values, bounds, `${label}, ${nameOf(variants[0]!)}`);
  for (const variant of variants.slice(1)) {
    assertSameBits(await run(gpu, variant, "floats", problem), first, `${label}, bits of ${nameOf(variant)}`);
  }
  return Math.max(...Array.from(first, (value, i) => Math.abs(value - values[i]!)));
}

function draws(seed: number, { rows, d, D }: Shape): Problem {
  const draw = numbers(seed);
  const x = matrix(rows, d, draw);
  const u = map(matrix(d, D, draw), (value) => 2 * value);
  return {
    ...{ x, u, operands: { left: rowTiles(x), right: columnTiles(u) } },
    b: vector(D, () => Math.fround(Math.PI * (1 + draw()))),
    s: Math.sqrt(d / 2),
  };
}

const partOf = (i: number, { rows }: Shape) => ({ destination: i % 4, rowCount: Math.ceil((rows * 2) / 3) });

test("product: cos(x U / s + b) at ragged sizes, padding exactly zero, other rows untouched", async (t) => {
  let largest = 0;
  for (const [i, shape] of shapes.entries()) {
    const problem = draws(i, shape);
    largest = Math.max(largest, await check(t.gpu, JSON.stringify(shape), problem));
    const part = partOf(i, shape);
    await check(t.gpu, JSON.stringify({ ...shape, ...part }), { ...problem, ...part });
  }
  t.note(`largest error ${largest.toExponential(2)}; the same bits from ${variants.map(nameOf).join(", ")}`);
});

test("product: the bare projection x U at ragged sizes", async ({ gpu }) => {
  for (const [i, shape] of shapes.entries()) {
    const problem = { ...draws(100 + i, shape), keepProjection: true };
    await check(gpu, JSON.stringify(shape), problem);
    const part = partOf(i, shape);
    await check(gpu, JSON.stringify({ ...shape, ...part }), { ...problem, ...part });
  }
});

test("product: heavy-tailed projections of the Laplacian kernel", async ({ gpu }) => {
  const shape = { rows: 33, d: 5, D: 70 };
  const problem = draws(7, shape);
  const draw = numbers(8);
  const u = matrix(shape.d, shape.D, () => Math.fround(Math.tan((Math.PI / 2) * draw())));
  if (Math.max(...abs(u).flat()) < 100) throw new Error("no tail among the draws; use another seed");
  const operands = { ...problem.operands, right: columnTiles(u) };
  await check(gpu, "Cauchy", { ...problem, u, operands, s: 1 });
});

for (const kinds of precisions) {
  test(`product: features kept as ${kinds.join(" and ")}: the same bits from every tile`, async ({ gpu }) => {
    for (const [i, shape] of shapes.entries()) {
      const problem = { ...draws(i, shape), ...partOf(i, shape) };
      const { values, bounds } = expectation(kinds[0]!, problem);
      // Each tile in turn; of two neighbours one reads buffers and the other textures.
      const [one, other] = [variants[(i % 4) * 2]!, variants[((i + 1) % 4) * 2 + 1]!];
      const first = await run(gpu, one, kinds[0]!, problem);
      assertWithin(valuesOf(kinds[0]!, first), values, bounds, `${kinds[0]} ${JSON.stringify(shape)}`);
      for (const kind of kinds) {
        const label = `${kind} ${JSON.stringify(shape)}, bits of ${nameOf(other)} and of ${nameOf(one)}`;
        assertSameBits(await run(gpu, other, kind, problem), first, label);
      }
    }
  });
}

test("product: projections kept in a texture have the bits of those in a buffer", async ({ gpu }) => {
  for (const [i, shape] of shapes.entries()) {
    const problem = { ...draws(i, shape), ...partOf(i, shape), keepProjection: true };
    const first = await run(gpu, variants[0]!, "floats", problem);
    assertSameBits(await run(gpu, variants[0]!, "float_texture", problem), first, JSON.stringify(shape));
  }
});

test("product: 16 bits are within half a step of 32", async ({ gpu, note }) => {
  let largest = 0;
  for (const [i, shape] of shapes.entries()) {
    const problem = draws(i, shape);
    const { rows, D } = shape;
    const [floats, halves] = await Promise.all(
      (["floats", "halves"] as const).map(async (kind) => {
        const values = valuesOf(kind, await run(gpu, variants[0]!, kind, problem));
        const stride = columns4Of(kind, D) * 4;
        return matrix(rows, D, (row, column) => values[row * stride + column]!).flat();
      }),
    );
    assertWithin(halves!, floats!, storageError("halves"), JSON.stringify(shape));
    largest = Math.max(largest, ...halves!.map((value, j) => Math.abs(value - floats![j]!)));
  }
  note(`largest difference ${largest.toExponential(3)}`);
});

test("product: the projection as a model packs it is what the kernel reads", () => {
  for (const [i, { d, D }] of shapes.entries()) {
    const { u } = draws(i, { rows: 1, d, D });
    assertWithin(packColumns(Float32Array.from(u.flat()), d, D), columnTiles(u), 0, `${d} x ${D}`);
  }
});
