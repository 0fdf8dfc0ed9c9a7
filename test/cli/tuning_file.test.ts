import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kernelsInWords, tuningStore } from "../../src/cli/tuning_file.ts";
import { scratchFolder } from "./scratch.ts";

const folder = scratchFolder();

test("a choice is kept in a file of its own, in a folder made for it", async () => {
  const path = join(folder.path, "not", "there");
  const store = tuningStore(path);
  expect(await store.read("one")).toBeUndefined();
  await store.write("one", "first");
  expect(await store.read("one")).toBe("first");
  await store.write("one", "again");
  await store.write("other", "second");
  expect([await store.read("one"), await store.read("other")]).toEqual(["again", "second"]);
  // Another process reads the same files.
  expect(await tuningStore(path).read("other")).toBe("second");
  expect(await readdir(path)).toHaveLength(2);
});

test.each([
  [{ source: "default" }, "default"],
  [{ source: "remembered" }, "remembered"],
  [{ source: "measured", measured: { total: 141.7, candidates: {} } }, "measured in 142 ms"],
] as const)("the kernels in words: %j", (how, words) => {
  const choice = { product: { tile: "registers16", place: "texture" }, rows: "buffer", invocations: "few" } as const;
  const start = "products by registers16 over textures, features in a buffer";
  expect(kernelsInWords({ ...choice, ...how })).toBe(`${start} (${words})`);
});
