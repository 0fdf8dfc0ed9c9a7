import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, test } from "vitest";
import { findDeno, findNode } from "../../src/cli/packages.ts";
import { bundle, root } from "../build.ts";

const fixture = "test/.build/launcher.js";

beforeAll(() => bundle("test/cli/launcher.fixture.ts", "launcher", "node"));

interface Launched {
  launcher: ChildProcess;
  /** The next line that the launched process writes. */
  line: () => Promise<string>;
  exit: Promise<number | null>;
}

function launchFixture(command: string[]): Launched {
  const launcher = spawn(process.execPath, [fixture, "launch", ...command], {
    cwd: root,
    stdio: ["ignore", "pipe", 2],
  });
  const lines = createInterface(launcher.stdout!)[Symbol.asyncIterator]();
  const exit = new Promise<number | null>((resolve) => launcher.on("close", (code) => resolve(code)));
  return { launcher, exit, line: async () => (await lines.next()).value ?? "" };
}

const node = [findNode() ?? "", fixture, "child"];
const deno = [findDeno() ?? "", "run", "--allow-all", "--no-lock", fixture, "child"];

describe.each([
  ["Node", node],
  ["Deno", deno],
])("a process launched in %s", (_, command) => {
  test.each(["SIGINT", "SIGTERM"] as const)("gets %s once and its exit code is passed on", async (signal) => {
    const { launcher, line, exit } = launchFixture(command);
    expect(await line()).toMatch(/^ready/);
    launcher.kill(signal);
    expect(await line()).toBe(`${signal} 1`);
    expect(await exit).toBe(7);
  });

  test("ends when its launcher is killed", async () => {
    const { launcher, line } = launchFixture(command);
    const pid = Number((await line()).split(" ")[1]);
    launcher.kill("SIGKILL");
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
  });

  test("that is killed gives the exit code of the signal", async () => {
    const { line, exit } = launchFixture(command);
    process.kill(Number((await line()).split(" ")[1]), "SIGKILL");
    expect(await exit).toBe(137);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
