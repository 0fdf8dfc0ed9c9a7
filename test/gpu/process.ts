// Starts the GPU cases in Node or Deno, as a child process on the adapter that the command line would choose there.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Runtime } from "../../src/cli/adapters.ts";
import { findAdapter, runtimeCommand } from "../../src/cli/probe.ts";
import { root } from "../build.ts";
import type { Started } from "./runtimes.ts";

/** Runs `program`, which must answer the argument "probe" as the command line does. */
export async function startProcess(
  runtime: Runtime,
  program: string,
  filter: string,
  onLine: (text: string) => void,
): Promise<Started> {
  const { choice, environment } = await findAdapter(runtime, { node: program, deno: program });
  const run = runtimeCommand(runtime, program);
  if (run.error !== undefined) throw new Error(run.error);
  const [file = "", ...args] = [...run.command, filter];
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...run.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let tail = "";
  const keep = (text: string) => {
    tail = `${tail}${text}\n`.slice(-4000);
  };
  createInterface(child.stderr).on("line", keep);
  createInterface(child.stdout).on("line", (text) => {
    onLine(text);
    if (!text.startsWith('{"kind":')) keep(text);
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.kill("SIGKILL");
  };
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`exit code ${code ?? signal}; its last words:\n${tail || "none"}`));
  });
  const finish = async (seconds = 10) => {
    // A device that was destroyed must let the process end, and without a crash.
    const patience = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    const reason = await ended;
    clearTimeout(patience);
    if (!stopped && child.exitCode !== 0) throw new Error(`${runtime} did not end well: ${reason}`);
  };
  return { about: choice.reason, ended, finish, stop };
}
