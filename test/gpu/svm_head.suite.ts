// shaders/svm_head.wgsl against test/twins/svm_head.ts: blocks of up to 16 classes, slices, every optimizer.
import { optimizerShaders } from "../../src/nn/kernels/optimizers.ts";
import { partialLogits, updateHead } from "../../src/nn/kernels/svm_head.ts";
import { optimizers } from "../../src/nn/optimizers.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import { abs, type Matrix, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import * as twin from "../twins/optimizers.ts";
import * as head from "../twins/svm_head.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, state, untouched, type Values } from "./run_kernel.ts";

interface Shape {
  batch: number;
  features: number;
  classes: number;
}

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Batch and features at every ragged size, once each; the classes of the example. */
const raggedShapes: Shape[] = ragged.map((batch, i) => {
  return { batch, features: ragged[(i + 5) % ragged.length]!, classes: 10 };
});
/** 1 to 70 classes: every block of up to 16, full and ragged, and several blocks. */
const classShapes: Shape[] = Array.from({ length: 70 }, (_, i) => ({ batch: 5, features: 9, classes: i + 1 }));

/** As a plan divides classes, and with blocks of another width in turn. */
function blockings(classes: number): { classVec4s: number; blocks: number }[] {
  const classes4 = up4(classes) / 4;
  const even = Math.ceil(classes4 / Math.ceil(classes4 / 4));
  const widths = new Set([even, 1 + (classes % 4)]);
  return [...widths].map((classVec4s) => ({ classVec4s, blocks: Math.ceil(classes4 / classVec4s) }));
}

async function checkLogits(gpu: Context["gpu"], { batch, features, classes }: Shape, slices: number): Promise<void> {
  const draw = numbers(batch * 1e4 + features * 100 + classes);
  const rows = up4(batch);
  const stride = up4(classes);
  const z = matrix(rows, features, draw);
  const w = matrix(features, classes, draw);
  const expected = head.partialLogits(z, w, slices).flatMap((part) => [...padded(part)]);
  const sizes = head.partialLogits(abs(z), abs(w), slices).flatMap((part) => [...padded(part)]);
  const perSlice = Math.ceil(up4(features) / slices);
  for (const { classVec4s, blocks } of blockings(classes)) {
    const { partials } = await runKernels(
      gpu,
      {
        inputs: padded32(z),
        // One vec4f before W, so that its place counts.
        parameters: Float32Array.of(...vector(4, () => untouched), ...padded32(w, up4(features))),
        partials: new Float32Array(slices * rows * stride + 4).fill(untouched),
      },
      [
        {
          kernel: partialLogits(classVec4s),
          uniforms: uniforms({ batch, features, classes }, { weights: 1, slices }),
          workgroups: [slices, Math.ceil(rows / 128), blocks],
        },
      ],
    );
    const label = `${batch} x ${features} x ${classes}, ${slices} slices, blocks of ${classVec4s}`;
    const bounds = sizes.map((size) => sumBound(perSlice + 3) * size);
    assertWithin(partials.subarray(0, -4), expected, bounds, label);
    assertWithin(
      partials.subarray(-4),
      vector(4, () => untouched),
      0,
      `${label}, behind the end`,
    );
  }
}

function uniforms({ batch, features, classes }: Shape, { weights = 0, slices = 1 }) {
  const sizes = { rows: up4(batch), features4: up4(features) / 4, classes4: up4(classes) / 4 };
  return { params: { batch, ...sizes, weights, slices } };
}

test("svm_head: partial logits at ragged sizes, also with more slices than features", async ({ gpu }) => {
  for (const shape of raggedShapes) {
    for (const slices of [1, 3, 32]) await checkLogits(gpu, shape, slices);
  }
  await checkLogits(gpu, { batch: 131, features: 257, classes: 10 }, 32);
});

test("svm_head: partial logits of 1 to 70 classes", async ({ gpu }) => {
  for (const shape of classShapes) await checkLogits(gpu, shape, 2);
});

