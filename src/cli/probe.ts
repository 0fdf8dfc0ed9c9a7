// Asks runtimes what they see of WebGPU, in child processes that may hang or crash.
import { spawn } from "node:child_process";
import type { Choice, Drivers, Probe, Runtime, RuntimeSetting, Sighting } from "./adapters.ts";
import { chooseAdapter, noAdapter } from "./adapters.ts";
import { type Embedded, embeddedAdapter } from "./embedded.ts";
import { findDeno, findNode } from "./packages.ts";

const probeSeconds = 30;

/** The file that each runtime can run; it answers the argument `probe` with a line of JSON. */
export type Programs = Readonly<Record<Runtime, string>>;

/** The command line and the variables that run a program in a runtime, or why that can't be done. */
export function runtimeCommand(
  runtime: Runtime,
  program: string,
): { command: string[]; environment: Record<string, string>; error?: undefined } | { error: string } {
  if (runtime === "node") {
    const node = findNode();
    return node ? { command: [node, program], environment: {} } : { error: "node was not found on the PATH" };
  }
  const deno = findDeno();
  if (!deno) return { error: 'Deno was not found: neither the package "deno" nor a program on the PATH' };
  const command = [deno, "run", "--allow-all", "--no-lock", "--quiet", program];
  return { command, environment: { DENO_NO_UPDATE_CHECK: "1" } };
}

/** Asks a runtime, in a child process, what it sees. */
export async function probe(
  runtime: Runtime,
  drivers: Drivers,
  program: string,
  environment: Record<string, string> = {},
  options: readonly string[] = [],
): Promise<Probe> {
  const run = runtimeCommand(runtime, program);
  if (run.error !== undefined) return { runtime, drivers, error: run.error };
  const [file = "", ...args] = [...run.command, "probe", ...options];
  const sighting = await new Promise<Sighting>((resolve) => {
    const child = spawn(file, args, {
      env: { ...process.env, ...run.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: probeSeconds * 1000,
      killSignal: "SIGKILL",
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (output.stdout += text));
    child.stderr.on("data", (text) => (output.stderr += text));
    child.on("error", (error) => resolve({ error: error.message }));
    child.on("close", (code, signal) => {
      const last = output.stdout.trim().split("\n").at(-1) ?? "";
      try {
        resolve(JSON.parse(last) as Sighting);
      } catch {
        const end = signal ? `was ended by ${signal}, after at most ${probeSeconds} s` : `ended with exit code ${code}`;
        resolve({ error: `the probe ${end}: ${output.stderr.trim().slice(-300) || "without a message"}` });
      }
    });
  });
  return { runtime, drivers, ...sighting };
}

/** The adapter to use with the environment that makes a runtime see it, and all that was seen on the way. */
export interface Found {
  readonly choice: Choice;
  readonly environment: Record<string, string>;
  readonly probes: readonly Probe[];
}

/**
 * Probes the system's drivers first, and the embedded adapter only when they offer nothing.
 * @throws DeviceError that says what was tried and what to do.
 */
export async function findAdapter(setting: RuntimeSetting, programs: Programs): Promise<Found> {
  const runtimes = (["node", "deno"] as const).filter((runtime) => setting === "auto" || setting === runtime);
  const probes = await Promise.all(runtimes.map((runtime) => probe(runtime, "system", programs[runtime])));
  let choice = chooseAdapter(probes, setting);
  if (choice) return { choice, environment: {}, probes };
  const embedded = await embeddedAdapter();
  probes.push(...(await Promise.all(runtimes.map((runtime) => probeEmbedded(runtime, embedded, programs[runtime])))));
  choice = chooseAdapter(probes, setting);
  if (!choice) throw noAdapter(probes);
  return { choice, environment: embedded.environment ?? {}, probes };
}

/** Asks a runtime what it sees with the embedded adapter's environment. */
export async function probeEmbedded(runtime: Runtime, embedded: Embedded, program: string): Promise<Probe> {
  if (embedded.reason !== undefined) return { runtime, drivers: "embedded", error: embedded.reason };
  return probe(runtime, "embedded", program, embedded.environment);
}
