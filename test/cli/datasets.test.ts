import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readTable } from "../../src/cli/csv.ts";
import { loadDataset } from "../../src/cli/datasets.ts";
import { ConfigError, DataError, FormatError } from "../../src/errors.ts";
import { fault, scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();
let folder = "";
beforeEach(() => {
  folder = scratch.path;
});
afterEach(() => vi.unstubAllEnvs());

describe("a CSV file", () => {
  async function csv(text: string | Uint8Array, name = "data.csv"): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  it("becomes a data set without a test side", async () => {
    const path = await csv("a,kind,b\n1,x,2\n3,y,4\n");
    expect(await loadDataset(path, { label: "kind" })).toEqual({
      name: "data.csv",
      source: path,
      train: { x: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }, y: Int32Array.of(0, 1) },
      classNames: ["x", "y"],
      featureNames: ["a", "b"],
    });
  });

  it.each([
    [
      "quotes, CRLF and a byte order mark",
      '\ufeff"a","b"\r\n"1","say ""hi"""\r\n2,"x,y"\r\n',
      [
        ["1", 'say "hi"'],
        ["2", "x,y"],
      ],
    ],
    [
      "semicolons",
      "a;b\n1;x\n2;y\n",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
    ["tabs and empty lines", "\n\na\tb\n\n\n1\tx\n\n", [["1", "x"]]],
    [
      "two columns and other marks in the cells",
      "a,b\n1,x;y|z\n2,p;q|r\n",
      [
        ["1", "x;y|z"],
        ["2", "p;q|r"],
      ],
    ],
    ["no line break at the end", "a,b\n1,x", [["1", "x"]]],
    ["only a header", "a,b\n", []],
  ])("is read with %s", async (_, text, rows) => {
    expect(await readTable(await csv(text))).toMatchObject({ header: ["a", "b"], rows });
  });

  it("may have a single column", async () => {
    expect(await readTable(await csv("a\n1\n2\n"))).toEqual({ header: ["a"], rows: [["1"], ["2"]], lines: [2, 3] });
  });

  it("counts lines as an editor does, past empty lines and line breaks inside cells", async () => {
    const path = await csv('a,b\n\n1,"two\nlines"\n  \n?,x\n');
    expect((await readTable(path)).lines).toEqual([3, 6]);
    expect(await fault(loadDataset(path, { label: "b" }), DataError)).toContain(`${path}, line 6, column "a"`);
  });

  it.each([
    ["an empty file", "", "the file is empty"],
    ["only empty lines", "\n\n", "the file is empty"],
    ["a quote never closed", 'a,b\n1,x\n2,"y\n3,z\n', "line 3: Quoted field unterminated"],
    ["a quote in the wrong place", 'a,b\n1,"x" y\n2,z\n', "line 2: Trailing quote on quoted field is malformed"],
    ["Latin-1", Uint8Array.from([97, 44, 0xe4, 10, 49, 44, 50, 10]), "expected text in UTF-8"],
  ])("is refused: %s", async (_, text, message) => {
    const path = await csv(text);
    const found = await fault(readTable(path), FormatError);
    expect(found.startsWith(path)).toBe(true);
    expect(found).toContain(message);
  });

  it("needs a label column, and says which columns there are", async () => {
    const path = await csv("a,b\n1,x\n2,y\n");
    expect(await fault(loadDataset(path), ConfigError)).toContain('--label. The columns are "a", "b"');
    expect(await fault(loadDataset(path, { label: "c" }), DataError)).toContain(
      'no label column "c". The columns are "a", "b"',
    );
  });

  it("is refused with rows of another length", async () => {
    const path = await csv("a,b\n1,x\n2\n3,y\n");
    expect(await fault(loadDataset(path, { label: "b" }), DataError)).toContain(
      "line 3: expected 2 cells as in the header, found 1",
    );
  });

  it("is refused where it can't be read", async () => {
    expect(await fault(readTable(join(folder, "none.csv")), DataError)).toContain(
      "none.csv: the file can't be read (ENOENT",
    );
    await mkdir(join(folder, "folder.csv"));
    expect(await fault(readTable(join(folder, "folder.csv")), DataError)).toContain("EISDIR");
  });
});

describe("names and options", () => {
  it("refuses what is neither a known set nor a .csv path", async () => {
    for (const name of ["cifar", "data.txt", "toString", ""]) {
      expect(await fault(loadDataset(name), ConfigError)).toContain(
        "expected one of mnist, fashion-mnist, or the path of a .csv file",
      );
    }
  });

  it("refuses options that would have no effect", async () => {
    expect(await fault(loadDataset("mnist", { label: "y" }), ConfigError)).toContain("--label y");
    expect(await fault(loadDataset("a.csv", { label: "y", dataDir: "d" }), ConfigError)).toContain("--data-dir d");
  });
});
