// The three products of a Dense layer (src/nn/products.ts, by every tile of shaders/tiles) against test/twins/matmul.ts.
import { assert } from "chai";
import { linear } from "../../src/gpu/dispatch.ts";
import type { ProductVariant } from "../../src/nn/kernels/product.ts";
import { packedRows, rowGrid } from "../../src/nn/moving.ts";
import { denseForward, inputGradient, weightGradient } from "../../src/nn/products.ts";
import { floatRows } from "../../src/nn/rows.ts";
import { biasGradient } from "../../src/nn/slices.ts";
import { assertWithin, sumBound } from "../twins/bounds.ts";
import * as twin from "../twins/matmul.ts";
import { abs, type Matrix, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { test } from "./harness.ts";
import { untouched } from "./run_kernel.ts";
import { runSpecs, variants } from "./run_specs.ts";

interface Shape {
  rows: number;
  inputs: number;
  outputs: number;
}

const ragged = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];
/** Every ragged size as rows, inputs and outputs; then more than one workgroup of every tile. */
const shapes: Shape[] = [
  ...ragged.map((rows, i) => ({ rows, inputs: ragged[(i + 4) % 11]!, outputs: ragged[(i + 7) % 11]! })),
  { rows: 140, inputs: 530, outputs: 519 },
];

/** A vec4f that nothing may touch before and behind. */
function guarded(values: ArrayLike<number>, around = untouched): Float64Array {
  return Float64Array.from({ length: values.length + 8 }, (_, i) => values[i - 4] ?? around);
}

/** W, its rows padded to a multiple of four, then b. */
function layer(w: Matrix, b: readonly number[]): Float64Array {
  const rows = padded(w, up4(w.length));
  const bias = padded([[...b]]);
  return Float64Array.from({ length: rows.length + bias.length }, (_, i) => rows[i] ?? bias[i - rows.length]!);
}

function draws(shape: Shape) {
  const { inputs, outputs } = shape;
  const draw = numbers(shape.rows * 1e6 + inputs * 1e3 + outputs);
  const rows = up4(shape.rows);
  const w = matrix(inputs, outputs, draw);
  return { x: matrix(rows, inputs, draw), w, g: matrix(rows, outputs, draw), b: vector(outputs, draw), rows };
}

/** Where W and b begin, in vec4f. */
const first4 = 1;
const biasPlace = ({ inputs, outputs }: Shape) => 1 + (up4(inputs) * up4(outputs)) / 4;

const bounded = (sizes: Float64Array, terms: number) => sizes.map((size) => sumBound(terms) * size);

/** All variants take turns at the shapes; the largest is for all of them. */
function* turns(): Generator<[Shape, ProductVariant, string]> {
  for (const [i, shape] of shapes.entries()) {
    for (const [j, variant] of variants.entries()) {
      if (i < shapes.length - 1 && i % variants.length !== j && (i + 3) % variants.length !== j) continue;
      yield [shape, variant, `${JSON.stringify(shape)}, ${variant.tile} from a ${variant.place}`];
    }
  }
}

test("products: Y = X W + b at ragged sizes, padding exactly zero", async ({ gpu }) => {
  for (const [shape, variant, label] of turns()) {
    const { x, w, b, rows } = draws(shape);
    const { inputs, outputs } = shape;
    const parameters = guarded(layer(w, b));
    const y = await runSpecs(gpu, { rows: shape.rows, product: variant, parameters }, (build, upload) => {
      const output = upload(vector(rows * up4(outputs), () => untouched));
      const weights = { w: floatRows(build.parameters, outputs, first4), inputs, bias4: biasPlace(shape) };
      const into = floatRows(output, outputs);
      return { specs: denseForward(build, "y", floatRows(upload(padded32(x)), inputs), weights, into), output };
    });
    const sizes = twin.forward(abs(x), abs(w), b.map(Math.abs));
    assertWithin(y, padded(twin.forward(x, w, b)), bounded(padded(sizes), inputs + 4), label);
  }
});

test("products: dX = G W' at ragged sizes, padding exactly zero", async ({ gpu }) => {
  for (const [shape, variant, label] of turns()) {
    const { w, b, g, rows } = draws(shape);
    const { inputs, outputs } = shape;
    const parameters = guarded(layer(w, b));
    const dx = await runSpecs(gpu, { rows: shape.rows, product: variant, parameters }, (build, upload) => {
      const output = upload(vector(rows * up4(inputs), () => untouched));
      const right = packedRows(build, "right", floatRows(build.parameters, outputs, first4), inputs);
      const packing = { operand: right.operand, packing: [right.spec] };
      const gradient = floatRows(upload(padded32(g)), outputs);
      return { specs: inputGradient(build, "dx", gradient, packing, floatRows(output, inputs)), output };
    });
    const sizes = padded(twin.gradientInput(abs(g), abs(w)));
    assertWithin(dx, padded(twin.gradientInput(g, w)), bounded(sizes, outputs + 3), label);
  }
});

test("products: dW = X' G and db at ragged sizes, other gradients untouched", async ({ gpu }) => {
  for (const [shape, variant, label] of turns()) {
    const { x, g, rows } = draws(shape);
    const { inputs, outputs } = shape;
    const expected = twin.gradientWeights(x, g);
    const sizes = twin.gradientWeights(abs(x), abs(g));
    const block = layer(expected.dw, expected.db);
    // Rows that only pad W are never written: they are zero from the start.
    const before = guarded(layer(expected.dw, expected.db).map((_, i) => (i < inputs * up4(outputs) ? untouched : 0)));
    const run = { rows: shape.rows, product: variant, gradients: before };
    const gradients = await runSpecs(gpu, run, (build, upload) => {
      const gradient = floatRows(upload(padded32(g)), outputs);
      const input = floatRows(upload(padded32(x)), inputs);
      const specs = [
        ...weightGradient(build, "dw", input, gradient, floatRows(build.gradients, outputs, first4)),
        ...biasGradient(build, "db", gradient, { outputs, into4: biasPlace(shape) }),
      ];
      return { specs, output: build.gradients };
    });
    const bounds = guarded(bounded(layer(sizes.dw, sizes.db), rows + 3), 0);
    assertWithin(gradients, guarded(block), bounds, label);
  }
});

test("products: a range beyond 65,535 workgroups goes on in the next dimension", () => {
  assertWithin(linear(1, 64), [1, 1, 1], 0, "1");
  assertWithin(linear(64, 64), [1, 1, 1], 0, "64");
  assertWithin(linear(65, 64), [2, 1, 1], 0, "65");
  assertWithin(linear(65535 * 64, 64), [65535, 1, 1], 0, "65535 * 64");
  assertWithin(linear(65535 * 64 + 1, 64), [65535, 2, 1], 0, "65535 * 64 + 1");
  assert.deepEqual(rowGrid(65535), [65535, 1]);
  assert.deepEqual(rowGrid(65536), [65535, 2]);
});
