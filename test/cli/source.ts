// Runs the command line from its source, in Deno, as a user starts it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { findDeno } from "../../src/cli/packages.ts";
import { root } from "../build.ts";

const first = ["run", "-A", "--no-lock", "src/cli.ts"];

export function runSource(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(findDeno() ?? "deno", [...first, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) ?? "" };
}

/** Sends the signal when the output holds the text. @returns the exit code. */
export async function interruptSource(text: string, signal: NodeJS.Signals, ...args: string[]): Promise<number | null> {
  const child: ChildProcess = spawn(findDeno() ?? "deno", [...first, ...args], { cwd: root });
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
    if (output.includes(text) && !child.killed) child.kill(signal);
  });
  return new Promise((resolve) => child.on("exit", resolve));
}
