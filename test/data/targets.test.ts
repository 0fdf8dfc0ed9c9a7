import { describe, expect, it } from "vitest";
import { inOrder } from "../../src/data/samples.ts";
import {
  binaryRows,
  classesOf,
  inverseVariances,
  sliceTargets,
  type TargetsLike,
  toTargets,
} from "../../src/data/targets.ts";

const dataError = (message: RegExp) =>
  expect.objectContaining({ code: "data", message: expect.stringMatching(message) });

describe("toTargets", () => {
  it.each([
    ["a list", [2, 0, 1]],
    ["bytes", Uint8Array.of(2, 0, 1)],
    ["int32", Int32Array.of(2, 0, 1)],
    ["float32", Float32Array.of(2, 0, 1)],
  ])("takes %s of whole numbers as labels", (_, given) => {
    expect(toTargets(given, 3, 3, "y")).toEqual({ kind: "labels", labels: Uint32Array.of(2, 0, 1), rows: 3 });
  });

  it("takes a list as values where the model has one output", () => {
    expect(toTargets([0.5, -2], 2, 1, "y")).toEqual({
      kind: "dense",
      values: Float32Array.of(0.5, -2),
      rows: 2,
      outputs: 1,
    });
  });

  it("takes one value for each output, in their unit", () => {
    const values = { kind: "dense", values: Float32Array.of(0, 1, 1, 0), rows: 2, outputs: 2 };
    expect(
      toTargets(
        [
          [0, 1],
          [1, 0],
        ],
        2,
        2,
        "y",
      ),
    ).toEqual(values);
    expect(toTargets({ data: Uint8Array.of(0, 2, 2, 0), shape: [2, 2], unit: 0.5 }, 2, 2, "y")).toEqual(values);
  });

  it.each([
    ["a label too large", [0, 1, 10], 10, /y: row 2 has label 10.* 10 outputs.* from 0 to 9/],
    ["a negative label", [0, -1, 1], 10, /y: row 1 has label -1/],
    ["a fractional label", [0, 1, 0.5], 10, /y: row 2 has label 0\.5/],
    ["a label that is not a number", [0, Number.NaN, 1], 10, /y: row 1 has label NaN/],
    ["too few labels", [0, 1], 10, /y: expected one target for each of the 3 rows of x, got 2/],
    ["no labels", [], 10, /y: expected one target for each of the 3 rows of x, got 0/],
    ["too many values", [[0], [1], [0], [1]], 1, /y: expected one target .* 3 rows of x, got 4/],
    [
      "too few columns",
      [
        [0, 1],
        [1, 0],
        [0, 1],
      ],
      3,
      /y: the model has 3 outputs, but the targets have 2 columns/,
    ],
    ["a column of labels", [[1], [2], [0]], 3, /y: .* 3 outputs, .* 1 columns.* one integer label a row/],
    [
      "NaN",
      [
        [0, 1],
        [1, 0],
        [0, Number.NaN],
      ],
      2,
      /y: row 2, column 1 .* is NaN/,
    ],
    ["infinity in a single output", [0, 1, Number.POSITIVE_INFINITY], 1, /y: row 2, column 0 .* is Infinity/],
    ["nothing", undefined, 2, /y: expected .* got undefined/],
  ])("refuses %s", (_, given, outputs, message) => {
    expect(() => toTargets(given as TargetsLike, 3, outputs, "y")).toThrow(dataError(message));
  });
});

describe("sliceTargets", () => {
  it("takes rows of labels and of values", () => {
    const labels = toTargets([0, 1, 2, 3], 4, 4, "y");
    expect(sliceTargets(labels, 1, 3)).toEqual({ kind: "labels", labels: Uint32Array.of(1, 2), rows: 2 });
    const values = toTargets(
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      3,
      2,
      "y",
    );
    expect(sliceTargets(values, 2, 3)).toEqual({ kind: "dense", values: Float32Array.of(4, 5), rows: 1, outputs: 2 });
  });
});

describe("binaryRows", () => {
  it("marks rows whose every target is 0 or 1; labels always are", () => {
    expect(binaryRows(toTargets([3, 0], 2, 4, "y"))).toEqual(Uint8Array.of(1, 1));
    const values = [
      [0, 1],
      [1, 1],
      [-1, 1],
      [0, 0.5],
      [0, 2],
      [-0, 0],
    ];
    expect(binaryRows(toTargets(values, 6, 2, "y"))).toEqual(Uint8Array.of(1, 1, 0, 0, 0, 1));
  });
});

describe("classesOf", () => {
  const classes = (y: TargetsLike, rows: number, outputs: number) => [
    ...classesOf(toTargets(y, rows, outputs, "y"), "y"),
  ];

  it("takes labels, the first of the largest values, or the sign of a single one", () => {
    expect(classes([2, 0], 2, 3)).toEqual([2, 0]);
    expect(
      classes(
        [
          [0, 0.5, 0.5],
          [-1, -1, 1],
          [0, 0, 0],
        ],
        3,
        3,
      ),
    ).toEqual([1, 2, 0]);
    expect(classes([0, 1, 1], 3, 1)).toEqual([0, 1, 1]);
    expect(classes([-1, 1, -1], 3, 1)).toEqual([0, 1, 0]);
  });

  it("refuses the targets of a regression", () => {
    expect(() => classes([0, 1, 0.5], 3, 1)).toThrow(/^y: row 2 has 0\.5, which is no class/);
  });
});

describe("inverseVariances", () => {
  const inverse = (y: number[][], rows?: Uint32Array) => {
    const targets = toTargets(y, y.length, y[0]!.length, "y");
    return targets.kind === "dense" ? [...inverseVariances(targets, rows ?? inOrder(y.length))] : [];
  };

  it("is 1 / variance for each output, far from 0 too", () => {
    expect(
      inverse([
        [1, 10],
        [3, 10.5],
      ]),
    ).toEqual([1, 16]);
    expect(
      inverse([
        [2 ** 20, 0],
        [2 ** 20 + 1, 4],
        [2 ** 20 + 2, 8],
      ]).map((v) => v.toFixed(6)),
    ).toEqual(["1.500000", "0.093750"]);
  });

  it("is over the rows given alone", () => {
    expect(inverse([[1], [100], [3], [100]], Uint32Array.of(2, 0))).toEqual([1]);
    expect(inverse([[1], [100], [3], [100]], Uint32Array.of(1, 3))).toEqual([0]);
  });

  it("is 0 where all values are equal, or as good as equal", () => {
    expect(inverse(Array.from({ length: 1001 }, () => [0.1, -7.3e5, 0]))).toEqual([0, 0, 0]);
    expect(inverse([[1e-25], [0]])).toEqual([0]);
    expect(inverse([[5]])).toEqual([0]);
  });
});
