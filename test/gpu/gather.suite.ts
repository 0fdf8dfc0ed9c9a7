// shaders/gather.wgsl with every way rows may lie, against test/twins/gather.ts.
import { gatherRows, gatherTiles, type RowKind } from "../../src/nn/kernels/gather.ts";
import { type Rows, rowBuffers } from "../../src/nn/rows.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import * as twin from "../twins/gather.ts";
import { type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, samples, state, untouched, type Values } from "./run_kernel.ts";

const kinds: RowKind[] = ["bytes", "floats", "shards"];
const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Rows and columns at every ragged size, and columns across workgroups of 256. */
const shapes: [rows: number, columns: number][] = [
  ...ragged.map((rows, i): [number, number] => [rows, ragged[(i + 4) % 11]!]),
  [5, 257],
  [3, 784],
];

/** Rows as a kind keeps them: the bindings, and the values that they stand for. */
function stored(kind: RowKind, rows: number, columns: number, seed: number) {
  const draw = numbers(seed);
  const counts = matrix(rows, columns, () => (kind === "bytes" ? Math.floor((draw() + 1) * 128) : draw()));
  const unit = kind === "bytes" ? 1 / 255 : kind === "shards" ? 1 : 0.3;
  const values = map(counts, (count) => count * unit);
  if (kind === "bytes") {
    const bytes = Uint8Array.from(padded(counts));
    return { values, unit, rowsPerShard: 1, sources: { source0: new Uint32Array(bytes.buffer) } };
  }
  if (kind === "floats") return { values, unit, rowsPerShard: 1, sources: { source0: padded32(counts) } };
  // As many shards as the rows fill, up to eight; the last one is smaller.
  const rowsPerShard = Math.ceil(rows / Math.min(8, rows));
  const shards = vector(Math.ceil(rows / rowsPerShard), (i) =>
    padded32(counts.slice(i * rowsPerShard, (i + 1) * rowsPerShard)),
  );
  const sources = Object.fromEntries(vector(8, (i) => i).map((i) => [`source${i}`, shards[i] ?? shards[0]!]));
  return { values, unit, rowsPerShard, sources };
}

/** The unit is rounded once, its product once. */
function assertRows(actual: Values, expected: Float64Array, label: string): void {
  const bounds = expected.map((value) => (value === untouched ? 0 : epsilon * Math.abs(value)));
  assertWithin(actual, expected, bounds, label);
}

async function checkRows(gpu: Context["gpu"], kind: RowKind, [rows, columns]: [number, number]): Promise<void> {
  const draw = numbers(rows);
  const source = stored(kind, rows, columns, rows * 1000 + columns);
  const columns4 = up4(columns) / 4;
  // An epoch that takes rows in any order, some twice, and ends with a smaller minibatch.
  const epoch = vector(Math.max(2, rows - 1), () => Math.floor(((draw() + 1) / 2) * rows));
  const batch = Math.ceil(epoch.length / 3);
  for (const [step, destination] of [
    [0, 0],
    [0, 3],
    [1, 0],
    [2, 5],
  ] as const) {
    if (step * batch >= epoch.length) continue;
    const label = `${kind} ${rows} x ${columns}, step ${step}, destination ${destination}`;
    const { output } = await runKernels(
      gpu,
      {
        state: state({ step, rowCount: epoch.length, destination }),
        samples: samples(epoch.map((featureRow) => ({ featureRow, targetRow: 99 }))),
        output: new Float32Array((destination + up4(batch) + 2) * columns4 * 4).fill(untouched),
        ...source.sources,
      } as Record<string, Values>,
      [
        {
          kernel: gatherRows(kind),
          uniforms: {
            params: { rows: up4(batch), batch, columns4, rowsPerShard: source.rowsPerShard, unit: source.unit },
          },
          workgroups: [Math.ceil(columns4 / 64), up4(batch), 1],
        },
      ],
    );
    const expected = new Float64Array(output!.length).fill(untouched);
    const written = twin.gatherRows(source.values, epoch, step, batch, up4(batch));
    expected.set(padded(written), destination * columns4 * 4);
    assertRows(output!, expected, label);
  }
}

async function checkTiles(gpu: Context["gpu"], kind: RowKind, [rows, columns]: [number, number]): Promise<void> {
  const source = stored(kind, rows, columns, rows * 1000 + columns);
  const columns4 = up4(columns) / 4;
  const tileCount = Math.ceil(rows / 16);
  const { output } = await runKernels(
    gpu,
    { output: new Float32Array(tileCount * columns4 * 64 + 16).fill(untouched), ...source.sources } as Record<
      string,
      Values
    >,
    [
      {
        kernel: gatherTiles(kind),
        uniforms: { params: { rows, batch: 0, columns4, rowsPerShard: source.rowsPerShard, unit: source.unit } },
        workgroups: [Math.ceil(columns4 / 64), tileCount, 1],
      },
    ],
  );
  const padding = (tile: Matrix) => [...tile, ...matrix(up4(columns) - columns, 16, () => 0)];
  const expected = [...twin.gatherTiles(source.values).flatMap(padding).flat(), ...vector(16, () => untouched)];
  assertRows(output!, Float64Array.from(expected), `${kind} ${rows} x ${columns}`);
}

for (const kind of kinds) {
  test(`gather: the rows of a minibatch from ${kind}, into their destination and nowhere else`, async (t) => {
    if (kind === "shards") needBuffers(t, 11);
    for (const shape of shapes) await checkRows(t.gpu, kind, shape);
  });

  test(`gather: tiles of 16 rows from ${kind}`, async (t) => {
    if (kind === "shards") needBuffers(t, 9);
    for (const shape of shapes) await checkTiles(t.gpu, kind, shape);
  });
}

function needBuffers({ gpu, skip }: Context, wanted: number): void {
  const limit = gpu.limits.maxStorageBuffersPerShaderStage;
  if (limit < wanted) skip(`eight shards need ${wanted} storage buffers, but ${gpu.adapter.name} has ${limit}`);
}

test("gather: a batch larger than the epoch writes no row beyond it", async ({ gpu }) => {
  const source = stored("floats", 3, 5, 1);
  const { output } = await runKernels(
    gpu,
    {
      state: state({ rowCount: 3 }),
      samples: samples([{ featureRow: 2 }, { featureRow: 0 }, { featureRow: 1 }]),
      output: new Float32Array(8 * 8).fill(untouched),
      ...source.sources,
    } as Record<string, Values>,
    [
      {
        kernel: gatherRows("floats"),
        uniforms: { params: { rows: 8, batch: 7, columns4: 2, rowsPerShard: 1, unit: source.unit } },
        workgroups: [1, 8, 1],
      },
    ],
  );
  const { values } = source;
  const expected = padded([values[2]!, values[0]!, values[1]!], 8).fill(untouched, 3 * 8);
  assertRows(output!, expected, "output");
});

test("gather: bindings of shards that are not there take the first", () => {
  const buffers = ["a", "b", "c"] as unknown as GPUBuffer[];
  const rows: Rows = { kind: "shards", buffers, columns: 4, rowsPerShard: 2, unit: 1 };
  const bound = Object.values(rowBuffers(rows)).join("");
  if (bound !== "abcaaaaa") throw new Error(`bound ${bound}`);
});
