// shaders/svm_head.wgsl against test/twins/svm_head.ts: every kind of rows, every shape, slices, every optimizer.
import { storeKinds } from "../../src/nn/kernels/rows.ts";
import { type HeadInput, type HeadShape, slices } from "../../src/nn/kernels/svm_head.ts";
import { optimizers } from "../../src/nn/optimizers.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import { abs, type Matrix, matrix, numbers, vector } from "../twins/matrix.ts";
import * as twin from "../twins/optimizers.ts";
import * as head from "../twins/svm_head.ts";
import { penaltyGradient } from "../twins/training.ts";
import { type Context, test } from "./harness.ts";
import {
  block,
  blockOf,
  type HeadProblem,
  headProblem,
  partialsOf,
  planned,
  runLogits,
  runUpdate,
  type Sizes,
} from "./head_problem.ts";
import { faultIn, state, untouched, type Values } from "./run_kernel.ts";
import { precisions, storageError } from "./stored.ts";

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Batch and features at every ragged size, once each; the classes of the example. */
const raggedSizes: Sizes[] = [
  ...ragged.map((batch, i) => ({ batch, features: ragged[(i + 5) % ragged.length]!, classes: 10 })),
  // Every slice more than once, and texels across lines of 8,192 in 32 and in 16 bits.
  { batch: 131, features: 257, classes: 10 },
  { batch: 67, features: 521, classes: 10 },
];
/** 1 to 70 classes: every block of up to 16, full and ragged, and several blocks. */
const classSizes: Sizes[] = vector(70, (i) => ({ batch: 5, features: 9, classes: i + 1 }));
const labelOf = ({ batch, features, classes, valid }: HeadProblem, shape: HeadShape, input: HeadInput) =>
  `${batch} x ${features} x ${classes}, ${valid} valid, ${Object.values(shape)} of ${input.kind}` +
  `${input.throughSamples ? " through samples" : ""}`;

async function checkLogits(gpu: Context["gpu"], problem: HeadProblem, shape: HeadShape, input: HeadInput) {
  const { z, w, features, classes } = problem;
  const w0 = w.slice(0, -1);
  const label = labelOf(problem, shape, input);
  const partials = await runLogits(gpu, problem, shape, input);
  const expected = partialsOf(head.partialLogits(z, w0, slices), classes);
  // A product takes the error of a kept value of at most 1 from a weight of at most 1.
  const sizes = partialsOf(head.partialLogits(abs(z), abs(w0), slices), classes);
  const weights = partialsOf(
    head.partialLogits(
      abs(z).map((row) => row.map(() => 1)),
      abs(w0),
      slices,
    ),
    classes,
  );
  const perSlice = Math.ceil(features / 8 / slices) * 8;
  const bounds = sizes.map((size, i) => sumBound(perSlice) * size + storageError(input.kind) * weights[i]!);
  assertWithin(partials.subarray(0, -4), expected, bounds, label);
  assertWithin(
    partials.subarray(-4),
    vector(4, () => untouched),
    0,
    `${label}, behind the end`,
  );
}

async function checkUpdate(gpu: Context["gpu"], problem: HeadProblem, shape: HeadShape, input: HeadInput) {
  const { z, g, w, valid, batch } = problem;
  const learningRate = 2 ** -3;
  const gradient = head.headGradient(z, g, valid);
  const sizes = head.headGradient(abs(z), abs(g), valid);
  const ones = head.headGradient(
    z.map((row) => row.map(() => 1)),
    abs(g),
    valid,
  );
  const expected = w.map((row, i) => row.map((value, c) => value - learningRate * gradient[i]![c]!));
  const bounds = w.map((row, i) =>
    row.map((value, c) => {
      const rounding = (sumBound(valid) + epsilon) * sizes[i]![c]! + storageError(input.kind) * ones[i]![c]!;
      return epsilon * Math.abs(value) + learningRate * rounding;
    }),
  );
  const after = await runUpdate(gpu, problem, shape, input, { stepSize: learningRate });
  const label = labelOf(problem, shape, input);
  assertWithin(after.parameters!, blockOf(expected, untouched), blockOf(bounds, 0), label);
  assertWithin(after.state!, state({ step: 2, next: 2, rowCount: batch + valid }), 0, `${label}: state`);
}

/** The last minibatch of an epoch: whole, half and of one row. */
function* raggedProblems(): Generator<HeadProblem> {
  for (const sizes of raggedSizes) {
    const { batch } = sizes;
    for (const valid of new Set([batch, Math.ceil(batch / 2)])) yield headProblem(sizes, valid);
  }
}

