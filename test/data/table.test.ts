import { describe, expect, it } from "vitest";
import {
  labelsOf,
  standardization,
  standardize,
  type Table,
  tableToClassification,
  tableToFeatures,
} from "../../src/data/table.ts";
import { DataError } from "../../src/errors.ts";

/** Commas and line breaks split; no quoting. */
function table(...lines: string[]): Table {
  const [header = [], ...rows] = lines.map((line) => line.split(","));
  return { header, rows };
}

function fault(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  }
  throw new Error("expected a DataError");
}

const FLOWERS = table("length,kind,width", "5.1,setosa,3.5", "-7e-1,virginica,.25", " 6 ,setosa,1000");

describe("tableToClassification", () => {
  it("reads features in the header's order and classes by code unit", () => {
    const { x, labels, classNames, featureNames } = tableToClassification(FLOWERS, "kind", "f");
    expect(x).toEqual({ data: Float32Array.of(5.1, 3.5, -0.7, 0.25, 6, 1000), shape: [3, 2] });
    expect(labels).toEqual(Int32Array.of(0, 1, 0));
    expect(classNames).toEqual(["setosa", "virginica"]);
    expect(featureNames).toEqual(["length", "width"]);
  });

  it("sorts classes as numbers only if all are numbers", () => {
    const classes = (...cells: string[]) =>
      tableToClassification(table("x,y", ...cells.map((c) => `0,${c}`)), "y", "f").classNames;
    expect(classes("10", "9", "-1", "2")).toEqual(["-1", "2", "9", "10"]);
    expect(classes("10", "9", "b", "B")).toEqual(["10", "9", "B", "b"]);
  });

  it("takes names and labels without surrounding spaces, and the label from any column", () => {
    const result = tableToClassification(table(" y , a", "one ,1", " two,2", "one,3"), "y", "f");
    expect(result.classNames).toEqual(["one", "two"]);
    expect(result.featureNames).toEqual(["a"]);
    expect([...result.labels]).toEqual([0, 1, 0]);
  });

  it.each([
    [
      "an unknown label column",
      FLOWERS,
      'no label column "species". The columns are "length", "kind", "width"',
      "species",
    ],
    ["only the label column", table("y", "a", "b"), 'beside the label "y", found none'],
    ["no rows", table("x,y"), "at least one row below the header, found none"],
    ["one class", table("x,y", "1,a", "2,a"), 'column "y": expected at least 2 classes, found only "a"'],
    ["one number written in two ways", table("x,y", "1,1", "2,1.0"), 'classes "1", "1.0" are the same number'],
    ["a word", table("x,y", "1,a", "two,b"), 'f, line 3, column "x": expected a finite float32 number, found "two"'],
    [
      "an empty cell",
      table("x,z,y", "1,1,a", "1,,b"),
      'f, line 3, column "z": expected a finite float32 number, found an empty cell',
    ],
    [
      "a blank cell",
      table("x,y", "  ,a", "1,b"),
      'line 2, column "x": expected a finite float32 number, found an empty cell',
    ],
    ["NaN", table("x,y", "NaN,a", "1,b"), 'line 2, column "x": expected a finite float32 number, found "NaN"'],
    [
      "infinity",
      table("x,y", "1,a", "-Infinity,b"),
      'line 3, column "x": expected a finite float32 number, found "-Infinity"',
    ],
    ["beyond float32", table("x,y", "1,a", "3.5e38,b"), 'found "3.5e38"'],
    [
      "a decimal comma",
      {
        header: ["x", "y"],
        rows: [
          ["1,5", "a"],
          ["1", "b"],
        ],
      },
      'found "1,5"',
    ],
    ["an empty label", table("x,y", "1,a", "1, "), 'line 3, column "y": the label is empty'],
    ["a short row", table("x,z,y", "1,1,a", "1,b"), "f, line 3: expected 3 cells as in the header, found 2"],
    ["a long row", table("x,y", "1,a,4", "1,b"), "f, line 2: expected 2 cells as in the header, found 3"],
    ["a name twice", table("x,x,y", "1,1,a"), 'column name "x" stands more than once'],
  ])("refuses %s", (_, broken: Table, message: string, label = "y") => {
    expect(fault(() => tableToClassification(broken, label, "f"))).toContain(message);
  });

  it("names the line of the file where the table knows it", () => {
    const broken = {
      header: ["x", "y"],
      rows: [
        ["1", "a"],
        ["?", "b"],
      ],
      lines: [2, 7],
    };
    expect(fault(() => tableToClassification(broken, "y", "f"))).toContain("line 7");
  });

  it("lists no more than 20 of many columns", () => {
    const wide = { header: Array.from({ length: 785 }, (_, i) => `p${i}`), rows: [] };
    expect(fault(() => tableToClassification(wide, "y", "f"))).toMatch(/"p19", \.\.\. \(785 in all\)\.$/);
  });
});

