// The device a model works on: opened at first use, one call at a time, and what happens when it is lost.
import { ConfigError, DeviceError } from "../errors.ts";
import { type Gpu, releaseGpu, requestGpu } from "../gpu/device.ts";

/** How long a loss may take to be announced after some call has failed of it. */
const announcementMilliseconds = 50;

export class DeviceSession {
  readonly #given: Gpu | undefined;
  readonly #forgetEngine: () => void;
  #opening: Promise<Gpu> | undefined;
  #busy: string | undefined;
  /** Ends the running call when the device is lost. */
  #onLost: (() => void) | undefined;
  #disposed = false;

  /**
   * @param given a device that belongs to the caller; without one the session opens its own.
   * @param forgetEngine called when what is on the device is gone.
   */
  constructor(given: Gpu | undefined, forgetEngine: () => void) {
    this.#given = given;
    this.#forgetEngine = forgetEngine;
  }

  /** The call that is running. */
  get busy(): string | undefined {
    return this.#busy;
  }

  async gpu(): Promise<Gpu> {
    if (this.#disposed) throw new ConfigError("The model has been disposed of.");
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** @throws ConfigError while a call is running. */
  refuseWhileBusy(what: string): void {
    if (this.#busy) throw new ConfigError(`model.${what}: the model is busy with ${this.#busy}; wait for it first.`);
  }

  /** Runs without another call beside it. */
  async alone<T>(what: string, run: () => Promise<T>): Promise<T> {
    this.refuseWhileBusy(what);
    this.#busy = what;
    try {
      return await run();
    } finally {
      this.#busy = undefined;
    }
  }

  /**
   * Runs alone on the device.
   * @throws DeviceError where the device is lost meanwhile, or reports an error that nothing else has caught.
   */
  onDevice<T>(what: string, run: (gpu: Gpu) => Promise<T>): Promise<T> {
    return this.alone(what, async () => {
      const gpu = await this.gpu();
      const errorsBefore = gpu.uncapturedErrors.length;
      try {
        const result = await new Promise<T>((resolve, reject) => {
          this.#onLost = () => reject(new DeviceError("The device was lost."));
          run(gpu).then(resolve, reject);
        });
        const error = gpu.uncapturedErrors[errorsBefore];
        if (error !== undefined) throw new DeviceError(`model.${what}: ${gpu.adapter.name} reported: ${error}`);
        return result;
      } catch (error) {
        const info = await lossOf(gpu);
        if (!info) throw error;
        this.#forget();
        throw new DeviceError(
          `model.${what}: the device was lost (${info.reason || "unknown reason"}: ${info.message}). The model keeps the ` +
            `weights that were last read from it, at the end of the last fit at the latest, and its optimizer begins anew; a model that opened its device ` +
            `itself opens a new one.`,
          { cause: error },
        );
      } finally {
        this.#onLost = undefined;
      }
    });
  }

  /** @throws ConfigError while a call is running. */
  dispose(): void {
    this.refuseWhileBusy("dispose");
    this.#disposed = true;
    this.#forgetEngine();
    if (!this.#given) this.#opening?.then(releaseGpu, () => {});
    this.#opening = undefined;
  }

  async #open(): Promise<Gpu> {
    try {
      const gpu = this.#given ?? (await requestGpu());
      // One reaction for each device: `lost` lives as long as the device, and calls may be many. Models come and go on
      // a device that is given: what waits for its loss must not hold them.
      const reference = new WeakRef<DeviceSession>(this);
      gpu.lost.then(() => {
        const session = reference.deref();
        if (session) session.#lose();
      });
      return gpu;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  #lose(): void {
    if (this.#onLost) this.#onLost();
    else this.#forget();
  }

  #forget(): void {
    this.#forgetEngine();
    if (!this.#given) this.#opening = undefined;
  }
}

/** How the device was lost, or undefined. A loss shows in some call's error before it is announced. */
async function lossOf({ lost }: Gpu): Promise<GPUDeviceLostInfo | undefined> {
  const patience = new Promise<undefined>((resolve) => setTimeout(resolve, announcementMilliseconds));
  return Promise.race([lost, patience]);
}
