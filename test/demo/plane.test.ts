import { expect, test } from "vitest";
import { classColors } from "../../demo/palette.ts";
import { contour } from "../../demo/worker/plane/contour.ts";
import { l2Of, targetsOf } from "../../demo/worker/plane/machine.ts";
import { classAt, leadOf, pictureOf, pixelCentres } from "../../demo/worker/plane/picture.ts";
import { PictureRate } from "../../demo/worker/plane/picture_rate.ts";

/** Values of a function at the centres of a grid's pixels. */
function sampled(size: number, f: (x: number, y: number) => number): Float32Array {
  const centres = pixelCentres(size);
  return Float32Array.from({ length: size * size }, (_, i) => f(centres[2 * i]!, centres[2 * i + 1]!));
}

function segmentsOf(lines: Float32Array): [number, number, number, number][] {
  return Array.from({ length: lines.length / 4 }, (_, i) => [...lines.subarray(4 * i, 4 * i + 4)] as never);
}

test("centres of pixels: from the upper left one, in whole or in strips of rows", () => {
  expect([...pixelCentres(2)]).toEqual([-0.5, 0.5, 0.5, 0.5, -0.5, -0.5, 0.5, -0.5]);
  const whole = pixelCentres(5);
  expect([...pixelCentres(5, 2, 4)]).toEqual([...whole.subarray(20, 40)]);
});

test("the contour of a slanted plane is its straight line, from end to end", () => {
  const segments = segmentsOf(
    contour(
      sampled(16, (x, y) => 2 * x - y),
      16,
      0.3,
    ),
  );
  let length = 0;
  for (const [x0, y0, x1, y1] of segments) {
    expect(2 * x0 - y0).toBeCloseTo(0.3, 5);
    expect(2 * x1 - y1).toBeCloseTo(0.3, 5);
    length += Math.hypot(x1 - x0, y1 - y0);
  }
  // Between the outermost centres, 15/16 from the middle, y goes from one to the other while x does half of that.
  expect(length).toBeCloseTo(((2 * 15) / 16) * Math.hypot(1, 0.5), 4);
});

test("the contour of a cone is its circle", () => {
  const segments = segmentsOf(contour(sampled(64, Math.hypot), 64, 0.7));
  let length = 0;
  for (const [x0, y0, x1, y1] of segments) {
    expect(Math.hypot(x0, y0)).toBeCloseTo(0.7, 3);
    length += Math.hypot(x1 - x0, y1 - y0);
  }
  expect(length).toBeCloseTo(2 * Math.PI * 0.7, 2);
});

test.each([
  // Upper left, upper right, lower left, lower right. Both diagonals, each with the middle above and below the level.
  [[3, -1, -1, 3], "the pair above hangs together", [1, 2]],
  [[1, -3, -3, 1], "the pair above is parted", [0, 3]],
  [[-1, 3, 3, -1], "the pair above hangs together", [0, 3]],
  [[-3, 1, 1, -3], "the pair above is parted", [1, 2]],
])("a saddle %j: %s", (values, _, cutOff) => {
  const segments = segmentsOf(contour(Float32Array.from(values), 2, 0));
  expect(segments).toHaveLength(2);
  // Each line lies nearest to the corner that it cuts off.
  const corners = [
    [-0.5, 0.5],
    [0.5, 0.5],
    [-0.5, -0.5],
    [0.5, -0.5],
  ] as const;
  const nearest = segments.map(([x0, y0, x1, y1]) => {
    const distances = corners.map(([x, y]) => Math.hypot((x0 + x1) / 2 - x, (y0 + y1) / 2 - y));
    return distances.indexOf(Math.min(...distances));
  });
  expect(nearest.sort()).toEqual(cutOff);
});

test("a score's lead is over the best other one", () => {
  const scores = Float32Array.of(1, 5, 3, 2, 2, -4);
  expect([...leadOf(scores, 0, 3)]).toEqual([-4, 0]);
  expect([...leadOf(scores, 1, 3)]).toEqual([2, 0]);
  expect([...leadOf(scores, 2, 3)]).toEqual([-2, -6]);
});

