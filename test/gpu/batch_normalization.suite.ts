// shaders/batch_normalization.wgsl against test/twins/batch_normalization.ts.
import { linear } from "../../src/gpu/dispatch.ts";
import * as kernels from "../../src/nn/kernels/batch_normalization.ts";
import { byChannel, moments, normalizationGradients, normalize } from "../twins/batch_normalization.ts";
import { assertWithin, sumBound, epsilon as ulp } from "../twins/bounds.ts";
import { type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, state, untouched } from "./run_kernel.ts";

interface Shape {
  batch: number;
  /** Rows of the minibatch that there are: the second of its epoch, which ends with it. */
  valid: number;
  pixels: number;
  channels: number;
  slices: number;
}

const shapes: Shape[] = [
  { batch: 1, valid: 1, pixels: 1, channels: 1, slices: 1 },
  { batch: 5, valid: 3, pixels: 1, channels: 7, slices: 2 },
  { batch: 64, valid: 64, pixels: 1, channels: 65, slices: 8 },
  { batch: 131, valid: 127, pixels: 1, channels: 17, slices: 12 },
  { batch: 17, valid: 16, pixels: 63, channels: 3, slices: 33 },
  { batch: 8, valid: 5, pixels: 65, channels: 8, slices: 23 },
  { batch: 4, valid: 1, pixels: 9, channels: 131, slices: 6 },
  // More slices than pixels.
  { batch: 63, valid: 2, pixels: 1, channels: 5, slices: 8 },
];
const [momentum, epsilon] = [0.9, 1e-3];

function problem({ batch, valid, pixels, channels, slices }: Shape, center = 0, size = 2) {
  const draw = numbers(batch * 1000 + pixels * 10 + channels);
  const columns = pixels * channels;
  const rows = up4(batch);
  // Every channel has its own mean and size.
  const x = matrix(valid, columns, (_, j) =>
    Math.fround(center + ((j % channels) + 1) * (size * draw() + (j % channels) - 2)),
  );
  const g = matrix(valid, columns, draw);
  const weights = [0, 1, 2, 3].map(() => vector(channels, () => Math.fround(1.5 + draw())));
  const [gamma, beta, movingMean, movingVariance] = weights as [number[], number[], number[], number[]];
  const places = vector(4, (i) => (i + 1) * up4(channels));
  const parameters = new Float32Array(5 * up4(channels)).fill(untouched);
  for (const [i, values] of weights.entries()) parameters.set(values, places[i]!);
  return {
    ...{ x, g, columns, rows, gamma, beta, movingMean, movingVariance, places },
    label: JSON.stringify({ batch, valid, pixels, channels, slices, center }),
    uniforms: {
      params: {
        ...{ batch, rows, pixels, channels, stride: up4(columns), slices, momentum, epsilon },
        ...{ gamma: places[0]!, beta: places[1]!, movingMean: places[2]!, movingVariance: places[3]! },
      },
    },
    values: {
      state: state({ step: 1, rowCount: batch + valid }),
      // What no valid row holds must not count.
      source: padded32(x, rows, 1e6),
      gradient: padded32(g, rows, 1e6),
      output: new Float32Array(rows * up4(columns) + 4).fill(untouched),
      partials: new Float32Array(slices * channels * 2),
      channels: new Float32Array((channels * kernels.channelBytes) / 4),
      parameters,
      gradients: new Float32Array(5 * up4(channels)).fill(untouched),
    },
  };
}

type Problem = ReturnType<typeof problem>;
const affine = { center: true, scale: true };

/** The steps of a training forward, and of the way back. */
function steps({ slices, channels, pixels, batch }: Shape, { uniforms }: Problem, weights = affine) {
  const overSlices = linear(slices * channels, 64);
  const overChannels = [Math.ceil(channels / 64), 1, 1] as const;
  const overValues = [Math.ceil((channels * Math.ceil(pixels / kernels.run)) / 64), up4(batch), 1] as const;
  return {
    forward: [
      { kernel: kernels.moments, workgroups: overSlices, uniforms },
      { kernel: kernels.statistics(weights), workgroups: overChannels, uniforms },
      { kernel: kernels.normalize, workgroups: overValues, uniforms },
    ],
    inference: [
      { kernel: kernels.movingStatistics(weights), workgroups: overChannels, uniforms },
      { kernel: kernels.normalize, workgroups: overValues, uniforms },
    ],
    backward: [
      { kernel: kernels.gradientSums, workgroups: overSlices, uniforms },
      { kernel: kernels.weightGradients(weights), workgroups: overChannels, uniforms },
      { kernel: kernels.inputGradient, workgroups: overValues, uniforms },
    ],
  };
}

