import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeColumns } from "../../demo/worker/table/columns.ts";
import { hasHeader, named, parseSheet } from "../../demo/worker/table/sheet.ts";
import { suggestInputs, suggestLabel, suggestTask } from "../../demo/worker/table/suggest.ts";
import { root } from "../build.ts";

const columnsOf = (text: string) => describeColumns(named(parseSheet(text, "t.csv"), true));
/** A table of a column for each list. */
const table = (columns: Record<string, readonly (string | number)[]>) => {
  const names = Object.keys(columns);
  const rows = columns[names[0]!]!.map((_, row) => names.map((name) => columns[name]![row]).join());
  return [names.join(), ...rows].join("\n");
};
const count = (n: number) => Array.from({ length: n }, (_, i) => i);

test("columns are numbers or text, with what is empty in them", () => {
  const [a, b, c] = columnsOf("a,b,c\n1.5,x,NA\n2,y,\n,x,3\n,y,\n");
  expect(a).toEqual({ name: "a", type: "number", distinct: 2, empty: 2, isWhole: false, isUsable: true });
  expect(b).toEqual({ name: "b", type: "text", distinct: 2, empty: 0, isWhole: false, isUsable: true });
  expect(c).toMatchObject({ type: "number", distinct: 1, empty: 3, isWhole: true, doubt: "the same in all rows" });
});

test("columns that say little or too much are no inputs by default, with the reason", () => {
  const columns = columnsOf(
    table({
      row: count(300),
      empty: count(300).map(() => ""),
      almost: count(300).map((i) => (i === 7 ? "seven" : i / 2)),
      names: count(300).map((i) => `name ${i}`),
      towns: count(300).map((i) => `town ${i % 21}`),
      colors: count(300).map((i) => `color ${i % 20}`),
      back: count(300).map((i) => -i),
    }),
  );
  expect(columns.map(({ doubt }) => doubt)).toEqual([
    "numbers the rows",
    "empty",
    '1 of its cells are no numbers, first "seven" on line 9',
    "300 different texts",
    "21 different texts",
    undefined,
    undefined,
  ]);
  expect(columns.map(({ isUsable }) => isUsable)).toEqual([true, false, false, false, true, true, true]);
  expect(suggestInputs(columns, 6)).toEqual([5]);
});

test("the label is a column with a telling name, else the last that differs", () => {
  expect(suggestLabel(columnsOf("y,Class,b\n1,2,3\n2,1,4\n"))).toBe(1);
  expect(suggestLabel(columnsOf("a,b,c\n1,2,3\n2,1,3\n"))).toBe(1);
  expect(suggestLabel(columnsOf("a,b\n1,1\n1,1\n"))).toBe(0);
});

test("text and few whole numbers are classes, other numbers are not", () => {
  const columns = columnsOf(
    table({
      text: count(50).map((i) => `t${i}`),
      digit: count(50).map((i) => i % 10),
      many: count(50).map((i) => 2 * i),
      half: count(50).map((i) => (i % 2) / 2),
    }),
  );
  const expected = ["classification", "classification", "regression", "regression"];
  expect(columns.map(suggestTask)).toEqual(expected);
});

test("the example is the published table of penguins", () => {
  const text = readFileSync(join(root, "demo/worker/table/penguins.csv"), "utf8");
  const published: Record<string, string | number | null>[] = JSON.parse(
    readFileSync(join(root, "node_modules/vega-datasets/data/penguins.json"), "utf8"),
  );
  const sheet = parseSheet(text, "penguins.csv");
  expect(hasHeader(sheet)).toBe(true);
  const { names, columns } = named(sheet, true);
  expect(names).toEqual(Object.keys(published[0]!));
  expect(columns).toEqual(names.map((name) => published.map((row) => String(row[name] ?? ""))));
  const described = describeColumns(named(sheet, true));
  expect(described.map(({ type }) => type).join()).toBe("text,text,number,number,number,number,text");
  expect(described.map(({ empty }) => empty)).toEqual([0, 0, 2, 2, 2, 2, 11]);
  expect(suggestLabel(described)).toBe(0);
  expect(suggestInputs(described, 0)).toEqual([1, 2, 3, 4, 5, 6]);
});
