// What this process's own runtime sees of WebGPU.
import { releaseGpu, requestGpu } from "../gpu/device.ts";
import { tune } from "../index.ts";
import type { Sighting } from "./adapters.ts";
import { tuningStore } from "./tuning_file.ts";

/** The limits worth showing: what decides how large the buffers and tiles can be. */
export const shownLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** What this process's own runtime sees. @param tuned with the kernels that suit it, measured where not remembered. */
export async function seeAdapter(tuned: boolean): Promise<Sighting> {
  try {
    const gpu = await requestGpu();
    const { adapter } = gpu;
    const limits = Object.fromEntries(shownLimits.map((name) => [name, adapter.limits[name]]));
    try {
      const tuning = tuned ? await tune(gpu, "auto", tuningStore()) : undefined;
      return { adapter: { ...adapter, limits }, ...(tuning && { tuning }) };
    } finally {
      releaseGpu(gpu);
    }
  } catch (error) {
    return { error: (error as Error).message };
  }
}
