import { describe, expect, it } from "vitest";
import { IMAGE_SETS, isImageSetName } from "../../src/data/image_sets.ts";

describe.each(Object.entries(IMAGE_SETS))("the catalog entry %s", (name, set) => {
  const files = [set.train.images, set.train.labels, set.test.images, set.test.labels];

  it("is named as its key", () => expect(set.name).toBe(name));

  it("has file lengths that follow from counts and image size", () => {
    for (const part of [set.train, set.test]) {
      expect(part.images.bytes).toBe(16 + part.count * set.rows * set.columns);
      expect(part.labels.bytes).toBe(8 + part.count);
    }
    expect([set.train.count, set.test.count, set.rows, set.columns]).toEqual([60000, 10000, 28, 28]);
  });

  it("has four different hashes, file names, and folders as mirrors", () => {
    for (const file of files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(files.map((file) => file.sha256)).size).toBe(4);
    expect(files.map((file) => file.name)).toEqual([
      "train-images-idx3-ubyte",
      "train-labels-idx1-ubyte",
      "t10k-images-idx3-ubyte",
      "t10k-labels-idx1-ubyte",
    ]);
    for (const mirror of set.mirrors) expect(mirror).toMatch(/^https?:\/\/.*\/$/);
  });

  it("has ten class names", () => expect(new Set(set.classNames).size).toBe(10));
});

describe("isImageSetName", () => {
  it("knows the sets, and not what every object has", () => {
    expect(["mnist", "fashion-mnist", "MNIST", "toString", "x.csv"].map(isImageSetName)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
