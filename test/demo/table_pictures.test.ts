import { expect, test } from "vitest";
import { shrink } from "../../demo/worker/table/pictures.ts";

/** A picture of grey pixels, or of [red, green, blue]. */
const picture = (width: number, height: number, value: (x: number, y: number) => number | readonly number[]) => {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const pixel = value(i % width, Math.floor(i / width));
    data.set([...(typeof pixel === "number" ? [pixel, pixel, pixel] : pixel), 255], 4 * i);
  }
  return { data: data as ImageData["data"], width, height };
};
const grey = { side: 28, channels: 1 } as const;

test("a grey picture of the form's size stays as it is", () => {
  const value = (x: number, y: number) => (37 * x + 11 * y) % 256;
  const expected = Array.from({ length: 784 }, (_, i) => value(i % 28, Math.floor(i / 28)));
  expect([...shrink(picture(28, 28, value), grey)]).toEqual(expected);
});

test("twice the size becomes the mean of four pixels, and colours become grey by Rec. 601", () => {
  const mean = shrink(
    picture(56, 56, (x, y) => 100 * (x % 2) + 40 * (y % 2)),
    grey,
  );
  expect(new Set(mean)).toEqual(new Set([70]));
  const colors = picture(64, 64, (x) => (x < 32 ? [200, 100, 50] : [0, 0, 255]));
  const inColor = shrink(colors, { side: 32, channels: 3 });
  expect([...inColor.subarray(15 * 3, 17 * 3)]).toEqual([200, 100, 50, 0, 0, 255]);
  const inGrey = shrink(colors, { side: 32, channels: 1 });
  expect([...inGrey.subarray(15, 17)]).toEqual([124, 29]); // .299 200 + .587 100 + .114 50, .114 255
});

test("pixels count by the part of them that is covered; what is no square is squeezed", () => {
  // 42 columns on 28: each takes one and a half, so (0 + 90 / 2) / 1.5 = 30 and (90 / 2 + 240) / 1.5 = 190.
  const wide = picture(42, 1, (x) => [0, 90, 240][x % 3]!);
  const row = [...shrink(wide, grey).subarray(28, 56)];
  expect(row).toEqual(Array.from({ length: 28 }, (_, i) => (i % 2 ? 190 : 30)));
});

test("the mean of a picture stays, whatever its size", () => {
  for (const [width, height] of [
    [1, 1],
    [29, 31],
    [127, 64],
    [500, 333],
  ] as const) {
    const source = picture(width, height, (x, y) => (x * y) % 251);
    let sum = 0;
    for (let i = 0; i < source.data.length; i += 4) sum += source.data[i]!;
    const pixels = shrink(source, grey);
    const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
    expect(Math.abs(mean - sum / (width * height))).toBeLessThan(0.05);
  }
});
