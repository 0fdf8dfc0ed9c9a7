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
import { ParameterLayout } from "../nn/weights.ts";
import type { Seed } from "../random.ts";

/** Values of all weights, by `layer.weight`. */
export type WeightValues = Map<string, Float32Array>;

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

  /** The optimizer's slots, zero at first and kept between fits. */
  slotsOf(optimizer: Optimizer): Record<string, GPUBuffer> {
    const names = Array.from({ length: optimizer.shader.slots }, (_, i) => `slot${i}`);
    if (optimizer.average) names.push("average");
    for (const name of names) {
      if (!this.#slots.has(name)) this.#slots.set(name, this.#buffers.storage(name, this.layout.bytes));
    }
    return Object.fromEntries(names.map((name) => [name, this.#slots.get(name) as GPUBuffer]));
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
    for (const slot of this.#slots.values()) slot.destroy();
    this.#slots.clear();
    this.iterations = 0;
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
