// Training that was killed and goes on from its checkpoint ends with the same bits.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { randomStream } from "../../src/random.ts";
import { scratchFolder } from "./scratch.ts";
import { interruptSource, runSource } from "./source.ts";

const scratch = scratchFolder();
let points: string;

beforeEach(async () => {
  points = join(scratch.path, "points.csv");
  const stream = randomStream(0, "points");
  const rows = Array.from({ length: 300 }, (_, i) => {
    const shift = i % 3 === 0 ? 1 : 0; // two of three are of one class
    return `${stream.nextUniform() + shift},${stream.nextUniform()},${i % 3 === 0 ? "far" : "near"}`;
  });
  await writeFile(points, `a,b,side\n${rows.join("\n")}\n`);
});

const course = [
  ...["--epochs", "8", "--batch-size", "32", "--optimizer", "adamw", "--schedule", "cosine", "--warmup-steps", "5"],
  ...["--ema", "0.9", "--class-weight", "balanced"],
];
const network = [
  ...["--output-dim", "64", "--l2", "1e-4", "--standardize", "--seed", "7"],
  ...["--loss", "categorical_crossentropy", "--label-smoothing", "0.05"],
];

test("a killed training resumes", async () => {
  const file = (name: string) => join(scratch.path, name);
  const data = ["--data", points, "--label", "side"];
  const whole = runSource("train", ...data, ...network, ...course, "--out", file("whole.safetensors"));
  expect(whole).toMatchObject({ status: 0, stderr: "" });

  const checkpoint = file("run.safetensors");
  const log = file("log.csv");
  const kept = ["--checkpoint", checkpoint, "--log", log];
  // SIGKILL: nothing but the file is left of it. The line of an epoch is printed behind its checkpoint.
  const code = await interruptSource("Epoch 4/8", "SIGKILL", "train", ...data, ...network, ...course, ...kept);
  expect(code).toBeNull();
  const before = (await readFile(log, "utf8")).trimEnd().split("\r\n");
  expect(before[0]).toBe("epoch,acc,loss,val_acc,val_loss");
  expect(before.length).toBeGreaterThanOrEqual(4);

  const resumed = ["--resume", checkpoint, ...data, ...course, "--log", log];
  const { status, stderr, stdout } = runSource("train", ...resumed, "--out", file("resumed.safetensors"));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).not.toContain("Epoch 3/8");
  expect(stdout).toContain("Epoch 8/8");
  const bytes = await readFile(file("whole.safetensors"));
  expect((await readFile(file("resumed.safetensors"))).equals(bytes)).toBe(true);
  const epochs = (await readFile(log, "utf8"))
    .trimEnd()
    .split("\r\n")
    .slice(1)
    .map((line) => Number.parseInt(line, 10));
  expect(epochs).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);

  const refused = (...args: string[]) => runSource("train", ...data, ...args);
  expect(refused("--resume", checkpoint, "--seed", "8")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/'--resume <file>' cannot be used with option '--seed <n>'/),
  });
  expect(refused("--resume", checkpoint, "--optimizer", "sgd").stderr).toMatch(/holds the state of adamw/);
  expect(refused("--resume", checkpoint, ...course, "--epochs", "2").stderr).toMatch(/trained for \d epochs already/);
  expect(refused("--resume", file("whole.safetensors"), ...course).stderr).toMatch(/holds no state of an optimizer/);
}, 120_000);

test("early stopping ends a training, and a report tells classes apart", async () => {
  const out = join(scratch.path, "m.safetensors");
  const data = ["--data", points, "--label", "side"];
  const { stdout, stderr } = runSource(
    ...["train", ...data, ...network, "--epochs", "500", "--learning-rate", "0.05", "--early-stopping", "3"],
    ...["--calibration", "--out", out],
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(/Early stopping in epoch \d+: val_loss did not become better\./);
  expect(stdout).toMatch(/^valid {4}log loss: 0\.\d{4} - expected calibration error: 0\.\d{4}$/m);
  const evaluated = runSource("evaluate", "--model", out, ...data, "--report", "--calibration", "--json");
  expect(evaluated.stderr).toBe("");
  const { report, acc, rows, logLoss, calibrationError } = JSON.parse(evaluated.last);
  expect(report.support).toEqual([100, 200]);
  const right = report.confusionMatrix[0][0] + report.confusionMatrix[1][1];
  expect(right / rows).toBeCloseTo(acc, 6);
  expect(evaluated.stdout).toMatch(/^class +precision +recall +f1 +rows\nfar /m);
  for (const value of [logLoss, calibrationError]) expect(value).toBeGreaterThan(0);
  const hinged = runSource("train", ...data, "--calibration");
  expect(hinged.stderr).toMatch(/hinge gives no probabilities; train with --loss categorical_crossentropy/);
}, 120_000);
