// shaders/penalty.wgsl against test/twins/training.ts.
import { packStruct } from "../../src/gpu/buffers.ts";
import { penalty, penaltyLanes, regularizedStruct } from "../../src/nn/kernels/penalty.ts";
import { penaltySum } from "../../src/train/penalties.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import { numbers, vector } from "../twins/matrix.ts";
import * as twin from "../twins/training.ts";
import { type Context, test } from "./harness.ts";
import { faultIn, runKernels, state } from "./run_kernel.ts";

const factors = [
  { l1: 0.25, l2: 0.0625 },
  { l1: 0, l2: 0.5 },
  { l1: 0.125, l2: 0 },
];

/** Weights one after the other with a vec4f between them, at step 2 of 3; the first `adding` get their gradients. */
async function run(gpu: Context["gpu"], weights: readonly (readonly number[])[], adding: number) {
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
      penalties: new Float32Array(penaltyLanes * 4).fill(-1),
    },
    [{ kernel: penalty, uniforms: { params: { adding } }, workgroups: [penaltyLanes / 64, 1, 1] }],
  );
  return { ...after, fault: faultIn(after.state) };
}

test("penalty: sums and gradients of one to three weights of ragged sizes; others untouched", async ({ gpu }) => {
  for (const sizes of [[1], [63, 64], [65, 1, 131], [1023, 1025, 3], [2053]]) {
    const draw = numbers(sizes.length);
    // Zeros have no gradient.
    const weights = sizes.map((count) => vector(count * 4, (i) => (i % 5 === 4 ? 0 : draw())));
    const exact = weights.reduce((sum, w, i) => sum + twin.penalty(w, factors[i]!), 0);
    for (const adding of [0, 1, sizes.length]) {
      const { gradients, penalties, fault } = await run(gpu, weights, adding);
      const label = `${sizes}, ${adding} with gradients`;
      const step = (i: number) => penalties.slice(i * penaltyLanes, (i + 1) * penaltyLanes);
      const sum = penaltySum(step(2).buffer, () => 1);
      const terms = 4 * sizes.reduce((total, count) => total + Math.ceil(count / penaltyLanes), 0);
      assertWithin([sum], [exact], sumBound(terms) * exact, label);
      assertWithin(
        [...step(1), ...step(3)],
        vector(2 * penaltyLanes, () => -1),
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
  const partials = Float32Array.from({ length: 3 * penaltyLanes }, (_, i) => (i % 2 === 0 ? 2 ** -9 : 0));
  const rows = [7, 7, 3]; // and a penalty of 1 each
  assertWithin([penaltySum(partials.buffer, (step) => rows[step]!)], [17], 0, "sum");
  assertWithin([penaltySum(new ArrayBuffer(0), () => Number.NaN)], [0], 0, "without regularizers");
});

test("penalty: one that is not finite is the step's fault", async ({ gpu }) => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 70]) {
    for (const at of [0, 3, 131]) {
      const w = vector(132, (i) => (i === at ? bad : 0.5));
      assertWithin([(await run(gpu, [[0, 0, 0, 0], w], 2)).fault], [2], 0, `${bad} at ${at}`);
    }
  }
});
