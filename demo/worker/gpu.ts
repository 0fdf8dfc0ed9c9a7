// The one device that all models of the page work on.
import { DeviceError, type Gpu, type GpuMemory, requestGpu } from "../../src/index.ts";

/** The adapter in words for the page. */
export interface AdapterInfo {
  readonly name: string;
  /** True for an implementation on the CPU. */
  readonly isSoftware: boolean;
}

export class Device {
  #gpu: Promise<Gpu> | undefined;

  /**
   * Opens a device, in place of one that was lost.
   * @param onLost called with the reason when it is lost.
   * @throws DeviceError where there is no WebGPU.
   */
  async open(onLost: (reason: string) => void): Promise<AdapterInfo> {
    const opening = requestGpu();
    this.#gpu = opening;
    const gpu = await opening;
    gpu.lost.then(({ reason, message }) => onLost(message || reason));
    const { name, isSoftware } = gpu.adapter;
    return { name, isSoftware };
  }

  /** @throws DeviceError where none could be opened. */
  async gpu(): Promise<Gpu> {
    if (!this.#gpu) throw new DeviceError("No device was opened yet.");
    return this.#gpu;
  }

  /** What lives on it. */
  async memory(): Promise<GpuMemory> {
    const { buffers, textures, bytes } = (await this.gpu()).memory;
    return { buffers, textures, bytes };
  }
}