/** One update of the head at the second step of an epoch, whose rows beyond the valid ones hold what they may not. */
async function checkSgd(gpu: Context["gpu"], shape: Shape, valid: number): Promise<void> {
  const { batch, features, classes } = shape;
  const draw = numbers(batch * 1e4 + features * 100 + classes + valid);
  const { z, g, w } = problem(shape, valid, draw);
  const learningRate = 2 ** -3;
  const gradient = head.headGradient(z, g, valid);
  const sizes = head.headGradient(abs(z), abs(g), valid);
  const expected = w.map((row, i) => row.map((value, c) => value - learningRate * gradient[i]![c]!));
  const bounds = w.map((row, i) =>
    row.map((value, c) => epsilon * Math.abs(value) + learningRate * (sumBound(valid) + epsilon) * sizes[i]![c]!),
  );
  for (const { classVec4s, blocks } of blockings(classes)) {
    const { parameters, ...after } = await runKernels(
      gpu,
      {
        state: state({ step: 1, rowCount: batch + valid }),
        inputs: padded32(z),
        parameters: block(w),
        gradient: padded32(g),
        stepSizes: Float32Array.of(untouched, learningRate),
      },
      [
        {
          kernel: updateHead(optimizerShaders.sgd, classVec4s),
          uniforms: uniforms(shape, { weights: 1 }),
          workgroups: [Math.ceil((up4(features) / 4 + 1) / 64), blocks, 1],
        },
      ],
    );
    const label = `${batch} x ${features} x ${classes}, ${valid} valid, blocks of ${classVec4s}`;
    assertWithin(parameters, blockOf(expected, untouched), blockOf(bounds, 0), label);
    assertWithin(after.state, state({ step: 1, rowCount: batch + valid }), 0, `${label}: state`);
  }
}

/** Inputs, gradients and weights with the bias as their last row; NaN in the rows beyond the valid ones. */
function problem({ batch, features, classes }: Shape, valid: number, draw: () => number) {
  const rows = up4(batch);
  const beyond = (i: number) => i >= valid;
  return {
    z: matrix(rows, features, (i) => (beyond(i) ? Number.NaN : draw())),
    g: matrix(rows, classes, (i) => (beyond(i) ? Number.NaN : draw())),
    w: matrix(features + 1, classes, draw),
  };
}

/** W padded to a multiple of four rows, then b; a vec4f that nothing may touch before and behind. */
function blockOf(w: Matrix, around: number): Float64Array {
  const guard = vector(4, () => around);
  const bias = padded(w.slice(-1));
  return Float64Array.of(...guard, ...padded(w.slice(0, -1), up4(w.length - 1)), ...bias, ...guard);
}

function block(w: Matrix): Float32Array {
  return Float32Array.from(blockOf(w, untouched));
}

test("svm_head: the update at ragged sizes; rows beyond the valid ones add nothing, padding stays zero", async (t) => {
  for (const shape of raggedShapes) {
    for (const valid of new Set([shape.batch, Math.ceil(shape.batch / 2), 1])) await checkSgd(t.gpu, shape, valid);
  }
  await checkSgd(t.gpu, { batch: 3, features: 521, classes: 5 }, 3);
});

test("svm_head: the update of 1 to 70 classes", async ({ gpu }) => {
  for (const shape of classShapes) await checkSgd(gpu, shape, 4);
});

