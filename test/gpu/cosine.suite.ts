// shaders/cosine.wgsl against test/twins/cosine.ts.
import { cosineBackward, cosineForward, scaleGradient } from "../../src/nn/kernels/cosine.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import * as twin from "../twins/cosine.ts";
import { type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { test } from "./harness.ts";
import { runKernels, untouched } from "./run_kernel.ts";

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Rows and D at every ragged size, and D across workgroups of 256. */
const shapes: [rows: number, D: number][] = [
  ...ragged.map((rows, i): [number, number] => [up4(rows), ragged[(i + 5) % 11]!]),
  [4, 257],
  [8, 521],
];

function problem([rows, D]: [number, number]) {
  const draw = numbers(rows * 1000 + D);
  const scale = D % 3; // where s stands
  const columns4 = up4(D) / 4;
  const s = 2.5;
  const p = map(matrix(rows, D, draw), (value) => 16 * value);
  const g = matrix(rows, D, draw);
  const b = vector(D, () => Math.fround(Math.PI * (1 + draw())));
  const scales = new Float32Array((scale + 1) * 4).fill(untouched);
  scales[scale * 4] = s;
  return {
    ...{ p, g, b, s, scale, columns4, label: `${rows} x ${D}` },
    buffers: {
      projections: padded32(p),
      biasTurns: Float32Array.from(padded([b.map((value) => value / (2 * Math.PI))])),
      scales,
    },
    uniforms: { params: { rows, columns4, outputDim: D, scale } },
    // Of a cosine or sine: 5e-7, and the argument's roundings of 1 / (2 pi s), b / (2 pi), their product and sum.
    errors: p.map((row) => row.map((value, j) => 5e-7 + 3 * epsilon * (Math.abs(value) / s + b[j]!))),
  };
}

test("cosine: cos(p / s + b) at ragged sizes, padding exactly zero", async ({ gpu }) => {
  for (const shape of shapes) {
    const { p, b, s, columns4, label, buffers, uniforms, errors } = problem(shape);
    const { output } = await runKernels(
      gpu,
      { ...buffers, output: new Float32Array(shape[0] * columns4 * 4 + 4).fill(untouched) },
      [{ kernel: cosineForward, uniforms, workgroups: [Math.ceil(columns4 / 64), shape[0], 1] }],
    );
    const guard = vector(4, () => untouched);
    const expected = [...padded(twin.cosineForward(p, b, s)), ...guard];
    assertWithin(output, expected, [...padded(errors), 0, 0, 0, 0], label);
  }
});

test("cosine: dp and ds at ragged sizes, padding exactly zero", async ({ gpu }) => {
  for (const shape of shapes) {
    const { p, g, b, s, scale, columns4, label, buffers, uniforms, errors } = problem(shape);
    const [rows] = shape;
    const back = {
      ...buffers,
      gradient: padded32(g),
      output: new Float32Array(rows * columns4 * 4).fill(untouched),
      scalePartials: new Float32Array(columns4 * 4).fill(untouched),
    };
    const { output, scalePartials } = await runKernels(gpu, back, [
      { kernel: cosineBackward, uniforms, workgroups: [Math.ceil(columns4 / 64), 1, 1] },
    ]);
    const expected = twin.cosineBackward(p, b, s, g);
    const dpErrors = errors.map((row, i) => row.map((error, j) => (Math.abs(g[i]![j]!) / s) * (error + 4 * epsilon)));
    assertWithin(output, padded(expected.dp), padded(dpErrors), `${label}: dp`);

    const column = (m: Matrix, j: number) => m.map((row) => [row[j]!]);
    const partials = b.map((_, j) => twin.cosineBackward(column(p, j), [b[j]!], s, column(g, j)).ds);
    const size = (i: number, j: number) => Math.abs(g[i]![j]! * p[i]![j]!) / s ** 2;
    const partialErrors = b.map((_, j) =>
      p.reduce((total, _, i) => total + size(i, j) * (errors[i]![j]! + sumBound(rows) + 4 * epsilon), 0),
    );
    assertWithin(scalePartials, padded([partials]), padded([partialErrors]), `${label}: ds by columns`);

    const given = { ...buffers, scalePartials, output: new Float32Array((scale + 2) * 4).fill(untouched) };
    const gradients = await runKernels(gpu, given, [{ kernel: scaleGradient, uniforms, workgroups: [1, 1, 1] }]);
    const sizes = p.reduce((total, row, i) => total + row.reduce((sum, _, j) => sum + size(i, j), 0), 0);
    const dsError = partialErrors.reduce((a, b) => a + b, 0) + sumBound(columns4 + 4) * sizes;
    const around = vector(scale * 4, () => untouched);
    assertWithin(
      gradients.output,
      [...around, expected.ds, 0, 0, 0, ...vector(4, () => untouched)],
      [...around.map(() => 0), dsError, 0, 0, 0, 0, 0, 0, 0],
      `${label}: ds`,
    );
  }
});

test("cosine: the twin's gradients are the slopes of its values", () => {
  const { p, g, b, s } = problem([4, 5]);
  const value = (p: Matrix, s: number) =>
    twin.cosineForward(p, b, s).reduce((sum, row, i) => sum + row.reduce((a, z, j) => a + g[i]![j]! * z, 0), 0);
  const h = 1e-5;
  const { dp, ds } = twin.cosineBackward(p, b, s, g);
  const moved = (i: number, j: number, by: number) =>
    p.map((row, r) => row.map((v, c) => (r === i && c === j ? v + by : v)));
  const slopes = p.map((row, i) => row.map((_, j) => (value(moved(i, j, h), s) - value(moved(i, j, -h), s)) / (2 * h)));
  assertWithin(dp.flat(), slopes.flat(), 1e-9, "dp");
  assertWithin([ds], [(value(p, s + h) - value(p, s - h)) / (2 * h)], 1e-7, "ds");
});
