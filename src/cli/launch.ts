// Starts this program again where it finds the best adapter: drivers are chosen by variables that must be set
// before a process starts.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../errors.ts";
import type { RuntimeSetting } from "./adapters.ts";
import { inDeno } from "./packages.ts";
import { findAdapter, type Programs, runtimeCommand } from "./probe.ts";

const marker = "QUASI_SVM_LAUNCHED";

/** The file each runtime runs: the bundle; Deno also runs the source this was started from. */
export function programs(): Programs {
  const here = fileURLToPath(import.meta.url);
  if (!here.endsWith(".ts")) return { node: here, deno: here };
  const root = join(dirname(here), "..", "..");
  return { node: join(root, "dist", "cli.js"), deno: join(root, "src", "cli.ts") };
}

/**
 * Runs the command where the best adapter is. Gives the exit code when another process ran it, and undefined when
 * this process is the right one.
 */
export async function launch(setting: RuntimeSetting, args: string[]): Promise<number | undefined> {
  if (process.env[marker]) {
    endWithParent();
    return undefined;
  }
  if (inDeno && setting === "node") {
    throw new ConfigError('"--runtime node" needs a start in Node; this is Deno. Run "npx quasi-svm" instead.');
  }
  const own = inDeno ? "deno" : "node";
  const files = programs();
  const { choice, environment } = await findAdapter(inDeno ? "deno" : setting, files);
  if (choice.runtime === own && choice.drivers === "system") return undefined;
  const run = runtimeCommand(choice.runtime, files[choice.runtime]);
  if (run.error !== undefined) throw new ConfigError(run.error);
  const variables = { ...process.env, ...run.environment, ...environment, [marker]: "1" };
  return runToEnd([...run.command, ...args], variables);
}

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a command line with this process's terminal and signals; gives its exit code. */
export function runToEnd([file = "", ...args]: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    // In its own process group the child gets each signal once, from here, and not from the terminal as well.
    const detached = process.platform !== "win32";
    const child = spawn(file, args, { env, detached, stdio: ["inherit", "inherit", "inherit", "ipc"] });
    const forward = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const signal of forwarded) process.on(signal, forward);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const name of forwarded) process.off(name, forward);
      resolve(code ?? 128 + signalNumber(signal));
    });
  });
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
};

function signalNumber(signal: NodeJS.Signals | null): number {
  return (signal && signalNumbers[signal]) ?? 15;
}

/** A launched process must not go on alone when its launcher was killed: the channel between them closes then. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(143));
  process.channel?.unref();
}
