// A minibatch for the kernels of svm_head.wgsl, in every form in which they read one.
import type { Gpu } from "../../src/gpu/device.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import type { StoreKind } from "../../src/nn/kernels/rows.ts";
import {
  type HeadInput,
  type HeadShape,
  partialLogits,
  slices,
  updateHead,
  updateLanes,
} from "../../src/nn/kernels/svm_head.ts";
import { type Optimizer, optimizers } from "../../src/nn/optimizers.ts";
import { laidOut, type Matrix, matrix, numbers, padded, padded32, up4, up8, vector } from "../twins/matrix.ts";
import { runKernels, samples, state, stepsOf, untouched, type Values } from "./run_kernel.ts";
import { columns4Of, isHalf, stored } from "./stored.ts";

export interface Sizes {
  batch: number;
  features: number;
  classes: number;
}

/** The shapes that plans use: few invocations, for a software adapter, and many. */
export function planned(classes: number): [few: HeadShape, many: HeadShape] {
  const classes4 = up4(classes) / 4;
  const classQuads = Math.ceil(classes4 / Math.ceil(classes4 / 4));
  return [
    { classQuads, halfLast: classes4 <= 4 && classes4 * 4 - classes >= 2, rowQuads: 4, featureOctets: 2 },
    { classQuads: 1, halfLast: false, rowQuads: 1, featureOctets: 1 },
  ];
}

/** The second minibatch of an epoch, of which `valid` rows are there. */
export interface HeadProblem extends Sizes {
  valid: number;
  /** Rows of the minibatch, the last valid one repeated up to a multiple of four. */
  z: Matrix;
  /** Gradients: zero in the row behind the valid ones where it pairs with one; NaN where nothing may read. */
  g: Matrix;
  /** Weights, with the bias as their last row. */
  w: Matrix;
}

export function headProblem(sizes: Sizes, valid: number): HeadProblem {
  const { batch, features, classes } = sizes;
  const draw = numbers(batch * 1e4 + features * 100 + classes + valid);
  const rows = matrix(valid, features, draw);
  const even = valid + (valid % 2);
  return {
    ...{ ...sizes, valid },
    z: vector(up4(batch), (i) => rows[Math.min(i, valid - 1)]!),
    g: matrix(up4(batch), classes, (i) => (i < valid ? draw() : i < even ? 0 : Number.NaN)),
    w: matrix(features + 1, classes, draw),
  };
}

/** W padded to a multiple of four rows, then b; a vec4f that nothing may touch before and behind. */
export function blockOf(w: Matrix, around: number): Float64Array {
  const guard = vector(4, () => around);
  const bias = padded(w.slice(-1));
  return Float64Array.of(...guard, ...padded(w.slice(0, -1), up4(w.length - 1)), ...bias, ...guard);
}

export function block(w: Matrix): Float32Array {
  return Float32Array.from(blockOf(w, untouched));
}

/** What both kernels bind: Z in a minibatch of its own, or among rows that the samples choose from, last first. */
function bound({ batch, valid, z }: HeadProblem, { kind, throughSamples }: HeadInput): Record<string, Values> {
  const rowCount = batch + valid;
  // Where nothing may read. 16 bits hold no NaN; a value that is far off in every sum shows as well.
  const elsewhere = vector(z[0]!.length, () => (isHalf(kind) ? 1 : Number.NaN));
  const featureRow = (sample: number) => rowCount + 1 - sample;
  const kept = vector(rowCount + 3, () => elsewhere);
  for (let i = 0; i < valid; i++) kept[featureRow(batch + i)] = z[i]!;
  return {
    state: state({ step: 1, next: 2, rowCount }),
    samples: samples(vector(rowCount, (i) => ({ featureRow: featureRow(i), targetRow: 99 }))),
    source: stored(kind as StoreKind, throughSamples ? kept : z),
  };
}

function uniforms({ batch, features, classes }: Sizes, { kind }: HeadInput, penalty = noPenalty) {
  const columns4 = columns4Of(kind, features);
  const sizes = { rows: up4(batch), columns4, first: 0, features4: up4(features) / 4, classes4: up4(classes) / 4 };
  return { params: { batch, ...sizes, weights: 1, ...penalty } };
}

const blocks = ({ classes }: Sizes, { classQuads }: HeadShape) => Math.ceil(up4(classes) / 4 / classQuads);

/** Partial logits [slices, rows, classes], and a vec4f behind them that nothing may touch. */
export async function runLogits(
  gpu: Gpu,
  problem: HeadProblem,
  shape: HeadShape,
  input: HeadInput,
): Promise<Float32Array> {
  const rows = up4(problem.batch);
  const { partials } = await runKernels(
    gpu,
    {
      ...bound(problem, input),
      parameters: block(problem.w),
      partials: new Float32Array(slices * rows * up4(problem.classes) + 4).fill(untouched),
    } as Record<string, Values>,
    [
      {
        kernel: partialLogits(shape, input),
        uniforms: uniforms(problem, input),
        workgroups: [Math.ceil(rows / (4 * shape.rowQuads)), blocks(problem, shape), 1],
      },
    ],
  );
  return partials as Float32Array;
}

const noPenalty = { l1: 0, l2: 0, biasL1: 0, biasL2: 0 };

export interface UpdateOptions {
  optimizer?: Optimizer;
  stepSize?: number;
  slots?: Readonly<Record<string, Float32Array>>;
  /** Weight decay of the step. */
  rate?: number;
  /** Regularizers of W and b. */
  penalty?: typeof noPenalty;
  /** What the state holds before. */
  fault?: number;
}

/** Everything bound after one update at step 1. */
export function runUpdate(
  gpu: Gpu,
  problem: HeadProblem,
  shape: HeadShape,
  input: HeadInput,
  {
    optimizer = optimizers.sgd(),
    stepSize = 2 ** -3,
    slots = {},
    rate = 0,
    penalty = noPenalty,
    ...given
  }: UpdateOptions = {},
): Promise<Record<string, Values>> {
  const kernel: Kernel = updateHead(optimizer.shader, shape, input);
  const before = bound(problem, input);
  const rowCount = problem.batch + problem.valid;
  return runKernels(
    gpu,
    {
      ...before,
      state: state({ step: 1, next: 2, rowCount, ...given }),
      parameters: block(problem.w),
      gradient: padded32(problem.g),
      stepTable: stepsOf([untouched, stepSize, untouched], { rate }),
      ...slots,
    } as Record<string, Values>,
    [
      {
        kernel,
        uniforms: { ...uniforms(problem, input, penalty), hyper: optimizer.hyper },
        workgroups: [
          Math.ceil((Math.ceil(up8(problem.features) / (8 * shape.featureOctets)) + 1) / updateLanes),
          blocks(problem, shape),
          1,
        ],
      },
    ],
  );
}

/** Partial logits as the kernels lay them out. */
export function partialsOf(parts: readonly Matrix[], classes: number): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...laidOut(part, up4(classes))]));
}
