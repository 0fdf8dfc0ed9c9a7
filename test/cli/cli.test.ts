import { spawnSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { findDeno } from "../../src/cli/packages.ts";
import { buildPackage, root } from "../build.ts";

beforeAll(buildPackage);

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli.js", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test.each([
  [["train", "--data", "mnist", "--epochs", "1x"], 'error: --epochs expects a whole number of at least 1, got "1x".'],
  [["train", "--data", "mnist", "--feature-cache", "2GB"], "error: --feature-cache expects auto, off or a number of"],
  [["train"], "error: required option '--data <name|file>' not specified"],
  [["train", "--data", "mnist", "--kernel", "cubic"], "Allowed choices are gaussian, laplacian."],
  [["train", "--data", "mnist", "--epoch", "3"], "error: unknown option '--epoch'"],
  [["fly"], "error: unknown command 'fly'"],
  [["--runtime", "bun", "doctor"], "Allowed choices are auto, node, deno."],
  [["--tune", "fast", "doctor"], "Allowed choices are auto, off, force."],
  [["train", "--data", "mnist", "--tune", "fast"], "Allowed choices are auto, off, force."],
])("%j is a usage error", (args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("help and version go to the standard output", () => {
  expect(run("--help")).toMatchObject({ status: 0, stderr: "" });
  expect(run("--version")).toMatchObject({ status: 0, stdout: "0.1.0\n" });
  expect(run("--help").stdout).not.toContain("probe");
});

test("doctor shows every runtime and what would be used", () => {
  const { status, stdout } = run("doctor", "--json");
  const report = JSON.parse(stdout);
  const seen = report.probes.map(
    ({ runtime, drivers }: { runtime: string; drivers: string }) => `${runtime} ${drivers}`,
  );
  expect(seen).toEqual(["node system", "node embedded", "deno system", "deno embedded", "chrome system"]);
  expect(status).toBe(0);
  expect(report.choice.adapter.limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27);
  const words = run("doctor").stdout;
  expect(words).toContain(`Would use: ${report.choice.adapter.name}`);
  // The first report has measured them, where nothing had before.
  const { product, rows } = report.tuning;
  expect(words).toContain(
    `Kernels: products by ${product.tile} over ${product.place}s, features in a ${rows} (remembered).`,
  );
}, 120_000);

test("the source runs in Deno as it lies", () => {
  const args = ["run", "--allow-all", "--no-lock", "src/cli.ts", "probe"];
  const { stdout, stderr } = spawnSync(findDeno()!, args, { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(Object.keys(JSON.parse(stdout))).toHaveLength(1);
});