/** The part of a matrix of the valid rows, padding included; what lies behind them is not looked at. */
function rowsOf(values: Float32Array, { x, columns }: Problem): Float32Array {
  return values.subarray(0, x.length * up4(columns));
}

/** How far the mean of a channel may be off, and its variance relatively: sums over pixels of a slice, then over slices. */
function statisticsBounds({ x }: Problem, { valid, pixels, channels, slices }: Shape) {
  const { mean } = moments(x, channels);
  const sums = sumBound(Math.ceil((valid * pixels) / slices) + slices);
  return byChannel(x, channels).map((values, c) => {
    const spread = Math.max(...values.map((value) => Math.abs(value - values[0]!)));
    return { mean: sums * spread, variance: sums, ofMean: sums * spread + ulp * Math.abs(mean[c]!) };
  });
}

async function checkForward(gpu: Context["gpu"], shape: Shape, given: Problem): Promise<void> {
  const { x, gamma, beta, movingMean, movingVariance, places, label, values } = given;
  const { channels } = shape;
  const after = await runKernels(gpu, values, steps(shape, given).forward);
  const { mean, variance } = moments(x, channels);
  const bounds = statisticsBounds(given, shape);
  const y = normalize(x, { channels, epsilon, gamma, beta });
  const errors = y.map((row, i) =>
    row.map((value, j) => {
      const c = j % channels;
      const scale = Math.abs(gamma[c]!) / Math.sqrt(variance[c]! + epsilon);
      const share = bounds[c]!.variance + 5 * ulp;
      const difference = Math.abs(x[i]![j]! - x[0]![c]!) + Math.abs(x[0]![c]! - mean[c]!);
      return scale * (bounds[c]!.mean + ulp * difference) + Math.abs(value - beta[c]!) * share + ulp * Math.abs(value);
    }),
  );
  assertWithin(rowsOf(after.output, given), padded(y), padded(errors), `${label}: y`);
  assertWithin(
    after.output.subarray(-4),
    vector(4, () => untouched),
    0,
    `${label}: behind the rows`,
  );

  const expected = Array.from(values.parameters);
  const allowed = expected.map(() => 0);
  for (let c = 0; c < channels; c++) {
    const moved = [
      [places[2]! + c, movingMean[c]!, mean[c]!, bounds[c]!.ofMean],
      [places[3]! + c, movingVariance[c]!, variance[c]!, variance[c]! * (2 * bounds[c]!.variance + 4 * ulp)],
    ] as const;
    for (const [at, before, value, bound] of moved) {
      expected[at] = momentum * before + (1 - momentum) * value;
      allowed[at] = (1 - momentum) * bound + 2 * ulp * (Math.abs(before) + Math.abs(value));
    }
  }
  assertWithin(after.parameters, expected, allowed, `${label}: moving statistics`);
}

test("batch normalization: values and moving statistics over the valid rows, at ragged sizes", async ({ gpu }) => {
  for (const shape of shapes) await checkForward(gpu, shape, problem(shape));
});

test("batch normalization: a mean far from zero leaves the variance as it is", async ({ gpu }) => {
  for (const center of [1e4, -1e6]) {
    for (const shape of shapes) await checkForward(gpu, shape, problem(shape, center));
  }
  // A first row far from all others.
  const shape = { batch: 64, valid: 64, pixels: 1, channels: 5, slices: 8 };
  const given = problem(shape);
  given.x[0] = given.x[0]!.map(() => 1e4);
  const source = padded32(given.x, given.rows, 1e6);
  await checkForward(gpu, shape, { ...given, values: { ...given.values, source } });
});

test("batch normalization: moving statistics where the model does not train", async ({ gpu }) => {
  for (const shape of shapes) {
    const given = problem(shape);
    const { x, gamma, beta, movingMean: mean, movingVariance: variance, label, values } = given;
    const after = await runKernels(gpu, values, steps(shape, given).inference);
    const y = normalize(x, { channels: shape.channels, epsilon, gamma, beta }, { mean, variance });
    const errors = map(y, (value) => 8 * ulp * (Math.abs(value) + 4));
    assertWithin(rowsOf(after.output, given), padded(y), padded(errors), label);
    assertWithin(after.parameters, values.parameters, 0, `${label}: parameters`);
  }
});

