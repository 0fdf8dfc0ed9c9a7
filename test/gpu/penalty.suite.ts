// shaders/penalty.wgsl against test/twins/training.ts.
import { assert } from "chai";
import { packStruct, write } from "../../src/gpu/buffers.ts";
import { layers, regularizers } from "../../src/index.ts";
import { penalty, regularizedStruct } from "../../src/nn/kernels/penalty.ts";
import { penaltyLanes, penaltySum } from "../../src/train/penalties.ts";
import { RowSet } from "../../src/train/row_set.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import { numbers, vector } from "../twins/matrix.ts";
import * as twin from "../twins/training.ts";
import { type Context, test } from "./harness.ts";
import { faultIn, runKernels, state } from "./run_kernel.ts";
import { limited, prepare } from "./training.ts";

const factors = [
  { l1: 0.25, l2: 0.0625 },
  { l1: 0, l2: 0.5 },
  { l1: 0.125, l2: 0 },
];

/** Weights one after the other with a vec4f between them, at step 2 of 3; the first `adding` get their gradients. */
async function run(gpu: Context["gpu"], weights: readonly (readonly number[])[], adding: number, lanes: number) {
  let first = 1;
  const table = weights.flatMap((w, i) => {
    const one = { first, count: w.length / 4, ...factors[i % factors.length]! };
    first += one.count + 1;
    return [...new Uint32Array(packStruct(regularizedStruct, one))];
  });
  const block = Float32Array.from([9, 9, 9, 9, ...weights.flatMap((w) => [...w, 9, 9, 9, 9])]);
  const after = await runKernels(
    gpu,
    {
      state: state({ step: 2, next: 3 }),
      weights: Uint32Array.from(table),
      parameters: block,
      gradients: new Float32Array(block.length).fill(0.5),
      penalties: new Float32Array(lanes * 4).fill(-1),
    },
    [{ kernel: penalty, uniforms: { params: { adding, lanes } }, workgroups: [Math.ceil(lanes / 64), 1, 1] }],
  );
  return { ...after, fault: faultIn(after.state) };
}

test("penalty: sums and gradients of one to three weights of ragged sizes; others untouched", async ({ gpu }) => {
  for (const [sizes, lanes] of [
    [[1], 1024],
    [[63, 64], 64],
    [[65, 1, 131], 1],
    [[65, 1, 131], 1024],
    [[1023, 1025, 3], 16],
    [[1023, 1025, 3], 1024],
    [[2053], 128],
  ] as const) {
    const draw = numbers(sizes.length);
    // Zeros have no gradient.
    const weights = sizes.map((count) => vector(count * 4, (i) => (i % 5 === 4 ? 0 : draw())));
    const exact = weights.reduce((sum, w, i) => sum + twin.penalty(w, factors[i]!), 0);
    for (const adding of [0, 1, sizes.length]) {
      const { gradients, penalties, fault } = await run(gpu, weights, adding, lanes);
      const label = `${sizes}, ${lanes} lanes, ${adding} with gradients`;
      const step = (i: number) => penalties.slice(i * lanes, (i + 1) * lanes);
      const sum = penaltySum(step(2).buffer, lanes, () => 1);
      const terms = 4 * sizes.reduce((total, count) => total + Math.ceil(count / lanes), 0);
      assertWithin([sum], [exact], sumBound(terms) * exact, label);
      assertWithin(
        [...step(1), ...step(3)],
        vector(2 * lanes, () => -1),
        0,
        `${label}: other steps`,
      );
      const expected = weights.flatMap((w, i) => [
        ...w.map((value) => 0.5 + (i < adding ? twin.penaltyGradient(value, factors[i]!) : 0)),
        ...vector(4, () => 0.5),
      ]);
      assertWithin(gradients, [...vector(4, () => 0.5), ...expected], 4 * epsilon, `${label}: gradients`);
      assertWithin([fault], [0xffffffff], 0, `${label}: fault`);
    }
  }
});

test("penalty: a step's penalty counts for each of its rows", () => {
  const lanes = 64;
  const partials = Float32Array.from({ length: 3 * lanes }, (_, i) => (i % 2 === 0 ? 2 ** -5 : 0));
  const rows = [7, 7, 3]; // and a penalty of 1 each
  assertWithin([penaltySum(partials.buffer, lanes, (step) => rows[step]!)], [17], 0, "sum");
  assertWithin([penaltySum(new ArrayBuffer(0), lanes, () => Number.NaN)], [0], 0, "without regularizers");
});

test("penalty: one that is not finite is the step's fault", async ({ gpu }) => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 70]) {
    for (const at of [0, 3, 131]) {
      const w = vector(132, (i) => (i === at ? bad : 0.5));
      assertWithin([(await run(gpu, [[0, 0, 0, 0], w], 2, 64)).fault], [2], 0, `${bad} at ${at}`);
    }
  }
});

test("penalty: the more steps, the fewer partial sums of each, and no more than 16 MiB", () => {
  const steps = [1, 4096, 4097, 40_000, 2 ** 22, 2 ** 24];
  assert.deepEqual(steps.map(penaltyLanes), [1024, 1024, 512, 64, 1, 1]);
});

test("penalty: there is room for those of 40,000 steps, and they are read", async ({ gpu }) => {
  const dense = layers.dense({ units: 1, kernelRegularizer: regularizers.l2(0.5) });
  const narrow = limited(gpu, { maxStorageBufferBindingSize: 2 ** 27 });
  const { engine } = await prepare(narrow, { layers: [dense] });
  const rows = 40_000;
  const { inputDim } = engine.network;
  const x = { data: new Float32Array(rows * inputDim), shape: [rows, inputDim] } as const;
  const targets = { kind: "labels", labels: new Uint32Array(rows), rows } as const;
  const set = await RowSet.create(engine, x, targets, { batchSize: 1, budget: 2 ** 24, precision: "float32" });
  set.begin(set.inOrder);
  const { sums, lanes } = set.penalties!;
  assert.deepEqual([set.steps, lanes, sums.size], [rows, 64, rows * 256]);
  write(gpu, sums, new Float32Array(rows * lanes).fill(0.25));
  assert.deepEqual([...(await set.read()).sums], [rows * lanes * 0.25]);
  set.destroy();
  engine.destroy();
});