/** What a plan reads: kept rows of every kind through the samples, and the minibatch itself as floats. */
const inputs: HeadInput[] = [
  ...storeKinds.map((kind) => ({ kind, throughSamples: true })),
  { kind: "floats", throughSamples: false },
];

for (const input of inputs) {
  const from = input.throughSamples ? `${input.kind} through samples` : "a minibatch of its own";
  test(`svm_head: partial logits from ${from} at ragged sizes, also with more slices than features`, async ({
    gpu,
  }) => {
    for (const problem of raggedProblems()) {
      for (const shape of planned(problem.classes)) await checkLogits(gpu, problem, shape, input);
    }
  });

  test(`svm_head: the update from ${from}; rows beyond the valid ones add nothing, padding stays zero`, async (t) => {
    for (const problem of raggedProblems()) {
      for (const shape of planned(problem.classes)) await checkUpdate(t.gpu, problem, shape, input);
    }
  });
}

/** The work of an invocation, with both constants set as plans set them, so that kernels are shared among tests. */
const works = [
  { rowQuads: 4, featureOctets: 2 },
  { rowQuads: 2, featureOctets: 1 },
  { rowQuads: 1, featureOctets: 1 },
];

test("svm_head: partial logits and the update of 1 to 70 classes", async ({ gpu }) => {
  const input: HeadInput = { kind: "floats", throughSamples: true };
  for (const sizes of classSizes) {
    const problem = headProblem(sizes, 4);
    // As a plan divides classes, and with blocks of another width in turn.
    const [few, many] = planned(sizes.classes);
    for (const shape of [few, { ...many, classQuads: 1 + (sizes.classes % 4) }]) {
      await checkLogits(gpu, problem, shape, input);
      await checkUpdate(gpu, problem, shape, input);
    }
  }
});

/** Most with more than 256 features, so that a slice adds to what it has. */
const sameSizes: Sizes[] = [
  { batch: 5, features: 265, classes: 1 },
  { batch: 17, features: 64, classes: 2 },
  { batch: 1, features: 300, classes: 3 },
  { batch: 33, features: 9, classes: 4 },
  { batch: 5, features: 521, classes: 5 },
  { batch: 17, features: 267, classes: 10 },
  { batch: 3, features: 300, classes: 16 },
  { batch: 33, features: 521, classes: 17 },
  { batch: 7, features: 265, classes: 64 },
];

/** Runs both kernels in every way given, and fails unless all give the bits of the first. */
async function checkSameBits(gpu: Context["gpu"], ways: readonly [HeadShape, HeadInput][]): Promise<void> {
  for (const sizes of sameSizes) {
    const problem = headProblem(sizes, Math.ceil((sizes.batch * 2) / 3));
    const bits = async ([shape, input]: [HeadShape, HeadInput]) => {
      const logits = await runLogits(gpu, problem, shape, input);
      const { parameters, state } = await runUpdate(gpu, problem, shape, input);
      return [logits, parameters!, state!].flatMap((values) => [...new Uint32Array(values.buffer)]);
    };
    const first = await bits(ways[0]!);
    for (const way of ways.slice(1)) assertWithin(await bits(way), first, 0, labelOf(problem, ...way));
  }
}

test("svm_head: every shape gives the same bits", async ({ gpu }) => {
  const input: HeadInput = { kind: "floats", throughSamples: true };
  const shapes = [1, 2, 3, 4].flatMap((classQuads) => works.map((work) => ({ classQuads, halfLast: false, ...work })));
  await checkSameBits(
    gpu,
    shapes.map((shape) => [shape, input]),
  );
});

