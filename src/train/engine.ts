// What a model keeps on the GPU between calls: its trained parameters, the optimizer's slots, its frozen weights.
import { DeviceError } from "../errors.ts";
import { allocating, Buffers, readBack, write } from "../gpu/buffers.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Resource } from "../gpu/dispatch.ts";
import { StepQueue } from "../gpu/queue.ts";
import { packedDepth } from "../nn/moving.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optimizers.ts";
import { uploadOperand } from "../nn/rows.ts";
import { sizeOf } from "../nn/shape.ts";
import type { Tuning } from "../nn/tuning.ts";
import { ParameterLayout, type ParameterSlot } from "../nn/weights.ts";
import type { Seed } from "../random.ts";

/** Values of all weights, by `layer.weight`. */
export type WeightValues = Map<string, Float32Array>;

/** What training goes on from beside the weights and the seed: rows are ordered by the number of steps done. */
export interface TrainingProgress {
  /** Optimizer steps so far. */
  readonly iterations: number;
  /** Epochs so far. */
  readonly epochs: number;
  /** The optimizer's slots by name, each a value for every trained weight's. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, Float32Array>>;
}

/** What an engine works on. */
export interface EngineModel {
  readonly network: Network;
  /** Of what is drawn while the model trains. */
  readonly seed: Seed;
  readonly values: WeightValues;
}

export class Engine {
  readonly gpu: Gpu;
  readonly tuning: Tuning;
  readonly network: Network;
  readonly seed: Seed;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
  readonly queue: StepQueue;
  /** Optimizer steps so far. */
  iterations = 0;
  /** Epochs so far: the number that the next one would have. */
  epochs = 0;
  /** Changes when buffers that plans bind are given up: a plan of an earlier generation can't be replayed. */
  generation = 0;
  readonly #buffers: Buffers;
  #frozenBuffers: Buffers;
  readonly #frozen = new Map<string, Resource>();
  readonly #slots = new Map<string, GPUBuffer>();
  #values: WeightValues;

  private constructor(gpu: Gpu, tuning: Tuning, { network, seed, values }: EngineModel, buffers: Buffers) {
    this.gpu = gpu;
    this.tuning = tuning;
    this.network = network;
    this.seed = seed;
    this.layout = layoutOf(network);
    this.queue = new StepQueue(gpu);
    this.#buffers = buffers;
    this.#frozenBuffers = new Buffers(gpu, "frozen");
    this.#values = values;
    this.parameters = this.#buffers.storage("parameters", this.layout.bytes);
    this.upload(values);
  }

  /** @throws DeviceError where the device can't hold the parameters. */
  static create(gpu: Gpu, tuning: Tuning, model: EngineModel): Promise<Engine> {
    const buffers = new Buffers(gpu, "model");
    return allocating(
      gpu,
      () => buffers.destroy(),
      async () => new Engine(gpu, tuning, model, buffers),
    );
  }

  /** Replaces all weights; the optimizer's slots stay. */
  upload(values: WeightValues): void {
    this.#values = values;
    this.generation++;
    this.#frozenBuffers.destroy();
    this.#frozen.clear();
    const block = new Float32Array(this.layout.bytes / 4);
    for (const slot of this.layout.slots) this.layout.pack(block, slot, values.get(slot.name) as Float32Array);
    if (block.length > 0) write(this.gpu, this.parameters, block);
  }

  /** Reads the trained parameters into the values given. */
  async download(): Promise<void> {
    if (this.layout.bytes === 0) return;
    const block = new Float32Array(await readBack(this.gpu, this.parameters, 0, this.layout.bytes));
    for (const slot of this.layout.slots) this.#values.set(slot.name, this.layout.unpack(block, slot));
  }

  /** Remembers the parameters as they are now. @returns what puts them back. */
  async snapshot(): Promise<() => void> {
    if (this.layout.bytes === 0) return () => {};
    const block = new Float32Array(await readBack(this.gpu, this.parameters, 0, this.layout.bytes));
    return () => write(this.gpu, this.parameters, block);
  }

