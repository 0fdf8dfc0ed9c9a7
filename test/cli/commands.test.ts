// train, evaluate and predict on a real table, in Node and in Deno, as a user starts them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDeno } from "../../src/cli/packages.ts";
import { decodeSafetensors } from "../../src/data/safetensors.ts";
import { randomStream } from "../../src/random.ts";
import { buildPackage, root } from "../build.ts";

let folder: string;
/** Two rings, which no line parts, with string labels and columns of very different scales. */
let rings: string;

beforeAll(async () => {
  await buildPackage();
  folder = await mkdtemp(join(tmpdir(), "quasi-svm-commands-"));
  rings = join(folder, "rings.csv");
  const stream = randomStream(0, "rings");
  const rows = Array.from({ length: 400 }, (_, i) => {
    const radius = (i % 2 === 0 ? 1 : 2.5) + 0.3 * (stream.nextUniform() - 0.5);
    const angle = 2 * Math.PI * stream.nextUniform();
    return `${radius * Math.cos(angle)},${1000 * radius * Math.sin(angle) + 5000},${i % 2 === 0 ? "inner" : "outer"}`;
  });
  await writeFile(rings, `east,north,ring\n${rows.join("\n")}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const starts = {
  "Node, built": [process.execPath, "dist/cli.js", "--runtime", "node"],
  "Deno, built": [process.execPath, "dist/cli.js", "--runtime", "deno"],
  "Deno, from source": [findDeno() ?? "deno", "run", "-A", "--no-lock", "src/cli.ts"],
};

function run(start: string[], ...args: string[]) {
  const [program = "", ...first] = start;
  const { status, stdout, stderr } = spawnSync(program, [...first, ...args], { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) ?? "" };
}

function partOf<T>(record: Record<string, T>, keys: string[]): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, record[key] as T]));
}

const small = ["--output-dim", "128", "--epochs", "30", "--batch-size", "32", "--learning-rate", "0.01"];

test.each(Object.entries(starts))(
  "train, evaluate and predict on a CSV: %s",
  async (name, start) => {
    const out = join(folder, `${name.replaceAll(/\W/g, "")}.safetensors`);
    const trained = run(
      start,
      "train",
      "--data",
      rings,
      "--label",
      "ring",
      "--standardize",
      ...small,
      "--json",
      "--out",
      out,
    );
    expect(trained.stderr).toBe("");
    expect(trained.status).toBe(0);
    const result = JSON.parse(trained.last);
    expect(Object.keys(result)).toEqual(["runtime", "adapter", "history", "seconds", "tuning", "model"]);
    expect(result.runtime).toBe(name.startsWith("Node") ? "node" : "deno");
    expect(result.model).toBe(out);
    expect(Object.keys(result.history)).toEqual(["loss", "acc", "val_loss", "val_acc"]);
    expect(result.history.loss).toHaveLength(30);
    expect(result.history.val_acc.at(-1)).toBeGreaterThan(0.95);
    expect(Object.keys(result.seconds)).toEqual(["total", "features", "train"]);
    expect(trained.stdout).toContain(`Epoch 30/30\n10/10 [${"=".repeat(30)}] - `);
    expect(trained.stdout).toContain(result.adapter.name);

    const { tensors, metadata } = decodeSafetensors(await readFile(out), out);
    expect(Object.keys(tensors).sort()).toEqual([
      "dense.bias",
      "dense.kernel",
      "random_fourier_features.bias",
      "random_fourier_features.kernel_scale",
      "random_fourier_features.unscaled_kernel",
    ]);
    expect(tensors["random_fourier_features.kernel_scale"]?.data[0]).toBeCloseTo(1, 6); // sqrt(2 / 2)
    expect(JSON.parse(metadata["quasi-svm"] ?? "")).toMatchObject({
      classNames: ["inner", "outer"],
      featureNames: ["east", "north"],
      loss: "hinge",
    });
    const history = JSON.parse(await readFile(out.replace(".safetensors", ".history.json"), "utf8"));
    expect(history.history).toEqual(result.history);

    const evaluated = run(start, "evaluate", "--model", out, "--data", rings, "--label", "ring", "--json");
    expect(evaluated.status).toBe(0);
    const measured = JSON.parse(evaluated.last);
    expect(measured).toMatchObject({ rows: 400, model: out });
    expect(measured.acc).toBeGreaterThan(0.95);

    const predicted = join(folder, "predicted.csv");
    expect(run(start, "predict", "--model", out, "--data", rings, "--out", predicted).status).toBe(0);
    const [header, ...rows] = (await readFile(predicted, "utf8")).trimEnd().split("\n");
    expect(header).toBe("prediction,score_inner,score_outer");
    expect(rows).toHaveLength(400);
    const right = rows.filter((row, i) => row.startsWith(i % 2 === 0 ? "inner," : "outer,")).length;
    expect(right / 400).toBeCloseTo(measured.acc, 6);
  },
  120_000,
);

test("training goes on from --init, and the same seed gives the same file", async () => {
  const start = starts["Deno, built"];
  const file = (name: string) => join(folder, `${name}.safetensors`);
  const train = (name: string, ...more: string[]) =>
    run(start, "train", "--data", rings, "--label", "ring", ...small, "--quiet", "--out", file(name), ...more);
  expect(train("first")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(train("second")).toMatchObject({ status: 0 });
  expect((await readFile(file("first"))).equals(await readFile(file("second")))).toBe(true);
  const further = train("third", "--init", file("first"), "--json");
  const loss = JSON.parse(further.last).history.loss[0];
  const before = JSON.parse(await readFile(join(folder, "first.history.json"), "utf8")).history.loss;
  expect(loss).toBeLessThan(before[5]);
  expect(train("fourth", "--init", file("first"), "--output-dim", "64")).toMatchObject({ status: 1 });
}, 120_000);

test("--compact leaves out what the seed draws again; --feature-cache changes no bit", async () => {
  const start = starts["Deno, built"];
  const file = (name: string) => join(folder, `${name}.safetensors`);
  const train = (name: string, ...more: string[]) =>
    run(start, "train", "--data", rings, "--label", "ring", ...small, "--out", file(name), ...more);
  const evaluated = (name: string) =>
    run(start, "evaluate", "--model", file(name), "--data", rings, "--label", "ring").stdout;
  const once = "Features, once for all epochs";
  const full = train("full", "--seed", "3", "--feature-cache", "1M");
  expect(full).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining(once) });
  const compact = train("compact", "--seed", "3", "--compact", "--feature-cache", "off");
  expect(compact).toMatchObject({ status: 0, stderr: "", stdout: expect.not.stringContaining(once) });
  const bytes = await readFile(file("compact"));
  const { tensors } = decodeSafetensors(bytes, "compact");
  expect(Object.keys(tensors)).toEqual(["dense.bias", "dense.kernel"]);
  expect(tensors).toEqual(
    partOf(decodeSafetensors(await readFile(file("full")), "full").tensors, Object.keys(tensors)),
  );
  expect(evaluated("compact")).toBe(evaluated("full"));
  // Features of another seed can't be drawn again from this one.
  expect(train("other", "--init", file("compact"), "--compact", "--seed", "4")).toMatchObject({ status: 0 });
  const other = decodeSafetensors(await readFile(file("other")), "other");
  expect(Object.keys(other.tensors)).toContain("random_fourier_features.unscaled_kernel");
  expect(train("same", "--init", file("compact"), "--compact", "--seed", "3")).toMatchObject({ status: 0 });
  expect((await readFile(file("same"))).length).toBe(bytes.length);
}, 120_000);

test.each(["Node, built", "Deno, built"] as const)(
  "--profile shows where the GPU's time went: %s",
  async (name) => {
    const args = ["train", "--data", rings, "--label", "ring", "--output-dim", "64", "--epochs", "2", "--json"];
    const { status, stdout, last } = run(starts[name], ...args, "--profile");
    expect(status).toBe(0);
    const { profile, noProfile } = JSON.parse(last);
    if (noProfile) return expect(stdout).toContain(`profile  none. ${noProfile}`);
    expect(Object.keys(profile[0])).toEqual(["label", "dispatches", "milliseconds"]);
    expect(stdout).toMatch(/^profile {2}\d+\.\d ms on the GPU$/m);
    for (const { label, dispatches } of profile)
      expect(stdout).toMatch(new RegExp(` ${dispatches} x .*  ${label}$`, "m"));
    expect(JSON.parse(run(starts[name], ...args).last)).not.toHaveProperty("profile");
  },
  60_000,
);

test.each([
  [["--data", "RINGS", "--label", "rung"], /no column "rung".*"east", "north", "ring"|"rung"/s],
  [["--data", "RINGS"], /name the label column with --label/],
  [["--data", "missing.csv", "--label", "y"], /missing\.csv/],
  [["--data", "cifar"], /Unknown data set "cifar": expected one of mnist, fashion-mnist/],
  [["--data", "RINGS", "--label", "ring", "--validation-split", "0.9999"], /leaves no rows for training/],
  [
    ["--data", "RINGS", "--label", "ring", "--kernel", "laplacian", "--feature-map", "sorf"],
    /featureMap "sorf" is for kernelInitializer "gaussian", got "laplacian"/,
  ],
  [["--data", "RINGS", "--label", "ring", "--learning-rate", "1e38"], /diverged at step \d+/],
  [
    ["--data", "RINGS", "--label", "ring", "--output-dim", "100000000"],
    /maxStorageBufferBindingSize.*outputDim of at most/s,
  ],
  [["--data", "RINGS", "--label", "ring", "--out", "/no/such/folder/m.safetensors"], /not there or not writable/],
])(
  "bad input is refused in words: train %j",
  (args, message) => {
    const { status, stderr } = run(
      starts["Deno, built"],
      "train",
      ...args.map((arg) => (arg === "RINGS" ? rings : arg)),
    );
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(1);
  },
  60_000,
);

test("a failed training leaves the file that was there", async () => {
  const out = join(folder, "kept.safetensors");
  await writeFile(out, "precious");
  const failed = run(
    starts["Deno, built"],
    "train",
    "--data",
    rings,
    "--label",
    "ring",
    "--learning-rate",
    "1e38",
    "--out",
    out,
  );
  expect(failed.status).toBe(1);
  expect(await readFile(out, "utf8")).toBe("precious");
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 60_000);

test.each(["Node, built", "Deno, built"] as const)(
  "Ctrl-C stops, saves and exits with 130: %s",
  async (name) => {
    const out = join(folder, "stopped.safetensors");
    await rm(out, { force: true });
    const [program = "", ...first] = starts[name];
    const args = [...first, "train", "--data", rings, "--label", "ring", "--epochs", "100000", "--out", out];
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("Epoch 3/") && !child.killed) child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(output).toContain("Stopping after the running batches.");
    expect(code).toBe(130);
    expect(existsSync(out)).toBe(true);
    expect(run(starts[name], "evaluate", "--model", out, "--data", rings, "--label", "ring").status).toBe(0);
  },
  120_000,
);

test("Ctrl-C before the first step leaves the model that was there", async () => {
  const out = join(folder, "good.safetensors");
  await writeFile(out, "precious");
  const [program = "", ...first] = starts["Deno, built"];
  const child = spawn(program, [...first, "train", "--data", "mnist", "--out", out], { cwd: root });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (output.includes("adapter") && !child.killed) child.kill("SIGINT");
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(output).toContain(`Nothing was learned; ${out} is as it was.`);
  expect(output).not.toContain("Epoch");
  expect(code).toBe(130);
  expect(await readFile(out, "utf8")).toBe("precious");
}, 60_000);

test("a model with structured features is trained, saved and measured", () => {
  const out = join(folder, "sorf.safetensors");
  const start = starts["Deno, built"];
  const data = ["--data", rings, "--label", "ring"];
  const trained = run(
    start,
    "train",
    ...data,
    "--standardize",
    ...small,
    "--feature-map",
    "sorf",
    "--quiet",
    "--out",
    out,
  );
  expect(trained.stderr).toBe("");
  const { acc } = JSON.parse(run(start, "evaluate", "--model", out, ...data, "--json").last);
  expect(acc).toBeGreaterThan(0.95);
}, 60_000);

test("a model to start from must fit the options", async () => {
  const out = join(folder, "start.safetensors");
  const start = starts["Deno, built"];
  const train = (...more: string[]) =>
    run(start, "train", "--data", rings, "--label", "ring", ...small, "--quiet", ...more);
  expect(train("--standardize", "--out", out).status).toBe(0);
  expect(train("--init", out, "--scale", "0.1").stderr).toMatch(/the model has the scale 1, but --scale 0\.1 asks/);
  expect(train("--init", out, "--out", folder).stderr).toMatch(/is there and not a file/);
  expect(train("--init", out, "--feature-map", "sorf").stderr).toMatch(
    /has a dense projection, but .* --feature-map sorf/,
  );
  // The statistics that the model was trained with come along.
  const again = train("--init", out, "--json");
  expect(JSON.parse(again.last).history.acc[0]).toBeGreaterThan(0.95);
}, 60_000);