const settings = { learningRate: 0.05, beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
const all = [
  { made: optimizers.adam(settings), update: twin.adam(settings), slots: 2 },
  { made: optimizers.adam({ ...settings, amsgrad: true }), update: twin.amsgrad(settings), slots: 3 },
  ...[false, true].map((nesterov) => {
    const sgd = { learningRate: 0.05, momentum: 0.75, nesterov };
    return { made: optimizers.sgd(sgd), update: twin.momentum(sgd), slots: 1 };
  }),
];

test("svm_head: every optimizer's step from the head's own gradient", async ({ gpu }) => {
  for (const { made, update, slots } of all) {
    for (const shape of [
      { batch: 7, features: 13, classes: 3 },
      { batch: 17, features: 65, classes: 23 },
    ]) {
      const { batch, features, classes } = shape;
      const draw = numbers(batch);
      const { z, g, w } = problem(shape, batch, draw);
      // Between 1/2 and 1, as a v that has been warmed up; so that the root's slope is bounded.
      const before = vector(slots, () => matrix(features + 1, classes, () => 0.75 + draw() / 4));
      const gradient = head.headGradient(z, g, batch);
      const weights = w.map((row, i) =>
        row.map((value, c): twin.Weight => ({ w: value, slots: before.map((slot) => slot[i]![c]!) })),
      );
      for (const [i, row] of weights.entries()) for (const [c, one] of row.entries()) update(one, gradient[i]![c]!, 1);
      const classes4 = up4(classes) / 4;
      const blocks = Math.ceil(classes4 / 4);
      const step = made.stepSize(1);
      const after = await runKernels(
        gpu,
        {
          state: state({ rowCount: batch }),
          inputs: padded32(z),
          parameters: block(w),
          gradient: padded32(g),
          stepSizes: Float32Array.of(step),
          ...Object.fromEntries(before.map((slot, i) => [`slot${i}`, block(slot)])),
        } as Record<string, Values>,
        [
          {
            kernel: updateHead(made.shader, Math.ceil(classes4 / blocks)),
            uniforms: { ...uniforms(shape, { weights: 1 }), hyper: made.hyper },
            workgroups: [Math.ceil((up4(features) / 4 + 1) / 64), blocks, 1],
          },
        ],
      );
      const label = `${made.name} ${JSON.stringify(made.config)}`;
      const expected = (of: (one: twin.Weight) => number) => weights.map((row) => row.map(of));
      const everywhere = (bound: number) => w.map((row) => row.map(() => bound));
      const check = (actual: Values, values: Matrix, bound: number, what: string) =>
        assertWithin(actual, blockOf(values, untouched), blockOf(everywhere(bound), 0), `${label}: ${what}`);
      // A gradient is at most `batch` and off by sumBound of it. With v >= 1/2 a share of it moves a weight by less
      // than 4 steps of that share; a dozen operations have half an epsilon each.
      const gBound = (sumBound(batch) + 6 * epsilon) * (batch + 1);
      check(
        after.parameters!,
        expected((one) => one.w),
        epsilon + 4 * step * gBound,
        "weights",
      );
      for (let i = 0; i < slots; i++) {
        // Of the gradient (or its step), or of its square.
        const slope = made.name === "adam" && i > 0 ? 0.01 * 2 * (batch + 1) : 0.1;
        check(
          after[`slot${i}`]!,
          expected((one) => one.slots[i]!),
          4 * epsilon + slope * gBound,
          `slot ${i}`,
        );
      }
    }
  }
});

// In W and in b, at a first and at a last place; in a row of the gradient it reaches both.
const places = [
  ["w", 0, 0],
  ["w", 4, 1],
  ["w", 5, 1],
  ["g", 1, 0],
] as const;
// What the state holds before and after step 4.
const faults = [
  [0xffffffff, 4],
  [6, 4],
  [2, 2],
] as const;

test("svm_head: a weight that becomes infinite or NaN sets the fault, and keeps an earlier one", async ({ gpu }) => {
  const shape = { batch: 3, features: 5, classes: 2 };
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const [place, row, column] of places) {
      for (const [fault, expected] of faults) {
        const values = problem(shape, 3, numbers(1));
        values[place][row]![column] = bad;
        const after = await runKernels(
          gpu,
          {
            state: state({ step: 4, rowCount: 15, fault }),
            inputs: padded32(values.z),
            parameters: block(values.w),
            gradient: padded32(values.g),
            stepSizes: new Float32Array(5).fill(0.5),
          },
          [
            {
              kernel: updateHead(optimizerShaders.sgd, 1),
              uniforms: uniforms(shape, { weights: 1 }),
              workgroups: [1, 1, 1],
            },
          ],
        );
        assertWithin([after.state[3]!], [expected], 0, `${bad} in ${place}[${row}][${column}], fault ${fault} before`);
      }
    }
  }
});
