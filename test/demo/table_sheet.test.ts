import { describe, expect, test } from "vitest";
import { isEmptyCell, toNumber } from "../../demo/worker/table/cells.ts";
import { hasHeader, named, parseSheet, readSheet } from "../../demo/worker/table/sheet.ts";

describe("parseSheet", () => {
  test.each([
    ["commas", "a,b\n1,2\n3,4\n"],
    ["tabs", "a\tb\n1\t2\n3\t4"],
    ["semicolons and Windows' line ends", "a;b\r\n1;2\r\n3;4\r\n"],
    ["quotes", '"a","b"\n"1",2\n3,"4"\n'],
  ])("reads %s", (_, text) => {
    expect(parseSheet(text, "t")).toMatchObject({
      columns: [
        ["a", "1", "3"],
        ["b", "2", "4"],
      ],
      lines: [1, 2, 3],
    });
  });

  test("takes a comma for a decimal point where semicolons separate", () => {
    expect(parseSheet("a;b\n1,5;2", "t").decimalComma).toBe(true);
    expect(parseSheet("a,b\n1.5,2", "t").decimalComma).toBe(false);
  });

  test("leaves empty lines out and counts lines through cells that span several", () => {
    const { columns, lines } = parseSheet('\na,b\n\n1,"two\nlines, ""quoted"""\n\n3,4\n', "t");
    expect(columns).toEqual([
      ["a", "1", "3"],
      ["b", 'two\nlines, "quoted"', "4"],
    ]);
    expect(lines).toEqual([2, 4, 7]);
  });

  test("a row of another length, a quote that stays open and an empty file are named", () => {
    expect(() => parseSheet('a,b\n"1\n1",2\n3\n', "t.csv")).toThrow(
      "t.csv, line 4: 1 cells, where the first line has 2",
    );
    expect(() => parseSheet('a,b\n1,2\n3,"4\n5,6\n', "t.csv")).toThrow("t.csv, line 3: Quoted field unterminated");
    expect(() => parseSheet("\n \n", "t.csv")).toThrow("t.csv is empty.");
  });

  test("files lose their mark of UTF-8; other encodings are refused", async () => {
    const { columns } = await readSheet(new File(["\ufeffä,b\n1,2\n"], "t.csv"));
    expect(columns[0]).toEqual(["ä", "1"]);
    const latin = new Uint8Array([0xe4, 0x2c, 0x62]);
    await expect(readSheet(new File([latin], "t.csv"))).rejects.toThrow("t.csv is no text in UTF-8");
  });
});

test.each([
  ["a,b\n1,2", true],
  ["a,\n1,2", true],
  ["1,b\n1,2", false],
  ["a,a\n1,2", false],
  ["a,b", false],
])("the first line of %j holds names: %s", (text, expected) => {
  expect(hasHeader(parseSheet(text, "t"))).toBe(expected);
});

test("columns have different names", () => {
  const sheet = parseSheet("a,a,,a (2)\n1,2,3,4\n", "t");
  expect(named(sheet, true)).toMatchObject({ names: ["a", "a (2)", "column 3", "a (2) (2)"], lines: [2] });
  expect(named(sheet, false)).toMatchObject({ names: ["column 1", "column 2", "column 3", "column 4"], lines: [1, 2] });
  expect(() => named(parseSheet("a,b\n", "t.csv"), true)).toThrow("t.csv has a line of names, but no rows");
});

test("cells are numbers, empty or text", () => {
  expect(["1", " -2.5 ", "+.5", "3.", "1e-3", "2E5"].map((cell) => toNumber(cell, false))).toEqual([
    1, -2.5, 0.5, 3, 1e-3, 2e5,
  ]);
  const texts = ["", "1,5", "0x10", "Infinity", "1 2", "1e", "--1", "2020-01-01"];
  expect(texts.map((cell) => toNumber(cell, false))).toEqual(texts.map(() => Number.NaN));
  expect(["1,5", "-,5", "1.5", "1,234,5"].map((cell) => toNumber(cell, true))).toEqual([1.5, -0.5, 1.5, Number.NaN]);
  expect(["", "  ", "NA", "n/a", "NaN", "null", "?", "."].every(isEmptyCell)).toBe(true);
  expect(["0", "-", "none", "nap", "no"].some(isEmptyCell)).toBe(false);
});
