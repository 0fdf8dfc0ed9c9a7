// shaders/activation.wgsl and shaders/softmax.wgsl against test/twins/activations.ts.
import { linear } from "../../src/gpu/dispatch.ts";
import {
  type ActivationShader,
  activationBackward,
  activationForward,
  activationShaders,
} from "../../src/nn/kernels/activation.ts";
import { softmaxBackward, softmaxForward } from "../../src/nn/kernels/softmax.ts";
import { activate, activationGradient } from "../twins/activations.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import { type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { test } from "./harness.ts";
import { runKernels, untouched } from "./run_kernel.ts";

const names = Object.keys(activationShaders) as ActivationShader[];
const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
const guard = vector(4, () => untouched);
const withGuard = (m: Matrix) => [...padded(m), ...guard];
const blank = (rows: number, columns: number) => new Float32Array(rows * up4(columns) + 4).fill(untouched);

for (const name of names) {
  test(`activation: ${name} and its gradient at ragged sizes, padding exactly zero`, async ({ gpu }) => {
    for (const [i, rows] of ragged.entries()) {
      const columns = ragged[(i + 5) % 11]!;
      const draw = numbers(rows * 1000 + columns);
      const x = map(matrix(rows, columns, draw), (value) => 6 * value);
      const g = matrix(rows, columns, draw);
      const columns4 = up4(columns) / 4;
      const common = {
        uniforms: { params: { rows, columns4, outputDim: columns } },
        workgroups: linear(rows * columns4, 64),
      };
      const label = `${name} ${rows} x ${columns}`;
      const forward = await runKernels(gpu, { source: padded32(x), output: blank(rows, columns) }, [
        { kernel: activationForward(name), ...common },
      ]);
      const y = x.map((row) => activate(name, row, columns));
      assertWithin(forward.output, withGuard(y), 4e-7, label);

      const backward = await runKernels(
        gpu,
        { source: padded32(y), output: blank(rows, columns), gradient: padded32(g) },
        [{ kernel: activationBackward(name), ...common }],
      );
      const y32 = map(y, Math.fround);
      const dx = y32.map((row, r) => activationGradient(name, row, g[r]!, columns));
      assertWithin(backward.output, withGuard(dx), 3 * epsilon, `${label}: dx`);
    }
  });

  test(`activation: ${name} from -100 to 100, close to 0 and at its kinks`, async ({ gpu, note }) => {
    const small = vector(2000, (i) => 2 ** (-i / 50) * (i % 2 === 0 ? 1 : -1));
    const wide = vector(20_001, (i) => (i - 10_000) / 100);
    const near = vector(2001, (i) => (i - 1000) / 1000);
    const x = [...wide, ...near, ...small, 0, -0, 0.5, -0.5, 88.7, -88.7, 89, -89].map(Math.fround);
    const columns4 = up4(x.length) / 4;
    const { output } = await runKernels(gpu, { source: padded32([x]), output: blank(1, x.length) }, [
      {
        kernel: activationForward(name),
        uniforms: { params: { rows: 1, columns4, outputDim: x.length } },
        workgroups: linear(columns4, 64),
      },
    ]);
    const y = activate(name, x, 1);
    assertWithin(output, withGuard([y]), 3e-7, name);
    // Close to 0 what counts is the share of the value.
    if (name === "tanh") {
      const errors = x.map((value, i) => (value === 0 ? 0 : Math.abs(output[i]! / y[i]! - 1)));
      assertWithin(
        errors,
        vector(x.length, () => 0),
        1e-6,
        "tanh, relative",
      );
    }
    const errors = y.map((value, i) => Math.abs(value - output[i]!));
    note(`largest error ${Math.max(...errors).toExponential(1)}`);
  });
}

/** Rows, pixels, channels. */
const images: [rows: number, pixels: number, channels: number][] = [
  ...ragged.map((rows, i): [number, number, number] => [rows, 1, ragged[(i + 5) % 11]!]),
  [1, 1, 1],
  [3, 5, 1],
  [5, 7, 3],
  [17, 9, 10],
  [4, 64, 65],
];

test("softmax: over the channels of every pixel, and its gradient, padding exactly zero", async ({ gpu }) => {
  for (const [rows, pixels, channels] of images) {
    const columns = pixels * channels;
    const draw = numbers(rows * 1000 + columns);
    const x = map(matrix(rows, columns, draw), (value) => Math.fround(20 * value));
    const g = matrix(rows, columns, draw);
    const common = {
      uniforms: { params: { rows, pixels, channels, stride: up4(columns) } },
      workgroups: linear(rows * pixels, 64),
    };
    const label = `${rows} x ${pixels} x ${channels}`;
    const forward = await runKernels(gpu, { source: padded32(x), output: blank(rows, columns) }, [
      { kernel: softmaxForward, ...common },
    ]);
    const y = x.map((row) => activate("softmax", row, channels));
    assertWithin(forward.output, withGuard(y), 1e-6, label);

    const y32 = map(y, Math.fround);
    const backward = await runKernels(
      gpu,
      { source: padded32(y), output: blank(rows, columns), gradient: padded32(g) },
      [{ kernel: softmaxBackward, ...common }],
    );
    const dx = y32.map((row, r) => activationGradient("softmax", row, g[r]!, channels));
    assertWithin(backward.output, withGuard(dx), (4 + channels / 2) * epsilon, `${label}: dx`);
  }
});

test("softmax: inputs of any size, none of which overflows or vanishes together", async ({ gpu }) => {
  const x = [
    [100, -100, 0, 99],
    [-1000, -1001, -1002, -1003],
    [1.5e38, -1.5e38, 0, 1.5e38],
    [0, 0, 0, 0],
  ];
  const { output } = await runKernels(gpu, { source: padded32(x), output: blank(4, 4) }, [
    {
      kernel: softmaxForward,
      uniforms: { params: { rows: 4, pixels: 1, channels: 4, stride: 4 } },
      workgroups: [1, 1, 1],
    },
  ]);
  assertWithin(output, withGuard(x.map((row) => activate("softmax", row, 4))), 1e-6, "extremes");
});

test("activation: the twins' gradients are the slopes of their values", () => {
  const draw = numbers(7);
  const x = vector(12, () => 3 * draw());
  const g = vector(12, draw);
  const h = 1e-6;
  for (const name of ["linear", "relu", "sigmoid", "tanh", "softmax"] as const) {
    const value = (k: number, by: number) =>
      activate(
        name,
        x.map((v, i) => (i === k ? v + by : v)),
        4,
      ).reduce((sum, y, i) => sum + g[i]! * y, 0);
    const slopes = x.map((_, k) => (value(k, h) - value(k, -h)) / (2 * h));
    assertWithin(activationGradient(name, activate(name, x, 4), g, 4), slopes, 1e-8, name);
  }
});