test("a pixel has the colour of the class with the highest score, and lines lie where scores say", () => {
  const size = 32;
  const centres = pixelCentres(size);
  // Class 1 at the right of x = .2, class 3 at its left; the scores differ by 4 |x - .2|.
  const scores = Float32Array.from({ length: size * size * 2 }, (_, i) => (i % 2 ? -2 : 2) * (centres[i & ~1]! - 0.2));
  const picture = pictureOf(scores, size, [1, 3], 2);
  const hex = (x: number, y: number) => {
    const at = 4 * (Math.floor(((1 - y) / 2) * size) * size + Math.floor(((x + 1) / 2) * size));
    return `#${[...picture.pixels.subarray(at, at + 3)].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  };
  for (const y of [-0.9, 0, 0.9]) {
    expect([hex(0.6, y), hex(-0.6, y)]).toEqual([classColors[1], classColors[3]]);
    expect([classAt(picture, 0.6, y), classAt(picture, -0.6, y)]).toEqual([1, 3]);
  }
  expect([classAt(picture, 1, 1), classAt(picture, -1, -1)]).toEqual([1, 3]);
  const alpha = (x: number) => picture.pixels[4 * (16 * size + Math.floor(((x + 1) / 2) * size)) + 3]!;
  expect(alpha(0.25)).toBeLessThan(alpha(0.4));
  expect(alpha(0.8)).toBe(alpha(0.95)); // beyond the margin, which lies at .2 +- .5
  for (const [x0] of segmentsOf(picture.boundary)) expect(x0).toBeCloseTo(0.2, 5);
  const margins = new Set(segmentsOf(picture.margin).map(([x0]) => x0.toFixed(4)));
  expect([...margins].sort()).toEqual(["-0.3000", "0.7000"]);
});

test("three classes: every pixel is of the highest score, and all three boundaries are drawn", () => {
  const size = 30;
  const centres = pixelCentres(size);
  const directions = [0, 1, 2].map((k) => [Math.cos((2 * Math.PI * k) / 3), Math.sin((2 * Math.PI * k) / 3)] as const);
  const scores = Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const [a, b] = directions[i % 3]!;
    const at = 2 * Math.floor(i / 3);
    return a * centres[at]! + b * centres[at + 1]!;
  });
  const picture = pictureOf(scores, size, [0, 1, 2], 1);
  for (const [k, [x, y]] of directions.entries()) expect(classAt(picture, 0.8 * x, 0.8 * y)).toBe(k);
  // The boundaries are the rays opposite to the directions.
  const near = ([x, y]: readonly [number, number]) =>
    segmentsOf(picture.boundary).filter(([x0, y0]) => Math.hypot(x0 + 0.6 * x, y0 + 0.6 * y) < 0.1).length;
  for (const direction of directions) expect(near(direction)).toBeGreaterThan(0);
});

test("C: the penalty on the layer's weights is 1/2 |v|^2 over n K C", () => {
  const settings = { kernel: "gaussian", outputDim: 512, scale: 1, C: 10 } as const;
  const [rows, classes, sumOfSquares] = [200, 2, 0.37];
  // |v|^2 = D / 2 |w|^2.
  const whole = 0.5 * (512 / 2) * sumOfSquares;
  const hinge = l2Of({ ...settings, loss: "hinge" }, rows, classes) * sumOfSquares;
  expect(hinge).toBeCloseTo(whole / (rows * classes * 10), 12);
  const logistic = l2Of({ ...settings, loss: "categorical_crossentropy" }, rows, 3) * sumOfSquares;
  expect(logistic).toBeCloseTo(whole / (rows * 10), 12);
  // w and -w in place of one output with the difference 2 w, whose penalty is 1/2 D / 2 4 |w|^2.
  const pair = l2Of({ ...settings, loss: "categorical_crossentropy" }, rows, 2) * 2 * sumOfSquares;
  expect(pair).toBeCloseTo((4 * whole) / (rows * 10), 12);
});

test("the ridge's targets are 1 for a row's own class and -1 for the others", () => {
  expect(targetsOf("mean_squared_error", Uint8Array.of(1, 0), 3)).toEqual({
    data: Float32Array.of(-1, 1, -1, 1, -1, -1),
    shape: [2, 3],
  });
  expect(targetsOf("hinge", Uint8Array.of(1, 0), 3)).toEqual(Uint8Array.of(1, 0));
});

test("pictures: small ones on a slow adapter, large ones on a fast one, and pauses that leave the time to training", () => {
  const slow = new PictureRate();
  expect(slow.size("running")).toBe(32);
  slow.made(32, 1000, 1500);
  expect([slow.size("running"), slow.size("last")]).toEqual([32, 128]);
  expect([slow.isDue(2499), slow.isDue(2500)]).toEqual([false, true]);
  const fast = new PictureRate();
  fast.made(32, 1000, 1002);
  expect([fast.size("running"), fast.size("last")]).toEqual([128, 256]);
  expect([fast.isDue(1099), fast.isDue(1100)]).toEqual([false, true]);
  fast.begin(5000);
  expect([fast.isDue(5099), fast.isDue(5100)]).toEqual([false, true]);
});
