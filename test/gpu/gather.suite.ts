// shaders/gather.wgsl from every way rows may lie to every way they are written, against test/twins/gather.ts.
import type { Kernel } from "../../src/gpu/kernel.ts";
import { gatherRows, keepRows, packColumns, packRows } from "../../src/nn/kernels/gather.ts";
import { type RowKind, rowKinds, type StoreKind, storeKinds } from "../../src/nn/kernels/rows.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import * as twin from "../twins/gather.ts";
import { laidOut, type Matrix, matrix, numbers, up4, up8, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, samples, state, untouched, type Values } from "./run_kernel.ts";
import { blank, columns4Of, storageError, stored, valuesOf } from "./stored.ts";

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Rows and columns at every ragged size, columns across workgroups of 512, and texels across lines of 8,192. */
const shapes: [rows: number, columns: number][] = [
  ...ragged.map((rows, i): [number, number] => [rows, ragged[(i + 4) % 11]!]),
  [5, 257],
  [3, 784],
  [131, 521],
];

interface Problem {
  from: RowKind;
  to: StoreKind;
  values: Matrix;
  label: string;
}

/** All shapes into a buffer of floats; for the other kinds, which share everything but `store8`, one in three. */
function* problems(from: RowKind): Generator<Problem> {
  for (const [turn, to] of storeKinds.entries()) {
    for (const [i, shape] of shapes.entries()) {
      if (to === "floats" || i === shapes.length - 1 || i % 3 === turn % 3) yield problem(from, to, shape);
    }
  }
}

const unit = 1 / 255;

/** Values that a kind holds but for its rounding: whole units, or anything in [-1, 1]. */
function problem(from: RowKind, to: StoreKind, [rows, columns]: [number, number]): Problem {
  const draw = numbers(rows * 1000 + columns);
  const value = () => (from === "bytes" ? Math.floor((draw() + 1) * 128) * unit : draw());
  return { from, to, values: matrix(rows, columns, value), label: `${from} to ${to}, ${rows} x ${columns}` };
}

interface Run {
  kernel: Kernel;
  params: { rows?: number; batch?: number; depth?: number };
  given?: Record<string, Values>;
  /** Rows and columns of the output, and the workgroups over its rows. */
  rows: number;
  columns: number;
  groups: number;
}

async function output(gpu: Context["gpu"], { from, to, values }: Problem, run: Run): Promise<Float64Array> {
  const columns = values[0]!.length;
  const { output } = await runKernels(
    gpu,
    {
      source: stored(from, values, unit),
      output: blank(to, run.rows, run.columns),
      ...run.given,
    } as Record<string, Values>,
    [
      {
        kernel: run.kernel,
        uniforms: {
          params: { rows: 0, batch: 0, depth: 0, first: 0, columns4: columns4Of(from, columns), unit, ...run.params },
          shape: { columns4: columns4Of(to, run.columns), first: 0 },
        },
        workgroups: [Math.ceil((Math.ceil(columns / 16) * 16) / 512), run.groups, 1],
      },
    ],
  );
  return valuesOf(to, output!);
}

/** Both kinds round, and a byte's unit and its product; what nothing may touch, and padding, is exact. */
function assertRows({ from, to, label }: Problem, actual: Float64Array, expected: Float64Array, what: string): void {
  const bounds = expected.map((value) =>
    value === untouched || value === 0 ? 0 : storageError(from) + storageError(to) + epsilon * Math.abs(value),
  );
  assertWithin(actual, expected, bounds, `${label}, ${what}`);
}

async function checkGather(gpu: Context["gpu"], given: Problem): Promise<void> {
  const { from, to, values } = given;
  const columns = values[0]!.length;
  const draw = numbers(values.length);
  // An epoch that takes rows in any order, some twice, and ends with a smaller minibatch.
  const epoch = vector(Math.max(2, values.length - 1), () => Math.floor(((draw() + 1) / 2) * values.length));
  const batch = Math.ceil(epoch.length / 3);
  for (const step of [0, 1, 2]) {
    if (step * batch >= epoch.length) continue;
    const rows = up4(batch);
    const actual = await output(gpu, given, {
      kernel: gatherRows(from, to),
      params: { batch, rows },
      given: {
        state: state({ step, next: 7, rowCount: epoch.length, destination: 3 }),
        samples: samples(epoch.map((featureRow) => ({ featureRow, targetRow: 99 }))),
      },
      ...{ rows: rows + 2, columns, groups: rows },
    });
    const written = twin.gatherRows(values, epoch, step, batch, rows);
    const expected = laidOut(written, columns4Of(to, columns) * 4);
    const around = vector(2 * columns4Of(to, columns) * 4, () => untouched);
    assertRows(given, actual, Float64Array.of(...expected, ...around), `step ${step}`);
  }
}

