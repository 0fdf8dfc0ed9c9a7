import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reals, UsageError } from "../../src/cli/options.ts";
import { trialTable } from "../../src/cli/search.ts";
import { decodeSafetensors } from "../../src/data/safetensors.ts";
import { randomStream } from "../../src/random.ts";
import { scratchFolder } from "./scratch.ts";
import { runSource } from "./source.ts";

const scratch = scratchFolder();

test("lists are read strictly", () => {
  expect(reals("--scales", { above: 0 })("1, 2.5,1e-3")).toEqual([1, 2.5, 1e-3]);
  expect(() => reals("--scales", { above: 0 })("1,,2")).toThrow(UsageError);
  expect(() => reals("--scales", { above: 0 })("1,0")).toThrow(/--scales expects a number above 0, got "0"/);
});

test("a regression's errors are in its units", () => {
  const trial = { scale: 1.5, lambda: 0.01, epochs: 4, score: -0.25, evaluation: undefined };
  expect(trialTable([trial], { name: "y", mean: 0, scale: 10 })).toBe(
    "scale  lambda  epochs  validation mse\n1.5      0.01       4              25",
  );
});

test("a search tells rings apart, and saves the best model", async () => {
  const rings = join(scratch.path, "rings.csv");
  const stream = randomStream(0, "rings");
  const rows = Array.from({ length: 300 }, (_, i) => {
    const radius = (i % 2 === 0 ? 1 : 2) + 0.3 * (stream.nextUniform() - 0.5);
    const angle = 2 * Math.PI * stream.nextUniform();
    return `${radius * Math.cos(angle)},${radius * Math.sin(angle)},${i % 2 === 0 ? "inner" : "outer"}`;
  });
  await writeFile(rings, `east,north,ring\n${rows.join("\n")}\n`);
  const out = join(scratch.path, "best.safetensors");
  const data = ["--data", rings, "--label", "ring"];
  const { stderr, stdout, last } = runSource(
    ...["search", ...data, "--scales", "0.7,500", "--lambdas", "0,1e-4", "--output-dim", "128", "--epochs", "20"],
    ...["--batch-size", "16", "--learning-rate", "0.01", "--out", out, "--json"],
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^scale +lambda +epochs +validation acc\n0\.7 /m);
  const { best, trials, projectedRows } = JSON.parse(last);
  expect(best.scale).toBe(0.7);
  expect(trials).toHaveLength(4);
  expect(projectedRows).toBe(300);
  const { tensors } = decodeSafetensors(await readFile(out), out);
  expect(tensors["random_fourier_features.kernel_scale"]?.data[0]).toBeCloseTo(0.7, 6);
  const { acc } = JSON.parse(runSource("evaluate", "--model", out, ...data, "--json").last);
  expect(acc).toBeGreaterThan(0.95);
}, 60_000);
