// The three products of a convolution (src/nn/convolution.ts, by every tile of shaders/tiles) and the bias' gradient
// against test/twins/conv2d.ts.
import { assert } from "chai";
import { convolutionInputGradient, convolutionWeightGradient, convolve } from "../../src/nn/convolution.ts";
import { type ProductVariant, tileNames } from "../../src/nn/kernels/product.ts";
import { byteRows, floatRows } from "../../src/nn/rows.ts";
import { biasGradient } from "../../src/nn/slices.ts";
import { type Padding, windowsOver } from "../../src/nn/windows.ts";
import { assertWithin, sumBound } from "../twins/bounds.ts";
import * as twin from "../twins/conv2d.ts";
import { abs, type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { untouched } from "./run_kernel.ts";
import { runSpecs } from "./run_specs.ts";

interface Shape {
  batch: number;
  image: [height: number, width: number, channels: number];
  size: [number, number];
  strides: [number, number];
  padding: Padding;
  filters: number;
}

function shape(
  batch: number,
  image: Shape["image"],
  size: Shape["size"],
  strides: Shape["strides"],
  padding: Padding,
  filters: number,
): Shape {
  return { batch, image, size, strides, padding, filters };
}

/** Whole vec4f of channels and single ones, in and out; windows that leave a rest, and strides beyond a window. */
const shapes: Shape[] = [
  shape(1, [1, 1, 1], [1, 1], [1, 1], "valid", 1),
  shape(1, [2, 3, 1], [3, 3], [1, 1], "same", 5),
  shape(17, [5, 7, 1], [3, 3], [1, 1], "valid", 16),
  shape(65, [7, 5, 3], [2, 3], [1, 1], "same", 17),
  shape(17, [11, 13, 5], [3, 3], [2, 2], "same", 16),
  shape(17, [13, 11, 8], [3, 2], [2, 1], "valid", 8),
  shape(65, [5, 5, 8], [5, 5], [1, 1], "same", 5),
  shape(17, [17, 19, 1], [5, 3], [3, 2], "same", 16),
  shape(1, [29, 23, 3], [3, 3], [3, 3], "valid", 17),
  shape(17, [7, 7, 16], [3, 3], [1, 1], "same", 32),
  shape(17, [9, 8, 4], [1, 1], [2, 3], "valid", 4),
  shape(5, [10, 9, 8], [2, 2], [3, 3], "same", 20),
  shape(65, [28, 28, 1], [3, 3], [1, 1], "same", 8),
];

/** Operands of convolutions lie in buffers, whatever place suits others. */
const variants: ProductVariant[] = tileNames.map((tile) => ({ tile, place: "texture" }));
const labelOf = (shape: Shape, { tile }: ProductVariant) => `${JSON.stringify(shape)}, ${tile}`;

/** The tiles take turns, two at a shape. */
function* turns(): Generator<[Shape, ProductVariant, string]> {
  for (const [i, shape] of shapes.entries()) {
    for (const variant of [variants[i % 4]!, variants[(i + 1) % 4]!]) yield [shape, variant, labelOf(shape, variant)];
  }
}

function draws({ batch, image, size, strides, padding, filters }: Shape) {
  const [height, width, channels] = image;
  const over: twin.WindowTwin = { height, width, channels, size, strides, padding };
  const windows = windowsOver(image, { size, strides, padding }, "test");
  const count = twin.countOf(over);
  assert.deepEqual(windows.count, count);
  const draw = numbers(batch * 1000 + height * 100 + filters);
  const rows = up4(batch);
  return {
    ...{ over, windows, rows, pixels: count[0] * count[1] },
    terms: size[0] * size[1] * channels,
    x: matrix(rows, height * width * channels, draw),
    w: matrix(size[0] * size[1] * channels, filters, draw),
    b: vector(filters, draw),
    // Rows beyond the batch have no gradient.
    g: matrix(rows, count[0] * count[1] * filters, (row) => (row < batch ? draw() : 0)),
  };
}

type Draws = ReturnType<typeof draws> & { largestBinding?: number };

/** A vec4f that nothing may touch, W, its rows padded to a multiple of four, then b. */
function block(w: Matrix, b: readonly number[], around = untouched): Float64Array {
  return Float64Array.of(...vector(4, () => around), ...padded(w, up4(w.length)), ...padded([[...b]]));
}

/** Where b begins, in vec4f. */
const biasPlace = (w: Matrix) => 1 + (up4(w.length) * up4(w[0]!.length)) / 4;

/** Rows of floats, or of bytes with their unit. */
type Kind = "floats" | "bytes";
const unit = 1 / 255;

async function forward(
  gpu: Context["gpu"],
  product: ProductVariant,
  drawn: Draws,
  kind: Kind = "floats",
  useBias = true,
) {
  const { x, w, b, windows, rows, pixels, largestBinding } = drawn;
  const outputs = pixels * b.length;
  return runSpecs(gpu, { rows, product, parameters: block(w, b), largestBinding }, (build, upload) => {
    const output = upload(vector(rows * up4(outputs), () => untouched));
    const columns = x[0]!.length;
    const images =
      kind === "floats"
        ? floatRows(upload(padded32(x)), columns)
        : byteRows(build.buffers.upload("bytes", words(padded(x))), columns, unit);
    const filters = { w: floatRows(build.parameters, b.length, 1), bias4: useBias ? biasPlace(w) : undefined };
    return { specs: convolve(build, "y", images, filters, windows, floatRows(output, outputs)), output };
  });
}

/** Four bytes to a word. */
function words(values: Float64Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(values, (value) => Math.round(value / unit)).buffer);
}

