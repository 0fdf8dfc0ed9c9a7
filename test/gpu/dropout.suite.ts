// shaders/dropout.wgsl against test/twins/dropout.ts.
import { packStruct } from "../../src/gpu/buffers.ts";
import { dropout } from "../../src/nn/kernels/dropout.ts";
import { stepStruct } from "../../src/nn/kernels/wgsl.ts";
import { streamKey } from "../../src/random.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import { dropoutMask } from "../twins/dropout.ts";
import { type Matrix, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, state, untouched } from "./run_kernel.ts";

interface Draw {
  rate: number;
  seed: number;
  name: string;
  /** Of the step that is run, the second of its epoch. */
  iteration: number;
}

async function dropped(gpu: Context["gpu"], x: Matrix, { rate, seed, name, iteration }: Draw): Promise<Float32Array> {
  const columns = x[0]!.length;
  const { key, counter } = streamKey(seed, `${name}.mask`);
  const outputs4 = up4(columns) / 4;
  const table = [iteration - 1, iteration, iteration + 1].flatMap((iteration) => [
    ...new Uint32Array(packStruct(stepStruct, { size: 0, rate: 0, average: 0, iteration })),
  ]);
  const { output } = await runKernels(
    gpu,
    {
      state: state({ step: 1, rowCount: 100 }),
      stepTable: Uint32Array.from(table),
      source: padded32(x),
      output: new Float32Array(x.length * outputs4 * 4 + 4).fill(untouched),
    },
    [
      {
        kernel: dropout("floats"),
        uniforms: {
          params: {
            ...{ rows: x.length, batch: x.length, columns4: outputs4, first: 0, unit: 1, outputs4 },
            ...{ seedLow: key[0], seedHigh: key[1], nameLow: counter[0], nameHigh: counter[1] },
            threshold: Math.round(rate * 2 ** 32),
            scale: 1 / (1 - rate),
          },
        },
        workgroups: [Math.ceil(columns / 512), x.length, 1],
      },
    ],
  );
  return output;
}

test("dropout: the mask is that of Philox on the CPU, to the bit, at ragged sizes", async ({ gpu }) => {
  const sizes: [number, number][] = [
    [1, 1],
    [3, 5],
    [4, 63],
    [17, 64],
    [64, 65],
    [127, 131],
  ];
  const draws: Draw[] = [
    { rate: 0.5, seed: 0, name: "dropout", iteration: 1 },
    { rate: 0.1, seed: 7 * 2 ** 32 + 5, name: "dropout_1", iteration: 2 ** 31 + 12345 },
    { rate: 0.99, seed: Number.MAX_SAFE_INTEGER, name: "", iteration: 2 ** 32 - 2 },
  ];
  for (const [rows, columns] of sizes) {
    for (const draw of draws) {
      const x = matrix(rows, columns, numbers(rows * 1000 + columns));
      const scale = Math.fround(1 / (1 - draw.rate));
      const mask = dropoutMask(draw, rows, columns);
      const expected = x.map((row, i) => row.map((value, j) => (mask[i]![j] ? Math.fround(scale * value) : 0)));
      const guard = vector(4, () => untouched);
      const output = await dropped(gpu, x, draw);
      assertWithin(output, [...padded(expected), ...guard], 0, `${rows} x ${columns}, ${JSON.stringify(draw)}`);
    }
  }
});

test("dropout: keeps the share of values it says, however the draws are told apart", async ({ gpu, note }) => {
  const [rows, columns] = [256, 1024];
  const x = matrix(rows, columns, () => 1);
  const kept: boolean[][] = [];
  const worst = { sigmas: 0 };
  for (const draw of [
    { rate: 0.25, seed: 1, name: "dropout", iteration: 1 },
    { rate: 0.25, seed: 2, name: "dropout", iteration: 1 },
    { rate: 0.25, seed: 1, name: "dropout_1", iteration: 1 },
    { rate: 0.25, seed: 1, name: "dropout", iteration: 2 },
  ]) {
    const output = await dropped(gpu, x, draw);
    const values = Array.from(output.subarray(0, rows * columns));
    const share = values.filter((value) => value > 0).length / values.length;
    kept.push(values.map((value) => value > 0));
    check(share, 1 - draw.rate, values.length, JSON.stringify(draw));
  }
  // Any two of the masks keep a value as often as independent ones do, and neighbours in a mask too.
  for (const [i, one] of kept.entries()) {
    for (const other of kept.slice(i + 1)) together(one, other, "two masks");
    for (const step of [1, 4, columns]) together(one, [...one.slice(step), ...one.slice(0, step)], `${step} apart`);
  }
  note(`largest deviation ${worst.sigmas.toFixed(1)} standard errors`);

  function together(one: boolean[], other: boolean[], label: string): void {
    const both = one.filter((value, k) => value && other[k]).length;
    check(both / one.length, 0.75 ** 2, one.length, label);
  }

  function check(share: number, probability: number, n: number, label: string): void {
    const sigmas = Math.abs(share - probability) / Math.sqrt((probability * (1 - probability)) / n);
    worst.sigmas = Math.max(worst.sigmas, sigmas);
    if (!(sigmas < 5)) throw new Error(`${label}: a share of ${share}, expected ${probability}.`);
  }
});

test("dropout: a gradient passes where its value passed", async ({ gpu }) => {
  const draw = { rate: 0.5, seed: 3, name: "dropout", iteration: 9 };
  const ones = matrix(5, 7, () => 1);
  const g = matrix(5, 7, numbers(1));
  const [mask, dx] = [await dropped(gpu, ones, draw), await dropped(gpu, g, draw)];
  const expected = [...padded(g)].map((value, i) => value * mask[i]!);
  assertWithin(dx.subarray(0, expected.length), expected, epsilon, "dx");
});