describe("tableToFeatures", () => {
  const data = table("c,y,a,b", "3,?,1,2", "30,?,10,20");

  it("picks by name whatever the order, and ignores other columns", () => {
    const x = tableToFeatures(data, { featureNames: ["a", "b"], columns: 2 }, "f");
    expect(x).toEqual({ data: Float32Array.of(1, 2, 10, 20), shape: [2, 2] });
  });

  it("picks by position without names, leaving out the label column if there is one", () => {
    const x = tableToFeatures(data, { columns: 3, labelColumn: "y" }, "f");
    expect(x).toEqual({ data: Float32Array.of(3, 1, 2, 30, 10, 20), shape: [2, 3] });
    expect(tableToFeatures(table("a,b", "1,2"), { columns: 2, labelColumn: "y" }, "f").data).toEqual(
      Float32Array.of(1, 2),
    );
  });

  it("refuses missing columns by name, a wrong number, bad cells and no rows", () => {
    const named = (...names: string[]) => ({ featureNames: names, columns: names.length });
    expect(fault(() => tableToFeatures(data, named("a", "d", "e"), "f"))).toContain(
      'feature columns "d", "e" are missing; the columns are "c", "y", "a", "b"',
    );
    expect(fault(() => tableToFeatures(data, { columns: 4, labelColumn: "y" }, "f"))).toContain(
      'the model takes 4 features, but there are 3 feature columns: "c", "a", "b"',
    );
    expect(fault(() => tableToFeatures(data, named("y"), "f"))).toContain('line 2, column "y"');
    expect(fault(() => tableToFeatures(table("a"), named("a"), "f"))).toContain("at least one row");
    expect(fault(() => tableToFeatures(table("a,b", "1"), named("a"), "f"))).toContain("line 2: expected 2 cells");
  });
});

describe("labelsOf", () => {
  it("maps to the model's classes, in the model's order", () => {
    expect(labelsOf(FLOWERS, "kind", ["virginica", "other", "setosa"], "f")).toEqual(Int32Array.of(2, 0, 2));
  });

  it("refuses a class the model does not know, and an unknown column", () => {
    expect(fault(() => labelsOf(FLOWERS, "kind", ["setosa", "other"], "f"))).toContain(
      'f, line 3, column "kind": the model does not know the class "virginica". Its classes are "setosa", "other"',
    );
    expect(fault(() => labelsOf(FLOWERS, "sort", ["setosa"], "f"))).toContain('no label column "sort"');
  });
});

describe("standardization", () => {
  it("is the population's mean and deviation", () => {
    // 1, 2, 3, 4: variance 5/4. -10, 10 alternating: variance 100.
    const x = { data: Float32Array.of(1, -10, 2, 10, 3, -10, 4, 10), shape: [4, 2] as const };
    const s = standardization(x);
    expect(s.mean).toEqual(Float32Array.of(2.5, 0));
    expect(s.scale).toEqual(Float32Array.of(Math.sqrt(1.25), 10));
    const z = standardize(x, s);
    expect(z.shape).toEqual([4, 2]);
    expect([...z.data].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([
      -1.341641, -1, -0.447214, 1, 0.447214, -1, 1.341641, 1,
    ]);
    expect(x.data[0]).toBe(1);
  });

  it("leaves a constant column at 0", () => {
    for (const value of [0, 0.1, 16777217, 1e-45, 3e38]) {
      const x = { data: new Float32Array(7).fill(value), shape: [7, 1] as const };
      const s = standardization(x);
      expect(s.scale[0]).toBe(1);
      expect([...standardize(x, s).data]).toEqual(new Array(7).fill(0));
    }
    for (let value = 0; value < 256; value++) {
      const x = { data: new Uint8Array(7).fill(value), shape: [7, 1] as const, unit: 1 / 255 };
      expect(standardization(x).scale[0]).toBe(1);
    }
  });

  it("stays finite at both ends of float32", () => {
    const tiny = Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1e-45); // deviation 4e-46: 0 as float32
    expect(standardization({ data: tiny, shape: [10, 1] }).scale[0]).toBe(1);
    const huge = { data: Float32Array.of(-3e38, 3e38), shape: [2, 1] as const };
    expect([...standardize(huge, standardization(huge)).data]).toEqual([-1, 1]);
  });

  it("accumulates in float64", () => {
    // In float32 the sum stops growing at 2^24, which would give a mean of 0.84.
    const n = 20_000_000;
    expect(standardization({ data: new Float32Array(n).fill(1), shape: [n, 1] }).mean[0]).toBe(1);
  });

  it("honours the unit of bytes", () => {
    const s = standardization({ data: Uint8Array.of(0, 255), shape: [2, 1], unit: 1 / 255 });
    expect([s.mean[0], s.scale[0]]).toEqual([0.5, 0.5]);
    expect(standardize({ data: Uint8Array.of(0, 255), shape: [2, 1], unit: 1 / 255 }, s)).toEqual({
      data: Float32Array.of(-1, 1),
      shape: [2, 1],
    });
  });

  it("refuses another number of columns", () => {
    for (const [mean, scale] of [
      [3, 2],
      [2, 3],
    ] as const) {
      const s = { mean: new Float32Array(mean), scale: new Float32Array(scale) };
      expect(fault(() => standardize({ data: new Float32Array(4), shape: [2, 2] }, s))).toContain(
        `2 columns, but mean has ${mean} and scale ${scale} values`,
      );
    }
  });
});
