// A model's weights and how far it is trained: in memory, and on the device once something was computed.
import type { Gpu } from "../gpu/device.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optimizers.ts";
import { type Tuned, tune } from "../nn/tuning.ts";
import { randomStream, type Seed } from "../random.ts";
import { Batches } from "../train/batches.ts";
import { checkFits, Engine, type TrainingProgress, type WeightValues } from "../train/engine.ts";
import { type Checkpoint, checkContinues } from "./checkpoint.ts";
import type { Compiled } from "./compile.ts";
import { DeviceSession } from "./device_session.ts";
import { featureBudget, type SequentialOptions } from "./options.ts";

const untrained: TrainingProgress = { iterations: 0, epochs: 0, slots: new Map() };

type DeviceOptions = Pick<SequentialOptions, "gpu" | "tuningStore"> & Required<Pick<SequentialOptions, "tune">>;

export class ModelState {
  readonly session: DeviceSession;
  readonly #network: Network;
  readonly #seed: Seed;
  readonly #tune: (gpu: Gpu) => Promise<Tuned>;
  readonly #values: WeightValues = new Map();
  /** What a file said of training, until training goes on from it. */
  #checkpoint: Checkpoint | undefined;
  #engine: Engine | undefined;
  #batches: Batches | undefined;
  /** True while the weights on the device are newer than those in memory. */
  #isBehind = false;
  #tuned: Tuned | undefined;

  constructor(network: Network, seed: Seed, { gpu, tune: mode, tuningStore }: DeviceOptions) {
    this.#network = network;
    this.#seed = seed;
    this.#tune = (gpu) => tune(gpu, mode, tuningStore);
    this.session = new DeviceSession(gpu, () => {
      this.#batches?.destroy();
      this.#engine?.destroy();
      this.#batches = undefined;
      this.#engine = undefined;
      this.#isBehind = false;
      this.#tuned = undefined; // the next device may be another
    });
  }

  /** Takes what a file holds. */
  load(values: WeightValues, checkpoint: Checkpoint | undefined): void {
    for (const [name, data] of values) this.#values.set(name, data);
    this.#checkpoint = checkpoint;
  }

  /** Which kernels were chosen; undefined until something was computed. */
  get tuned(): Tuned | undefined {
    return this.#tuned;
  }

  /** Epochs and optimizer steps so far. */
  get trained(): { epochs: number; steps: number } {
    const { epochs, iterations: steps } = this.#checkpoint?.progress ?? this.#engine ?? untrained;
    return { epochs, steps };
  }

  /**
   * Begins with an optimizer: where a file left off, otherwise with empty slots, as in Keras.
   * @throws ConfigError for an optimizer that can't go on from the file.
   */
  begin(optimizer: Optimizer): void {
    const saved = this.#checkpoint;
    if (saved) {
      checkContinues(saved, optimizer);
      const { learningRate } = saved.optimizer;
      if (typeof learningRate === "number") optimizer.learningRate = learningRate;
    }
    this.#batches?.destroy();
    this.#batches = undefined;
    this.#engine?.resetOptimizer();
  }

  /** Runs alone on the device, with the weights there. */
  onEngine<T>(what: string, run: (engine: Engine) => Promise<T>): Promise<T> {
    return this.session.onDevice(what, async (gpu) => {
      checkFits(gpu, this.#network);
      if (!this.#engine) {
        this.#tuned ??= await this.#tune(gpu);
        const model = { network: this.#network, seed: this.#seed, values: this.values() };
        this.#engine = await Engine.create(gpu, this.#tuned, model);
      }
      return run(this.#engine);
    });
  }

  /** Runs what changes the weights on the device, from where a file left off. */
  training<T>(what: string, run: (engine: Engine) => Promise<T>): Promise<T> {
    return this.onEngine(what, (engine) => {
      if (this.#checkpoint) engine.writeProgress(this.#checkpoint.progress);
      this.#checkpoint = undefined;
      this.#isBehind = true;
      return run(engine);
    });
  }

  /** The same for a whole fit: at any end of it the weights return to memory. */
  fitting<T>(what: string, run: (engine: Engine) => Promise<T>): Promise<T> {
    return this.training(what, async (engine) => {
      try {
        return await run(engine);
      } finally {
        await engine.download();
      }
    });
  }

  /** Places for minibatches that come one by one, kept until the model is compiled anew or disposed of. */
  batches(engine: Engine, compiled: Compiled): Batches {
    const options = { ...compiled, fuse: true, featureBudget: featureBudget("auto"), precision: "float32" } as const;
    this.#batches ??= new Batches(engine, options);
    return this.#batches;
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
    if (this.#isBehind) await this.#engine?.download();
    return values;
  }

  /** How far the model is trained, as it is now. Together with `currentValues` it is of one moment. */
  async currentProgress(): Promise<TrainingProgress> {
    return this.#checkpoint?.progress ?? (await this.#engine?.readProgress()) ?? untrained;
  }

  /** Replaces some weights, here and on the device. */
  async replace(given: Iterable<readonly [name: string, data: Float32Array]>): Promise<void> {
    const values = await this.currentValues();
    for (const [name, data] of given) values.set(name, data);
    this.#engine?.upload(values);
  }
}
