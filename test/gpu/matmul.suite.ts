// shaders/matmul.wgsl against test/twins/matmul.ts.
import { linear } from "../../src/gpu/dispatch.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import * as kernels from "../../src/nn/kernels/matmul.ts";
import { assertWithin, sumBound } from "../twins/bounds.ts";
import * as twin from "../twins/matmul.ts";
import { abs, type Matrix, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, untouched } from "./run_kernel.ts";

interface Shape {
  rows: number;
  inputs: number;
  outputs: number;
}

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
const shapes: Shape[] = ragged.map((rows, i) => {
  return { rows, inputs: ragged[(i + 4) % 11]!, outputs: ragged[(i + 7) % 11]! };
});

/** A vec4f that nothing may touch before and behind. */
function guarded(values: ArrayLike<number>, around = untouched): Float64Array {
  const guard = vector(4, () => around);
  return Float64Array.of(...guard, ...Array.from(values), ...guard);
}

/** W, its rows padded to a multiple of four, then b. */
function layer(w: Matrix, b: readonly number[]): Float64Array {
  return Float64Array.of(...padded(w, up4(w.length)), ...padded([[...b]]));
}

interface Run extends Shape {
  kernel: Kernel;
  left: ArrayLike<number>;
  right: ArrayLike<number>;
  output: number;
  invocations: number;
  weights?: number;
}

async function multiply(gpu: Context["gpu"], run: Run): Promise<Float32Array> {
  const { kernel, rows, inputs, outputs, invocations, weights = 1 } = run;
  const { output } = await runKernels(
    gpu,
    {
      left: Float32Array.from(run.left),
      right: Float32Array.from(run.right),
      output: new Float32Array(run.output).fill(untouched),
    },
    [
      {
        kernel,
        uniforms: { params: { rows: up4(rows), inputs4: up4(inputs) / 4, outputs4: up4(outputs) / 4, weights } },
        workgroups: spread(invocations),
      },
    ],
  );
  return output;
}

/** Workgroups over two dimensions, as a large range needs them. */
function spread(invocations: number): [number, number, number] {
  const [groups] = linear(invocations, kernels.lanes);
  return groups > 3 ? [3, Math.ceil(groups / 3), 1] : [groups, 1, 1];
}

function draws(shape: Shape) {
  const draw = numbers(shape.rows * 1e6 + shape.inputs * 1e3 + shape.outputs);
  const { inputs, outputs } = shape;
  const rows = up4(shape.rows);
  const x = matrix(rows, inputs, draw);
  const w = matrix(inputs, outputs, draw);
  const g = matrix(rows, outputs, draw);
  return { x, w, g, b: vector(outputs, draw), rows, label: JSON.stringify(shape) };
}

const bounded = (sizes: Float64Array, terms: number) => sizes.map((size) => sumBound(terms) * size);

test("matmul: Y = X W + b at ragged sizes, padding exactly zero", async ({ gpu }) => {
  for (const shape of shapes) {
    const { x, w, b, rows, label } = draws(shape);
    const y = await multiply(gpu, {
      ...shape,
      kernel: kernels.forward,
      left: padded32(x),
      right: guarded(layer(w, b)),
      output: rows * up4(shape.outputs),
      invocations: (rows / 4) * (up4(shape.outputs) / 4),
    });
    const sizes = twin.forward(abs(x), abs(w), b.map(Math.abs));
    assertWithin(y, padded(twin.forward(x, w, b)), bounded(padded(sizes), shape.inputs + 4), label);
  }
});

test("matmul: dX = G W' at ragged sizes, padding exactly zero", async ({ gpu }) => {
  for (const shape of shapes) {
    const { w, b, g, rows, label } = draws(shape);
    const dx = await multiply(gpu, {
      ...shape,
      kernel: kernels.gradientInput,
      left: padded32(g),
      right: guarded(layer(w, b)),
      output: rows * up4(shape.inputs),
      invocations: (rows / 4) * (up4(shape.inputs) / 4),
    });
    const sizes = padded(twin.gradientInput(abs(g), abs(w)));
    assertWithin(dx, padded(twin.gradientInput(g, w)), bounded(sizes, shape.outputs + 3), label);
  }
});

test("matmul: dW = X' G and db at ragged sizes, padding exactly zero, other gradients untouched", async ({ gpu }) => {
  for (const shape of shapes) {
    const { x, g, rows, label } = draws(shape);
    const expected = twin.gradientWeights(x, g);
    const sizes = twin.gradientWeights(abs(x), abs(g));
    const block = layer(expected.dw, expected.db);
    const gradients = await multiply(gpu, {
      ...shape,
      kernel: kernels.gradientWeights,
      left: padded32(x),
      right: padded32(g),
      output: block.length + 8,
      invocations: (up4(shape.inputs) / 4 + 1) * (up4(shape.outputs) / 4),
    });
    const bounds = guarded(bounded(layer(sizes.dw, sizes.db), rows + 3), 0);
    assertWithin(gradients, guarded(block), bounds, label);
  }
});

test("matmul: a range beyond 65,535 workgroups goes on in y", () => {
  assertWithin(linear(1, 64), [1, 1, 1], 0, "1");
  assertWithin(linear(64, 64), [1, 1, 1], 0, "64");
  assertWithin(linear(65, 64), [2, 1, 1], 0, "65");
  assertWithin(linear(65535 * 64, 64), [65535, 1, 1], 0, "65535 * 64");
  assertWithin(linear(65535 * 64 + 1, 64), [65535, 2, 1], 0, "65535 * 64 + 1");
});
