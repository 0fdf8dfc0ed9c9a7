// The only file that knows how a runtime offers WebGPU.
import { DeviceError } from "../errors.ts";

/** The adapter a device came from, in words a user can check. */
export interface AdapterDescription {
  /** The adapter's description, or what else it tells of itself. */
  readonly name: string;
  /** As WebGPU gives it, for instance "nvidia"; may be empty. */
  readonly vendor: string;
  /** As WebGPU gives it; may be empty. */
  readonly architecture: string;
  /** True for an implementation on the CPU (SwiftShader, llvmpipe, WARP). */
  readonly isSoftware: boolean;
  /** What the adapter allows; a device gets what it asked for. */
  readonly limits: GPUSupportedLimits;
  /** WebGPU's names of what it can do, sorted. */
  readonly features: readonly string[];
}

/** What this library has on a device. */
export interface GpuMemory {
  /** How many buffers. */
  readonly buffers: number;
  /** How many textures. */
  readonly textures: number;
  /** What all of them were made with; the device itself may round up. */
  readonly bytes: number;
}

/** A device with its adapter, and the pipelines compiled on it so far. */
export interface Gpu {
  /** WebGPU's own. */
  readonly device: GPUDevice;
  /** Where it came from. */
  readonly adapter: AdapterDescription;
  /** What the device was given. */
  readonly limits: GPUSupportedLimits;
  /** Compiled pipelines by declaration. @internal */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** What lives on it now, of all models that work on it. */
  readonly memory: GpuMemory;
  /** Errors that no scope caught, in the order they came. */
  readonly uncapturedErrors: string[];
  /** Resolves when the device is lost or released. */
  readonly lost: Promise<GPUDeviceLostInfo>;
}

const softwareNames = /llvmpipe|lavapipe|softpipe|swiftshader|basic render|\bwarp\b/i;

/** Features that a device asks for where the adapter has them; nothing but a profile needs one. */
const wantedFeatures = ["timestamp-query"] as const satisfies readonly GPUFeatureName[];

// Dawn's instance must outlive every device made from it: once collected, the process dies.
let dawn: GPU | undefined;

/**
 * Opens the best adapter of this runtime with the binding sizes it has. In Node it takes the package "webgpu".
 * @throws DeviceError that says what was tried and what to do, when there is no adapter.
 */
export async function requestGpu(): Promise<Gpu> {
  const { gpu, tried } = await findWebGpu();
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new DeviceError(noAdapterMessage(tried));
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    label: "quasi-svm",
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
  const uncapturedErrors: string[] = [];
  device.addEventListener("uncapturederror", (event) => {
    uncapturedErrors.push((event as GPUUncapturedErrorEvent).error.message);
  });
  return {
    device,
    adapter: describeAdapter(adapter),
    limits: device.limits,
    pipelines: new Map(),
    memory: { buffers: 0, textures: 0, bytes: 0 },
    uncapturedErrors,
    lost: device.lost,
  };
}

/** Frees the device and everything made on it, of all models that work on it; in Node the process can then exit. */
export function releaseGpu(gpu: Gpu): void {
  gpu.device.destroy();
}

/** What is known of an adapter, with the marks of a CPU implementation recognized. */
function describeAdapter({ info, limits, features }: GPUAdapter): AdapterDescription {
  const name = info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(" ");
  const words = [name, info.vendor, info.architecture, info.device].join(" ");
  return {
    name: name || "unnamed adapter",
    vendor: info.vendor,
    architecture: info.architecture,
    isSoftware: info.isFallbackAdapter === true || softwareNames.test(words),
    limits,
    features: [...features].sort(),
  };
}

async function findWebGpu(): Promise<{ gpu: GPU | undefined; tried: string }> {
  const fromNavigator = globalThis.navigator?.gpu;
  if (fromNavigator) return { gpu: fromNavigator, tried: "navigator.gpu" };
  if (!isNode()) return { gpu: undefined, tried: "navigator.gpu, which this runtime does not have" };
  if (dawn) return { gpu: dawn, tried: 'the "webgpu" package' };
  try {
    // Put together at run time, so that no bundler looks for a package that only Node needs.
    const specifier = ["web", "gpu"].join("");
    const { create, globals } = (await import(/* @vite-ignore */ specifier)) as {
      create(flags: string[]): GPU;
      globals: object;
    };
    Object.assign(globalThis, globals);
    dawn = create([]);
    return { gpu: dawn, tried: 'the "webgpu" package' };
  } catch (cause) {
    return { gpu: undefined, tried: `the "webgpu" package, which did not load (${(cause as Error).message})` };
  }
}

function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined && !("Deno" in globalThis);
}

function noAdapterMessage(tried: string): string {
  const advice = isNode()
    ? 'In Node install the "webgpu" package beside this one. Without a GPU, start through the quasi-svm command with ' +
      "the @sparticuz/chromium package (147.0.0, Linux x64) installed: it brings a software adapter; on other systems " +
      "install a Vulkan driver (Debian: mesa-vulkan-drivers, then use Deno)."
    : "In Deno install a GPU's driver or a Vulkan one for the CPU (Debian: mesa-vulkan-drivers). Else use a browser with WebGPU (Chrome or Edge 113+, Safari 26+, Firefox 141+) on https or localhost. Without a GPU " +
      "Chrome offers a software adapter when started with --enable-unsafe-webgpu.";
  return `No WebGPU adapter. Tried ${tried}. ${advice}`;
}