async function inputGradient(
  gpu: Context["gpu"],
  product: ProductVariant,
  { g, w, x, windows, rows, largestBinding }: Draws,
) {
  const inputs = x[0]!.length;
  return runSpecs(gpu, { rows, product, parameters: block(w, []), largestBinding }, (build, upload) => {
    const output = upload(vector(rows * up4(inputs), () => untouched));
    const gradient = floatRows(upload(padded32(g)), g[0]!.length);
    const filters = floatRows(build.parameters, w[0]!.length, 1);
    const into = floatRows(output, inputs);
    return { specs: convolutionInputGradient(build, "dx", gradient, filters, windows, into), output };
  });
}

async function weightGradients(
  gpu: Context["gpu"],
  product: ProductVariant,
  { g, x, w, b, windows, rows, pixels, largestBinding }: Draws,
) {
  const filters = b.length;
  // Rows that only pad W are never written: they are zero from the start.
  const before = block(
    map(w, () => untouched),
    map([b], () => untouched)[0]!,
  );
  return runSpecs(gpu, { rows, product, gradients: before, largestBinding }, (build, upload) => {
    const gradient = floatRows(upload(padded32(g)), g[0]!.length);
    const images = floatRows(upload(padded32(x)), x[0]!.length);
    const into = floatRows(build.gradients, filters, 1);
    const specs = [
      ...convolutionWeightGradient(build, "dw", images, gradient, windows, into),
      ...biasGradient(build, "db", gradient, { outputs: filters, pixels, into4: biasPlace(w) }),
    ];
    return { specs, output: build.gradients };
  });
}

const bounded = (sizes: Float64Array, terms: number) => sizes.map((size) => sumBound(terms) * size);

test("conv2d: Y at ragged sizes, strides and both paddings; what pads a row is zero", async ({ gpu }) => {
  for (const [shape, variant, label] of turns()) {
    const drawn = draws(shape);
    const { x, w, b, over, terms } = drawn;
    const sizes = twin.forward(abs(x), abs(w), b.map(Math.abs), over);
    const y = await forward(gpu, variant, drawn);
    assertWithin(y, padded(twin.forward(x, w, b, over)), bounded(padded(sizes), terms + 4), label);
  }
});

test("conv2d: Y of images of bytes, and without a bias", async ({ gpu }) => {
  for (const [i, shape] of shapes.entries()) {
    const drawn = draws(shape);
    const x = map(drawn.x, (value) => Math.floor((value + 1) * 127.5) * unit);
    const { w, b, over, terms } = drawn;
    const none = b.map(() => 0);
    const sizes = twin.forward(abs(x), abs(w), none, over);
    const y = await forward(gpu, variants[i % 4]!, { ...drawn, x }, "bytes", false);
    const label = labelOf(shape, variants[i % 4]!);
    assertWithin(y, padded(twin.forward(x, w, none, over)), bounded(padded(sizes), terms + 6), label);
  }
});

test("conv2d: dX at ragged sizes, strides and both paddings; what pads a row is zero", async ({ gpu }) => {
  for (const [shape, variant, label] of turns()) {
    const drawn = draws(shape);
    const { g, w, over } = drawn;
    const terms = shape.size[0] * shape.size[1] * shape.filters;
    const sizes = twin.gradientInput(abs(g), abs(w), over);
    const dx = await inputGradient(gpu, variant, drawn);
    assertWithin(dx, padded(twin.gradientInput(g, w, over)), bounded(padded(sizes), terms + 3), label);
  }
});

test("conv2d: dW and db at ragged sizes, strides and both paddings; other gradients untouched", async ({ gpu }) => {
  for (const [shape, variant, label] of turns()) {
    const drawn = draws(shape);
    const { x, g, b, over, rows, pixels } = drawn;
    const expected = twin.gradientWeights(x, g, b.length, over);
    const sizes = twin.gradientWeights(abs(x), abs(g), b.length, over);
    const gradients = await weightGradients(gpu, variant, drawn);
    const bounds = bounded(block(sizes.dw, sizes.db, 0), rows * pixels + 70);
    assertWithin(gradients, block(expected.dw, expected.db), bounds, label);
  }
});

test("conv2d: the same bits from every tile, in every product", async ({ gpu }) => {
  for (const shape of [shapes[3]!, shapes[4]!, shapes[9]!, shapes[12]!]) {
    const drawn = draws(shape);
    for (const run of [forward, inputGradient, weightGradients]) {
      const first = await run(gpu, variants[0]!, drawn);
      for (const variant of variants.slice(1)) {
        const bits = new Uint32Array((await run(gpu, variant, drawn)).buffer);
        assertWithin(bits, new Uint32Array(first.buffer), 0, `${run.name}, ${labelOf(shape, variant)}`);
      }
    }
  }
});

test("conv2d: patches that exceed a binding are packed one part after another, to the same bits", async ({ gpu }) => {
  for (const shape of [shapes[3]!, shapes[5]!, shapes[9]!]) {
    const drawn = draws(shape);
    for (const run of [forward, inputGradient, weightGradients]) {
      for (const variant of [variants[0]!, variants[2]!]) {
        const expected = await run(gpu, variant, drawn);
        const bits = new Uint32Array((await run(gpu, variant, { ...drawn, largestBinding: 40_000 })).buffer);
        assertWithin(bits, new Uint32Array(expected.buffer), 0, `${run.name}, ${labelOf(shape, variant)}`);
      }
    }
  }
});