  /** The optimizer's slots, zero at first and kept between fits. */
  slotsOf(optimizer: Optimizer): Record<string, GPUBuffer> {
    return Object.fromEntries(slotNames(optimizer).map((name) => [name, this.#slot(name)]));
  }

  /** What training goes on from beside the weights, as it is now. Call it together with `download` for one moment's. */
  async readProgress(): Promise<TrainingProgress> {
    const { iterations, epochs } = this;
    const trained = this.#trainedSlots();
    const read = async ([name, buffer]: [string, GPUBuffer]) => {
      const block = new Float32Array(await readBack(this.gpu, buffer, 0, this.layout.bytes));
      return [name, new Map(trained.map((slot) => [slot.name, this.layout.unpack(block, slot)]))] as const;
    };
    // All copies are submitted here, before anything is waited for.
    return { iterations, epochs, slots: new Map(await Promise.all([...this.#slots].map(read))) };
  }

  /** Goes on from there. */
  writeProgress({ iterations, epochs, slots }: TrainingProgress): void {
    this.resetOptimizer();
    this.iterations = iterations;
    this.epochs = epochs;
    for (const [name, values] of slots) {
      const block = new Float32Array(this.layout.bytes / 4);
      for (const slot of this.#trainedSlots()) this.layout.pack(block, slot, values.get(slot.name) as Float32Array);
      write(this.gpu, this.#slot(name), block);
    }
  }

  /** Puts the average of the trained weights in their place, where the optimizer keeps one and has made a step. */
  adoptAverage(): void {
    const average = this.#slots.get("average");
    if (!average || this.iterations === 0) return;
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder({ label: "average" });
    encoder.copyBufferToBuffer(average, 0, this.parameters, 0, this.layout.trained4 * 16);
    device.queue.submit([encoder.finish()]);
  }

  /** Begins anew with an optimizer: empty slots, step 0. */
  resetOptimizer(): void {
    for (const slot of this.#slots.values()) this.#buffers.free(slot);
    this.#slots.clear();
    this.generation++;
    this.iterations = 0;
    this.epochs = 0;
  }

  /** A buffer as long as the parameters, zero at first. */
  #slot(name: string): GPUBuffer {
    const known = this.#slots.get(name);
    if (known) return known;
    const made = this.#buffers.storage(name, this.layout.bytes);
    this.#slots.set(name, made);
    return made;
  }

  #trainedSlots(): ParameterSlot[] {
    const trained = new Set(this.network.weights.flatMap(({ name, spec }) => (spec.trainable ? [name] : [])));
    return this.layout.slots.filter(({ name }) => trained.has(name));
  }

  /** See StageBuild. */
  readonly weight = (name: string): Float32Array => this.#values.get(name) as Float32Array;

  /** See StageBuild. */
  readonly frozen = (form: string, make: () => Float32Array | Uint32Array): GPUBuffer =>
    this.#remember(form, () => this.#frozenBuffers.upload(form, make()));

  /** See StageBuild. */
  readonly frozenOperand = (form: string, make: () => Float32Array): Resource =>
    this.#remember(form, () => uploadOperand(this.#frozenBuffers, form, make(), this.tuning.product.place));

  #remember<T extends Resource>(form: string, make: () => T): T {
    const known = this.#frozen.get(form) as T | undefined;
    if (known) return known;
    const made = make();
    this.#frozen.set(form, made);
    return made;
  }

  destroy(): void {
    this.#buffers.destroy();
    this.#frozenBuffers.destroy();
  }
}

/** What an optimizer keeps beside the weights: buffers as long as these. */
export function slotNames({ shader, average }: Optimizer): string[] {
  const slots = Array.from({ length: shader.slots }, (_, i) => `slot${i}`);
  return average ? [...slots, "average"] : slots;
}

/** @throws DeviceError that names the limit and what would fit. */
export function checkFits(gpu: Gpu, network: Network): void {
  const limit = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  for (const { layer, name, inputShape } of network.layers) {
    for (const { shape, name: weight } of layer.weights(inputShape)) {
      const columns = Math.ceil((shape.at(-1) ?? 1) / 16) * 16;
      const bytes = columns * (shape.length > 1 ? packedDepth(sizeOf(shape.slice(0, -1))) : 1) * 4;
      if (bytes > limit) {
        throw new DeviceError(
          `${name}.${weight} [${shape.join(", ")}] needs ${bytes} bytes in one binding, but ${gpu.adapter.name} allows ` +
            `${limit} (maxStorageBufferBindingSize). What fits: ${layer.largestFit(inputShape, limit)}.`,
        );
      }
    }
  }
  const { bytes } = layoutOf(network);
  if (bytes > limit) {
    throw new DeviceError(
      `The trained parameters need ${bytes} bytes in one binding, but ${gpu.adapter.name} allows ${limit} ` +
        `(maxStorageBufferBindingSize). Make the trained layers smaller.`,
    );
  }
}

function layoutOf(network: Network): ParameterLayout {
  return new ParameterLayout(network.weights.filter(({ spec }) => spec.trainable || spec.resident));
}
