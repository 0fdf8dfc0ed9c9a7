// What this process's own runtime sees of WebGPU.
import { releaseGpu, requestGpu } from "../gpu/device.ts";
import type { Sighting } from "./adapters.ts";

/** The limits worth showing: what decides how large the buffers and tiles can be. */
export const shownLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** What this process's own runtime sees. */
export async function seeAdapter(): Promise<Sighting> {
  try {
    const gpu = await requestGpu();
    const { adapter } = gpu;
    const limits = Object.fromEntries(shownLimits.map((name) => [name, adapter.limits[name]]));
    releaseGpu(gpu);
    return { adapter: { ...adapter, limits } };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
