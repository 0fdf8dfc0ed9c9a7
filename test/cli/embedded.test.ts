import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheFolder, unpackOnce } from "../../src/cli/cache.ts";
import { embeddedAdapter } from "../../src/cli/embedded.ts";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "quasi-svm-test-"));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

test("the cache folder follows each system's custom", () => {
  expect(cacheFolder("linux", {}, "/home/a")).toBe(join("/home/a", ".cache", "quasi-svm"));
  expect(cacheFolder("linux", { XDG_CACHE_HOME: "/cache" }, "/home/a")).toBe(join("/cache", "quasi-svm"));
  expect(cacheFolder("darwin", {}, "/Users/a")).toBe(join("/Users/a", "Library", "Caches", "quasi-svm"));
  expect(cacheFolder("win32", { LOCALAPPDATA: "/local" }, "/a")).toBe(join("/local", "quasi-svm"));
});

test("unpackOnce fills a folder once, also for two at the same time", async () => {
  let fills = 0;
  const fill = async (folder: string) => {
    fills++;
    await writeFile(join(folder, "a.txt"), "whole");
  };
  const both = await Promise.all([unpackOnce("thing-1", fill, cache), unpackOnce("thing-1", fill, cache)]);
  expect(both).toEqual([join(cache, "thing-1"), join(cache, "thing-1")]);
  const before = fills;
  await unpackOnce("thing-1", fill, cache);
  expect(fills).toBe(before);
  expect(await readdir(cache)).toEqual(["thing-1"]);
  expect(await readFile(join(cache, "thing-1", "a.txt"), "utf8")).toBe("whole");
});

test("unpackOnce leaves nothing behind when filling fails", async () => {
  const failing = unpackOnce("thing-1", () => Promise.reject(new Error("disk full")), cache);
  await expect(failing).rejects.toThrow("disk full");
  expect(await readdir(cache)).toEqual([]);
});

test("the embedded adapter is for Linux x64", async () => {
  expect((await embeddedAdapter("darwin arm64")).reason).toContain("is for Linux x64, this is darwin arm64");
});

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "the embedded adapter is unpacked whole",
  async () => {
    const { environment, reason } = await embeddedAdapter();
    expect(reason).toBeUndefined();
    const folder = dirname(environment!.VK_ICD_FILENAMES!);
    expect(basename(folder)).toMatch(/^swiftshader-\d/);
    for (const name of ["vk_swiftshader_icd.json", "libvk_swiftshader.so", "libvulkan.so.1"]) {
      expect(existsSync(join(folder, name)), name).toBe(true);
    }
    expect(environment!.LD_LIBRARY_PATH!.split(":")[0]).toBe(folder);
  },
);
