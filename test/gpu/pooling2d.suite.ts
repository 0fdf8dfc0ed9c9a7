// Pooling and its gradient (src/nn/pooling.ts) against test/twins/pooling2d.ts.
import { type PoolKind, poolImages, poolInputGradient } from "../../src/nn/pooling.ts";
import { byteRows, floatRows } from "../../src/nn/rows.ts";
import { type Padding, windowsOver } from "../../src/nn/windows.ts";
import { assertWithin, sumBound } from "../twins/bounds.ts";
import type { WindowTwin } from "../twins/conv2d.ts";
import { abs, type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import * as twin from "../twins/pooling2d.ts";
import { type Context, test } from "./harness.ts";
import { untouched } from "./run_kernel.ts";
import { runSpecs } from "./run_specs.ts";

type Shape = [
  batch: number,
  image: [height: number, width: number, channels: number],
  size: [number, number],
  strides: [number, number],
  padding: Padding,
];

/** Windows side by side, overlapping and with gaps; one pixel, and rests that no window covers. */
const shapes: Shape[] = [
  [1, [1, 1, 1], [1, 1], [1, 1], "valid"],
  [1, [1, 1, 3], [2, 2], [2, 2], "same"],
  [17, [5, 7, 1], [2, 2], [2, 2], "valid"],
  [17, [5, 7, 5], [2, 2], [2, 2], "same"],
  [65, [7, 5, 8], [3, 3], [2, 2], "same"],
  [17, [11, 13, 3], [3, 2], [1, 2], "valid"],
  [5, [13, 11, 4], [3, 3], [1, 1], "same"],
  [17, [11, 7, 4], [2, 2], [2, 2], "same"],
  [5, [13, 9, 8], [2, 3], [3, 3], "same"],
  [5, [14, 10, 12], [2, 2], [4, 3], "valid"],
  [17, [29, 23, 1], [2, 3], [3, 4], "same"],
  [1, [28, 28, 16], [2, 2], [2, 2], "valid"],
  [17, [17, 19, 17], [5, 4], [3, 2], "valid"],
];
const kinds: PoolKind[] = ["max", "average"];
const unit = 1 / 255;

/** Values of which many are equal where there are `levels`. */
function draws([batch, image, size, strides, padding]: Shape, levels?: number) {
  const [height, width, channels] = image;
  const over: WindowTwin = { height, width, channels, size, strides, padding };
  const windows = windowsOver(image, { size, strides, padding }, "test");
  const draw = numbers(batch * 1000 + height * 100 + channels);
  const value = () => (levels ? Math.floor(draw() * levels) / levels : draw());
  const rows = up4(batch);
  const x = matrix(rows, height * width * channels, value);
  const outputs = windows.count[0] * windows.count[1] * channels;
  const g = matrix(rows, outputs, (row) => (row < batch ? draw() : 0));
  return { over, windows, x, g, rows, outputs, terms: size[0] * size[1] };
}

type Draws = ReturnType<typeof draws>;

async function forward(gpu: Context["gpu"], kind: PoolKind, { windows, x, rows, outputs }: Draws, asBytes = false) {
  return runSpecs(gpu, { rows }, (build, upload) => {
    const output = upload(vector(rows * up4(outputs), () => untouched));
    const columns = x[0]!.length;
    const images = asBytes
      ? byteRows(build.buffers.upload("bytes", words(padded(x))), columns, unit)
      : floatRows(upload(padded32(x)), columns);
    return { specs: [poolImages(build, "y", kind, images, windows, floatRows(output, outputs))], output };
  });
}

/** Four bytes to a word. */
function words(values: Float64Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(values, (value) => Math.round(value / unit)).buffer);
}

async function backward(gpu: Context["gpu"], kind: PoolKind, { windows, x, g, rows, outputs }: Draws, y: Matrix) {
  return runSpecs(gpu, { rows }, (build, upload) => {
    const columns = x[0]!.length;
    const dx = upload(vector(rows * up4(columns), () => untouched));
    const pass = {
      input: floatRows(upload(padded32(x)), columns),
      output: floatRows(upload(padded32(y)), outputs),
      outputGradient: upload(padded32(g)),
      inputGradient: dx,
      ownGradients: false,
    };
    return { specs: [poolInputGradient(build, "dx", kind, pass, windows, dx)], output: dx };
  });
}

for (const kind of kinds) {
  test(`pooling2d: the ${kind} of windows at ragged sizes; what pads a row is zero`, async ({ gpu }) => {
    for (const shape of shapes) {
      const drawn = draws(shape);
      const { x, over, terms } = drawn;
      const label = JSON.stringify(shape);
      const bounds = padded(twin.forward("average", abs(x), over)).map((size) => sumBound(terms) * size);
      const y = await forward(gpu, kind, drawn);
      assertWithin(y, padded(twin.forward(kind, x, over)), kind === "max" ? 0 : bounds, label);

      const bytes = map(x, (value) => Math.floor((value + 1) * 127.5) * unit);
      const sizes = padded(twin.forward(kind, bytes, over)).map((size) => (sumBound(terms) + 2 ** -22) * size);
      const ofBytes = await forward(gpu, kind, { ...drawn, x: bytes }, true);
      assertWithin(ofBytes, padded(twin.forward(kind, bytes, over)), sizes, `${label} of bytes`);
    }
  });

  test(`pooling2d: the gradient of the ${kind}, ties included; what pads a row is zero`, async ({ gpu }) => {
    for (const shape of shapes) {
      for (const levels of [undefined, 2]) {
        const drawn = draws(shape, levels);
        const { x, g, over, terms } = drawn;
        // Overlapping windows add up to as many gradients as a window has pixels.
        const bounds = padded(twin.gradientInput(kind, x, abs(g), over)).map((size) => sumBound(terms) * size);
        const dx = await backward(gpu, kind, drawn, twin.forward(kind, x, over));
        assertWithin(dx, padded(twin.gradientInput(kind, x, g, over)), bounds, `${JSON.stringify(shape)} ${levels}`);
      }
    }
  });
}
