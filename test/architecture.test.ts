import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { findViolations, type Sources } from "./architecture.ts";
import { root } from "./build.ts";

function readSources(): Sources {
  const sources = new Map<string, string>();
  for (const folder of ["src", "demo"]) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      const path = `${folder}/${name.split(sep).join("/")}`;
      if (!/\.tsx?$/.test(path) || path.endsWith(".d.ts") || path.startsWith("demo/dist/")) continue;
      sources.set(path, readFileSync(join(root, path), "utf8"));
    }
  }
  return sources;
}

test("the imports of src/ and demo/ keep the house rules", () => {
  const sources = readSources();
  expect(sources.size).toBeGreaterThan(5);
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(findViolations(sources, manifest)).toEqual([]);
});

const sound = {
  "src/errors.ts": "",
  "src/random.ts": 'import "./errors.ts";',
  "src/data/idx.ts": 'import "../random.ts";',
  "src/gpu/device.ts": 'import "../errors.ts"; const webgpu = "webgpu"; navigator.gpu;',
  "src/gpu/buffers.ts": "buffer.mapAsync(1);",
  "src/nn/dense.ts":
    'import a from "../../shaders/a.wgsl" with { type: "text" }; import type { B } from "../gpu/buffers.ts";',
  "src/train/fit.ts": 'import "../nn/dense.ts"; import "../data/idx.ts";',
  "src/model/sequential.ts": 'import "../train/fit.ts";',
  "src/index.ts": 'export * from "./model/sequential.ts"; // not navigator.gpu, nor mapAsync',
  "src/cli.ts": 'import "node:fs"; import "./cli/commands.ts";',
  "src/cli/commands.ts": 'import "../index.ts"; import "../data/idx.ts"; import "commander";',
  "demo/main.ts": 'import "../src/index.ts";',
};

test("a sound house has no violations", () => {
  expect(findViolations(new Map(Object.entries(sound)), { dependencies: {} })).toEqual([]);
});

test.each([
  ["src/errors.ts", 'import "./random.ts";', "beside itself errors may import nothing"],
  ["src/data/idx.ts", 'import "../gpu/device.ts";', "beside itself data may import"],
  ["src/gpu/buffers.ts", 'export * from "../nn/dense.ts";', "beside itself gpu may import"],
  ["src/gpu/buffers.ts", 'import type { Fit } from "../train/fit.ts";', "beside itself gpu may import"],
  ["src/nn/dense.ts", 'await import("../train/fit.ts");', "beside itself nn may import"],
  ["src/train/fit.ts", 'import "../model/sequential.ts";', "beside itself train may import"],
  ["src/model/sequential.ts", 'import "../index.ts";', "beside itself model may import"],
  ["src/index.ts", 'import "./cli/commands.ts";', "beside itself index may import"],
  ["src/cli/commands.ts", 'import "../nn/dense.ts";', "beside itself cli may import"],
  ["demo/main.ts", 'import "../src/data/idx.ts";', "beside itself demo may import"],
  ["src/stray.ts", "", "belongs to no part"],
  ["src/nn/other.ts", 'import "./other.ts";', "a circle of imports: src/nn/other.ts -> src/nn/other.ts"],
  ["src/gpu/buffers.ts", 'import "./more.ts";', "a circle of imports", 'import "./buffers.ts";'],
  ["src/model/sequential.ts", 'import { readFile } from "node:fs/promises";', "imports from node:"],
  ["src/model/sequential.ts", "globalThis.navigator?.gpu.requestAdapter();", "uses navigator.gpu"],
  ["src/cli/commands.ts", 'const { create } = await import("webgpu");', "names the package webgpu"],
  ["src/cli/commands.ts", 'const name = "webgpu"; await import(name);', "names the package webgpu"],
  ["src/train/fit.ts", "await buffer.mapAsync(GPUMapMode.READ);", "uses mapAsync"],
  [
    "src/gpu/buffers.ts",
    'import s from "../../shaders/a.wgsl" with { type: "text" };',
    "only src/nn may import shaders",
  ],
])("%s with %s is a violation", (path, source, expected, more = "") => {
  const sources = new Map(Object.entries({ ...sound, [path]: source }));
  if (more) sources.set("src/gpu/more.ts", more);
  expect(findViolations(sources).join("\n")).toContain(expected);
});

test("a runtime dependency is a violation", () => {
  expect(findViolations(new Map(), { dependencies: { a: "1" } })).toEqual(["package.json has dependencies"]);
});