test("batch normalization: gradients through the statistics, none for rows that are not there", async ({ gpu }) => {
  for (const shape of shapes) {
    const given = problem(shape);
    const { x, g, gamma, beta, places, rows, columns, label, values } = given;
    const { channels, valid, pixels, slices } = shape;
    const { forward, backward } = steps(shape, given);
    const after = await runKernels(gpu, values, [...forward, ...backward]);
    const { dx, dgamma, dbeta } = normalizationGradients(x, g, { channels, epsilon, gamma, beta });
    const { variance } = moments(x, channels);
    const bounds = statisticsBounds(given, shape);
    const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
    const sums = sumBound(Math.ceil((valid * pixels) / slices) + slices);
    // |u| of the values, with the roundings of the mean and of the differences.
    const deviation = (c: number) => {
      const own = byChannel(x, channels)[c]!;
      const spread = Math.max(...own) - Math.min(...own);
      return { size: inverse[c]! * spread, error: inverse[c]! * (bounds[c]!.mean + 2 * ulp * spread) };
    };
    const largest = vector(channels, (c) => Math.max(...byChannel(g, channels)[c]!.map(Math.abs)));
    const errors = vector(channels, (c) => {
      const { size, error } = deviation(c);
      return largest[c]! * (sums * (1 + 2 * size * size) + 2 * error * (1 + size) + 8 * ulp * (1 + size * size));
    });
    const dxErrors = map(dx, () => 0).map((row) =>
      row.map((_, j) => gamma[j % channels]! * inverse[j % channels]! * errors[j % channels]!),
    );
    const zeros: Matrix = matrix(rows - valid, columns, () => 0);
    const guard = vector(4, () => untouched);
    assertWithin(
      after.output,
      [...padded([...dx, ...zeros]), ...guard],
      [...padded([...dxErrors, ...zeros]), 0, 0, 0, 0],
      `${label}: dx`,
    );
    const expected = Array.from(values.gradients);
    const allowed = expected.map(() => 0);
    const n = valid * pixels;
    for (let c = 0; c < channels; c++) {
      expected[places[0]! + c] = dgamma[c]!;
      expected[places[1]! + c] = dbeta[c]!;
      allowed[places[0]! + c] = n * errors[c]!;
      allowed[places[1]! + c] = n * largest[c]! * sums;
    }
    assertWithin(after.gradients, expected, allowed, `${label}: dgamma, dbeta`);
  }
});

test("batch normalization: without gamma, without beta, without either", async ({ gpu }) => {
  const shape = { batch: 5, valid: 3, pixels: 3, channels: 7, slices: 2 };
  for (const weights of [
    { center: true, scale: false },
    { center: false, scale: true },
    { center: false, scale: false },
  ]) {
    const given = problem(shape);
    const { x, g, places, label, values } = given;
    const gamma = given.gamma.map((value) => (weights.scale ? value : 1));
    const beta = given.beta.map((value) => (weights.center ? value : 0));
    const { forward, backward } = steps(shape, given, weights);
    const own = { channels: shape.channels, epsilon, gamma, beta };
    const { output } = await runKernels(gpu, values, forward);
    assertWithin(rowsOf(output, given), padded(normalize(x, own)), 1e-5, `${label}: y`);
    const after = await runKernels(gpu, values, [...forward, ...backward]);
    const { dx, dgamma, dbeta } = normalizationGradients(x, g, own);
    assertWithin(rowsOf(after.output, given), padded(dx), 1e-5, `${label}: dx`);
    const expected = Array.from(values.gradients);
    for (let c = 0; c < shape.channels; c++) {
      if (weights.scale) expected[places[0]! + c] = dgamma[c]!;
      if (weights.center) expected[places[1]! + c] = dbeta[c]!;
    }
    assertWithin(after.gradients, expected, 1e-5, `${label}: gradients`);
  }
});

test("batch normalization: the twin's gradients are the slopes of its values", () => {
  const draw = numbers(5);
  const channels = 2;
  const x = matrix(4, 6, draw);
  const g = matrix(4, 6, draw);
  const own = { channels, epsilon, gamma: [1.5, -0.5], beta: [0.25, 2] };
  const value = (moved: Matrix, weights = own) =>
    normalize(moved, weights).reduce((sum, row, i) => sum + row.reduce((a, y, j) => a + g[i]![j]! * y, 0), 0);
  const h = 1e-5;
  const { dx, dgamma, dbeta } = normalizationGradients(x, g, own);
  const moved = (i: number, j: number, by: number) =>
    x.map((row, r) => row.map((v, c) => (r === i && c === j ? v + by : v)));
  const slopes = x.map((row, i) => row.map((_, j) => (value(moved(i, j, h)) - value(moved(i, j, -h))) / (2 * h)));
  assertWithin(dx.flat(), slopes.flat(), 1e-7, "dx");
  for (const [name, gradient] of Object.entries({ gamma: dgamma, beta: dbeta })) {
    const by = (c: number, step: number) =>
      value(x, { ...own, [name]: own[name as "gamma" | "beta"].map((w, k) => (k === c ? w + step : w)) });
    assertWithin(
      gradient,
      vector(channels, (c) => (by(c, h) - by(c, -h)) / (2 * h)),
      1e-7,
      name,
    );
  }
});
