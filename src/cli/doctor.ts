// The report of `quasi-svm doctor`: what each runtime sees, and which adapter would be used.

import type { Tuned } from "../index.ts";
import { type Choice, chooseAdapter, noAdapter, type Probe, type RuntimeSetting, runtimeNames } from "./adapters.ts";
import { probeChrome } from "./chrome_probe.ts";
import { embeddedAdapter } from "./embedded.ts";
import { programs } from "./launch.ts";
import { probe, probeEmbedded } from "./probe.ts";
import { kernelsInWords } from "./tuning_file.ts";

/** The optional features worth showing: for profiles, 16-bit floats, and reductions across lanes. */
const shownFeatures = ["timestamp-query", "shader-f16", "subgroups"];

export interface DoctorReport {
  readonly probes: readonly Probe[];
  /** What train, evaluate and predict would run on. */
  readonly choice?: Choice;
  /** Which kernels it would run on there. */
  readonly tuning?: Tuned;
  /** Why there is no choice. */
  readonly problem?: string;
}

/** Prints the report; the exit code says whether there is a usable adapter. */
export async function doctor({ json, runtime }: { json: boolean; runtime: RuntimeSetting }): Promise<number> {
  const report = await examine(runtime);
  console.log(json ? JSON.stringify(report, null, 2) : inWords(report));
  return report.choice ? 0 : 1;
}

async function examine(setting: RuntimeSetting): Promise<DoctorReport> {
  const files = programs();
  const embedded = await embeddedAdapter();
  const own = await Promise.all(
    (["node", "deno"] as const).flatMap((runtime) => [
      probe(runtime, "system", files[runtime]),
      probeEmbedded(runtime, embedded, files[runtime]),
    ]),
  );
  const choice = chooseAdapter(own, setting);
  const problem = choice ? undefined : noAdapter(own).message;
  const chrome = await probeChrome(files.node);
  // Alone on the machine, since a measurement made beside others would be remembered.
  const environment = choice?.drivers === "embedded" ? embedded.environment : {};
  const seen = choice && (await probe(choice.runtime, choice.drivers, files[choice.runtime], environment, ["--tuned"]));
  const tuning = seen?.adapter ? seen.tuning : undefined;
  return { probes: [...own, chrome], choice, problem, ...(tuning && { tuning }) };
}

/** The report as text. */
export function inWords({ probes, choice, tuning, problem }: DoctorReport): string {
  const seen = probes.map(({ runtime, drivers, adapter, error }) => {
    const title = runtime === "chrome" ? "Chrome" : `${runtimeNames[runtime]}, ${drivers} drivers`;
    if (!adapter) return `${title}: ${error}`;
    const limits = Object.entries(adapter.limits).map(([name, value]) => row(name, inUnits(name, value)));
    const features = shownFeatures.map((name) => row(name, adapter.features.includes(name) ? "yes" : "no"));
    const kind = adapter.isSoftware ? "software" : "GPU";
    return [`${title}: ${adapter.name} (${kind})`, ...limits, ...features].join("\n");
  });
  const verdict = choice
    ? `Would use: ${choice.adapter.name} in ${runtimeNames[choice.runtime]} (${choice.reason}).${tuning ? `\nKernels: ${kernelsInWords(tuning)}.` : ""}`
    : `Would use nothing. ${problem}`;
  return [...seen, verdict].join("\n\n");
}

function row(name: string, value: string): string {
  return `    ${name.padEnd(34)}${value}`;
}

function inUnits(name: string, value: number): string {
  const isBytes = /Size$/.test(name);
  if (!isBytes) return String(value);
  return value >= 2 ** 20 ? `${+(value / 2 ** 20).toFixed(1)} MiB` : `${+(value / 2 ** 10).toFixed(1)} KiB`;
}
