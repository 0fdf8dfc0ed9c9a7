// Training that stops and goes on in another process ends with the same file as training in one.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../build.ts";
import { scratchFolder } from "../cli/scratch.ts";
import { startProcess } from "./process.ts";

const folder = scratchFolder();
const program = "test/gpu/resume_process.ts";

for (const runtime of ["deno", "node"] as const) {
  test(`resume: in another process, in ${runtime}`, { timeout: 240_000 }, async () => {
    const built = runtime === "node" ? await bundle(program, "resume", "node") : program;
    const run = async (epochs: number, from: string, to: string) => {
      const path = (name: string) => name && join(folder.path, name);
      const { finish } = await startProcess(runtime, built, `${epochs}:${path(from)}:${path(to)}`, () => {});
      await finish(120);
      return path(to);
    };
    const whole = await run(3, "", "whole");
    await run(1, "", "first");
    const rest = await run(3, "first", "rest");
    for (const name of ["adam", "amsgrad", "momentum"]) {
      const [one, other] = [await readFile(`${whole}.${name}`), await readFile(`${rest}.${name}`)];
      expect(one.length).toBeGreaterThan(1000);
      expect(other.equals(one), name).toBe(true);
    }
  });
}
