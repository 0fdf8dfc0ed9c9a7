// A model's weights: in memory, and on the device once something was computed.
import type { Gpu } from "../gpu/device.ts";
import type { Network } from "../nn/network.ts";
import { type Tuned, tune } from "../nn/tuning.ts";
import { randomStream, type Seed } from "../random.ts";
import { checkFits, Engine, type WeightValues } from "../train/engine.ts";
import { DeviceSession } from "./device_session.ts";
import type { SequentialOptions } from "./options.ts";

export class ModelState {
  readonly session: DeviceSession;
  readonly #network: Network;
  readonly #seed: Seed;
  readonly #tune: (gpu: Gpu) => Promise<Tuned>;
  readonly #values: WeightValues;
  #engine: Engine | undefined;
  #tuned: Tuned | undefined;

  /** @param values those there are; the others are drawn from the seed at their first use. */
  constructor(
    network: Network,
    seed: Seed,
    {
      gpu,
      tune: mode,
      tuningStore,
    }: Pick<SequentialOptions, "gpu" | "tuningStore"> & Required<Pick<SequentialOptions, "tune">>,
    values: WeightValues,
  ) {
    this.#network = network;
    this.#seed = seed;
    this.#values = values;
    this.#tune = (gpu) => tune(gpu, mode, tuningStore);
    this.session = new DeviceSession(gpu, () => {
      this.#engine?.destroy();
      this.#engine = undefined;
      this.#tuned = undefined; // the next device may be another
    });
  }

  /** Which kernels were chosen; undefined until something was computed. */
  get tuned(): Tuned | undefined {
    return this.#tuned;
  }

  /** What is on the device, if anything is. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  /** Runs alone on the device, with the weights there. */
  onEngine<T>(what: string, run: (engine: Engine) => Promise<T>): Promise<T> {
    return this.session.onDevice(what, async (gpu) => {
      checkFits(gpu, this.#network);
      if (!this.#engine) {
        this.#tuned ??= await this.#tune(gpu);
        this.#engine = await Engine.create(gpu, this.#tuned, {
          network: this.#network,
          seed: this.#seed,
          values: this.values(),
        });
      }
      return run(this.#engine);
    });
  }

  /** Values that no file gave are drawn at first use, so that a model too large for the device is refused before. */
  values(): WeightValues {
    for (const { name, spec } of this.#network.weights) {
      if (!this.#values.has(name)) this.#values.set(name, spec.initialize(randomStream(this.#seed, name)));
    }
    return this.#values;
  }

  /** The weights as they are now, in the middle of a fit too. */
  async currentValues(): Promise<WeightValues> {
    const values = this.values();
    if (this.session.busy === "fit") await this.#engine?.download();
    return values;
  }

  /** Replaces some weights, here and on the device. */
  replace(given: Iterable<readonly [name: string, data: Float32Array]>): void {
    const values = this.values();
    for (const [name, data] of given) values.set(name, data);
    this.#engine?.upload(values);
  }
}
