import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeColumns } from "../../demo/worker/table/columns.ts";
import { completeRows, encode, findEncoding, widthOf } from "../../demo/worker/table/encoding.ts";
import { named, parseSheet } from "../../demo/worker/table/sheet.ts";
import { root } from "../build.ts";

const open = (text: string) => named(parseSheet(text, "t.csv"), true);
const sheet = open("a,color,b\n1,red,10\n,blue,20\n3,,40\n5,red,?\n2,green,7\n");
const encodingOf = (rows: readonly number[], empties: "drop" | "fill" = "fill") =>
  findEncoding(sheet, describeColumns(sheet), [0, 1, 2], rows, empties);

test("numbers stay, texts become an input for each value, empty cells the training rows' mean or nothing", () => {
  const encoding = encodingOf([0, 1, 2, 3]); // the fifth row is unseen
  expect(encoding.inputs).toEqual([
    { type: "number", name: "a", mean: 3 },
    { type: "text", name: "color", values: ["blue", "red"] },
    { type: "number", name: "b", mean: 70 / 3 },
  ]);
  expect(widthOf(encoding)).toBe(4);
  const { x, unknown } = encode(sheet, encoding, [4, 0, 1, 2, 3]);
  expect(x.shape).toEqual([5, 4]);
  expect([...x.data]).toEqual(
    [
      [2, 0, 0, 7],
      [1, 0, 1, 10],
      [3, 1, 0, 20],
      [3, 0, 0, 40],
      [5, 0, 1, 70 / 3],
    ]
      .flat()
      .map(Math.fround),
  );
  expect(unknown).toBe(1); // green
});

test("rows with an empty cell among the columns that count are left out", () => {
  expect(completeRows(sheet, [0, 1, 2])).toEqual([0, 4]);
  expect(completeRows(sheet, [1])).toEqual([0, 1, 3, 4]);
});

test("columns are found by name in another order; missing ones and bad cells are named", () => {
  const encoding = encodingOf([0, 4], "drop");
  const other = open("more,b,color,a\nx,1,green,2\n");
  expect([...encode(other, encoding, [0]).x.data]).toEqual([2, 1, 0, 1]);
  expect(() => encode(open("a,color\n1,red\n"), encoding, [0])).toThrow(
    't.csv: the model takes columns that are missing: "b". The file has "a", "color".',
  );
  expect(() => encode(open("a,color,b\n\n1,red,2\nlong,red,3\n"), encoding, [0, 1])).toThrow(
    't.csv, line 4, column "a": expected a number, found "long".',
  );
  expect(() => encode(open("a,color,b\n1e39,red,2\n"), encoding, [0])).toThrow('line 2, column "a"');
});

test("the penguins' means are those that are published with them", () => {
  // summary(penguins) of the R package palmerpenguins 0.1.0
  const published = [43.92, 17.15, 200.9, 4202];
  const penguins = open(readFileSync(join(root, "demo/worker/table/penguins.csv"), "utf8"));
  const all = penguins.lines.map((_, row) => row);
  const { inputs } = findEncoding(penguins, describeColumns(penguins), [2, 3, 4, 5], all, "fill");
  const means = inputs.map((input) => (input.type === "number" ? Number(input.mean.toPrecision(4)) : undefined));
  expect(means).toEqual(published);
});