for (const kinds of precisions) {
  test(`svm_head: ${kinds.join(" and ")}, through samples or not, give the same bits`, async ({ gpu }) => {
    const [buffer] = kinds;
    const inputs = [...kinds.map((kind) => ({ kind, throughSamples: true })), { kind: buffer!, throughSamples: false }];
    for (const shape of planned(10)) {
      await checkSameBits(
        gpu,
        inputs.map((input) => [shape, input]),
      );
    }
  });
}

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
    for (const [sizes, shape] of [
      [{ batch: 7, features: 13, classes: 3 }, planned(3)[1]],
      [{ batch: 17, features: 65, classes: 23 }, planned(23)[0]],
    ] as const) {
      const { batch, features, classes } = sizes;
      const draw = numbers(batch);
      const problem = headProblem(sizes, batch);
      const { z, g, w } = problem;
      // Between 1/2 and 1, as a v that has been warmed up; so that the root's slope is bounded.
      const before = vector(slots, () => matrix(features + 1, classes, () => 0.75 + draw() / 4));
      const gradient = head.headGradient(z, g, batch);
      const weights = w.map((row, i) =>
        row.map((value, c): twin.Weight => ({ w: value, slots: before.map((slot) => slot[i]![c]!) })),
      );
      for (const [i, row] of weights.entries()) for (const [c, one] of row.entries()) update(one, gradient[i]![c]!, 1);
      const step = made.stepSize(made.learningRate as number, 1);
      // Rows in a texture, so that AMSGrad too needs no more storage buffers than every device has.
      const input: HeadInput = { kind: "float_texture", throughSamples: true };
      const after = await runUpdate(gpu, problem, shape, input, {
        optimizer: made,
        stepSize: step,
        slots: Object.fromEntries(before.map((slot, i) => [`slot${i}`, block(slot)])),
      });
      const label = `${made.name} ${JSON.stringify(made.config)}`;
      const expected = (of: (one: twin.Weight) => number) => weights.map((row) => row.map(of));
      const everywhere = (bound: number) => w.map((row) => row.map(() => bound));
      const check = (actual: Values, values: Matrix, bound: number, what: string) =>
        assertWithin(actual, blockOf(values, untouched), blockOf(everywhere(bound), 0), `${label}: ${what}`);
      // A gradient is at most `batch` and off by sumBound of it. With v >= 1/2 a share of it moves a weight by less
      // than 4 steps of that share; a dozen operations have half an epsilon each.
      const gBound = (sumBound(batch) + 6 * epsilon) * (batch + 1);
      const values = expected((one) => one.w);
      check(after.parameters!, values, epsilon + 4 * step * gBound, "weights");
      for (let i = 0; i < slots; i++) {
        // Of the gradient (or its step), or of its square.
        const slope = made.name === "adam" && i > 0 ? 0.01 * 2 * (batch + 1) : 0.1;
        const slot = expected((one) => one.slots[i]!);
        check(after[`slot${i}`]!, slot, 4 * epsilon + slope * gBound, `slot ${i}`);
      }
    }
  }
});

test("svm_head: an update decays the weights and adds the regularizers' gradients, of W and of b", async ({ gpu }) => {
  const penalty = { l1: 0.25, l2: 0.5, biasL1: 0.125, biasL2: 1 };
  const [stepSize, rate] = [0.125, 0.25];
  for (const classes of [1, 3, 4, 10, 23]) {
    const problem = headProblem({ batch: 7, features: 13, classes }, 6);
    const { z, g, w, valid } = problem;
    w[3]![0] = 0; // which has no gradient of its own
    const gradient = head.headGradient(z, g, valid);
    const expected = w.map((row, i) =>
      row.map((value, c) => {
        const [l1, l2] = i < 13 ? [0.25, 0.5] : [0.125, 1];
        return value * (1 - rate) - stepSize * (gradient[i]![c]! + penaltyGradient(value, { l1, l2 }));
      }),
    );
    for (const shape of planned(classes)) {
      const input: HeadInput = { kind: "floats", throughSamples: true };
      const { parameters } = await runUpdate(gpu, problem, shape, input, { stepSize, rate, penalty });
      const bounds = blockOf(
        w.map((row) => row.map(() => 4 * epsilon + stepSize * 8 * sumBound(valid))),
        0,
      );
      assertWithin(parameters!, blockOf(expected, untouched), bounds, labelOf(problem, shape, input));
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
// What the state holds before and after step 1.
const faults = [
  [0xffffffff, 1],
  [6, 1],
  [0, 0],
] as const;

test("svm_head: a weight that becomes infinite or NaN sets the fault, and keeps an earlier one", async ({ gpu }) => {
  const sizes = { batch: 3, features: 5, classes: 2 };
  const input: HeadInput = { kind: "floats", throughSamples: true };
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const [place, row, column] of places) {
      for (const [fault, expected] of faults) {
        const problem = headProblem(sizes, 3);
        problem[place][row]![column] = bad;
        for (const shape of planned(sizes.classes)) {
          const after = await runUpdate(gpu, problem, shape, input, { fault });
          const label = `${bad} in ${place}[${row}][${column}], fault ${fault} before`;
          assertWithin([faultIn(after.state!)], [expected], 0, label);
        }
      }
    }
  }
});
