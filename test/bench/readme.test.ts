import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../build.ts";
import type { Results } from "./figures.ts";
import { withTables } from "./readme.ts";

test("the README's tables are those of the results", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const results = JSON.parse(await readFile(join(root, "test/bench/results.json"), "utf8")) as Results;
  expect(withTables(readme, results), 'after a benchmark: "npm run bench -- --readme"').toBe(readme);
});

test("a README without marks is refused", () => {
  expect(() => withTables("no marks", {} as Results)).toThrow(/bench:begin/);
});