async function checkKeep(gpu: Context["gpu"], given: Problem): Promise<void> {
  const { from, to, values } = given;
  const rows = values.length;
  const columns = values[0]!.length;
  for (const [destination, rowCount] of [
    [0, rows],
    [3, Math.ceil((rows * 2) / 3)],
  ] as const) {
    const stride = columns4Of(to, columns) * 4;
    const actual = await output(gpu, given, {
      kernel: keepRows(from, to),
      params: { rows },
      given: { state: state({ step: 9, rowCount, destination }) },
      ...{ rows: rows + 5, columns, groups: rows },
    });
    const padding = vector(stride - columns, () => 0);
    const around = matrix(rows + 5, stride, () => untouched);
    const expected = twin.keepRows(
      values.map((row) => [...row, ...padding]),
      rowCount,
      destination,
      around,
    );
    assertRows(given, actual, laidOut(expected, stride), `${rowCount} rows to ${destination}`);
  }
}

async function checkTiles(gpu: Context["gpu"], given: Problem): Promise<void> {
  const { from, to, values } = given;
  const rows = values.length;
  const depth = up8(values[0]!.length);
  const tiles = Math.ceil(rows / 16);
  const actual = await output(gpu, given, {
    kernel: packRows(from, to),
    params: { rows, depth },
    ...{ rows: tiles * depth + 1, columns: 16, groups: tiles * 2 },
  });
  const expected = twin.packTiles(values, depth).flat(2);
  assertRows(given, actual, Float64Array.of(...expected, ...vector(16, () => untouched)), "packed");
}

async function checkColumns(gpu: Context["gpu"], given: Problem): Promise<void> {
  const { from, to, values } = given;
  const rows = values.length;
  const depth = up8(rows);
  const tiles = Math.ceil(values[0]!.length / 16);
  const actual = await output(gpu, given, {
    kernel: packColumns(from, to),
    params: { rows, depth },
    ...{ rows: tiles * depth + 1, columns: 16, groups: depth },
  });
  const expected = twin.packColumns(values, depth).flat(2);
  assertRows(given, actual, Float64Array.of(...expected, ...vector(16, () => untouched)), "packed by columns");
}

for (const from of rowKinds) {
  test(`gather: the rows of a minibatch from ${from}, the last sample repeated`, async ({ gpu }) => {
    for (const given of problems(from)) await checkGather(gpu, given);
  });

  test(`gather: rows kept from ${from}, at their destination and nowhere else`, async ({ gpu }) => {
    for (const given of problems(from)) await checkKeep(gpu, given);
  });

  test(`gather: packed tiles of 16 rows from ${from}`, async ({ gpu }) => {
    for (const given of problems(from)) await checkTiles(gpu, given);
  });
}

for (const from of rowKinds) {
  test(`gather: packed tiles of 16 columns from ${from}`, async ({ gpu }) => {
    for (const given of problems(from)) await checkColumns(gpu, given);
  });
}

test("gather: a batch larger than the epoch repeats its last row", async ({ gpu }) => {
  const given = problem("floats", "floats", [3, 5]);
  const actual = await output(gpu, given, {
    kernel: gatherRows("floats", "floats"),
    params: { batch: 7, rows: 8 },
    given: {
      state: state({ rowCount: 3 }),
      samples: samples([{ featureRow: 2 }, { featureRow: 0 }, { featureRow: 1 }]),
    },
    ...{ rows: 9, columns: 5, groups: 8 },
  });
  const order = [2, 0, 1, 1, 1, 1, 1, 1].map((row) => given.values[row]!);
  assertRows(given, actual, laidOut(order, 8, 9).fill(untouched, 8 * 8), "output");
});
