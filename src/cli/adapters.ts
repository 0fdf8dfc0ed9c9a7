// Which runtime and which adapter a command runs on: a decision over what probes saw.
import { DeviceError } from "../errors.ts";
import type { AdapterDescription } from "../gpu/device.ts";
import type { Tuned } from "../index.ts";

export type Runtime = "node" | "deno";
export type RuntimeSetting = "auto" | Runtime;

/** The system's drivers, or the embedded adapter's environment. */
export type Drivers = "system" | "embedded";

/** An adapter as `doctor` shows it. */
export interface SeenAdapter extends Omit<AdapterDescription, "limits"> {
  readonly limits: Readonly<Record<string, number>>;
}

/** What one runtime sees, or why it sees nothing. */
export type Sighting =
  | { readonly adapter: SeenAdapter; readonly tuning?: Tuned; readonly error?: undefined }
  | { readonly adapter?: undefined; readonly error: string };

export type Probe = Sighting & { readonly runtime: Runtime | "chrome"; readonly drivers: Drivers };

export interface Choice {
  readonly runtime: Runtime;
  readonly drivers: Drivers;
  readonly adapter: SeenAdapter;
  /** Why this one, in a line. */
  readonly reason: string;
}

// Measured: the system's software adapter (llvmpipe) is several times faster than SwiftShader, and SwiftShader
// runs up to 1.7 times faster in Deno than in Node.
const preference = [
  { runtime: "node", drivers: "system", isSoftware: false, reason: "a real GPU, in Node" },
  { runtime: "deno", drivers: "system", isSoftware: false, reason: "a real GPU, which Deno sees and Node does not" },
  { runtime: "deno", drivers: "system", isSoftware: true, reason: "no GPU; the system's software adapter, in Deno" },
  { runtime: "node", drivers: "system", isSoftware: true, reason: "no GPU; the system's software adapter, in Node" },
  { runtime: "deno", drivers: "embedded", isSoftware: true, reason: "no system adapter; the embedded one, in Deno" },
  { runtime: "node", drivers: "embedded", isSoftware: true, reason: "no system adapter; the embedded one, in Node" },
] as const;

export const runtimeNames = { node: "Node", deno: "Deno", chrome: "Chrome" } as const;

/** The best of what was seen, or undefined when nothing usable was. */
export function chooseAdapter(probes: readonly Probe[], setting: RuntimeSetting): Choice | undefined {
  for (const { runtime, drivers, isSoftware, reason } of preference) {
    if (setting !== "auto" && setting !== runtime) continue;
    for (const { adapter, ...seen } of probes) {
      if (!adapter || seen.runtime !== runtime || seen.drivers !== drivers || adapter.isSoftware !== isSoftware)
        continue;
      return { runtime, drivers, adapter, reason };
    }
  }
  return undefined;
}

/** The error for when nothing was found: what was tried, and what to do. */
export function noAdapter(probes: readonly Probe[]): DeviceError {
  const tried = probes.map(
    ({ runtime, drivers, error }) => `${runtimeNames[runtime]}, ${drivers}: ${firstSentence(error)}`,
  );
  return new DeviceError(
    `Expected a WebGPU adapter, found none. Tried ${tried.join("; ")}. On Linux x64 install @sparticuz/chromium ` +
      "(147.0.0) and webgpu or deno beside quasi-svm for the embedded software adapter; elsewhere install the GPU's " +
      'driver, or a Vulkan software driver (Debian: mesa-vulkan-drivers) and deno. "quasi-svm doctor" shows the details.',
  );
}

function firstSentence(text = ""): string {
  return (text.split(/\.\s/)[0] ?? "").replace(/\.$/, "");
}
