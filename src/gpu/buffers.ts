// Every buffer and texture has an owner that destroys it and is counted while it lives; only this file maps memory.
import { DeviceError } from "../errors.ts";
import type { Gpu, GpuMemory } from "./device.ts";
import type { Struct } from "./kernel.ts";

/** What textures are made of here: texels of 16 bytes. */
type TexelFormat = "rgba32float" | "rgba32uint";
const texelBytes = 16;

/** Makes buffers and textures with a common life: `destroy` frees them all. */
export class Buffers {
  readonly #gpu: Gpu;
  readonly #owner: string;
  readonly #all = new Set<GPUBuffer | GPUTexture>();
  readonly #shared = new Map<string, GPUBuffer>();

  /** @param owner begins the label of every buffer made here. */
  constructor(gpu: Gpu, owner: string) {
    this.#gpu = gpu;
    this.#owner = owner;
  }

  /** A storage buffer of zeros. @throws DeviceError where it exceeds the adapter's limits. */
  storage(name: string, bytes: number): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    const limit = Math.min(this.#gpu.limits.maxStorageBufferBindingSize, this.#gpu.limits.maxBufferSize);
    if (size > limit) {
      throw new DeviceError(
        `${this.#owner}.${name} needs ${size} bytes, but ${this.#gpu.adapter.name} binds at most ${limit} ` +
          `(maxStorageBufferBindingSize). Make the model or the batch smaller, or the rows fewer.`,
      );
    }
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    return this.#create(name, size, STORAGE | COPY_SRC | COPY_DST);
  }

  /** A storage buffer of zeros that is the same for everyone who asks for this name, with as many bytes. */
  shared(name: string, bytes: number): GPUBuffer {
    const buffer = this.#shared.get(name) ?? this.storage(name, bytes);
    this.#shared.set(name, buffer);
    return buffer;
  }

  /** A storage buffer of zeros, or undefined where memory does not suffice. */
  async tryStorage(name: string, bytes: number): Promise<GPUBuffer | undefined> {
    const { device } = this.#gpu;
    device.pushErrorScope("out-of-memory");
    const buffer = this.storage(name, bytes);
    if ((await device.popErrorScope()) === null) return buffer;
    this.free(buffer);
    return undefined;
  }

  /** A texture of zeros that kernels read texel by texel, and write where its format allows. */
  texture(name: string, format: TexelFormat, width: number, height: number): GPUTexture {
    const { TEXTURE_BINDING, STORAGE_BINDING, COPY_DST, COPY_SRC } = GPUTextureUsage;
    const usage = TEXTURE_BINDING | STORAGE_BINDING | COPY_DST | COPY_SRC;
    const label = `${this.#owner}.${name}`;
    const texture = this.#gpu.device.createTexture({ label, format, usage, size: [width, height] });
    return this.#keep(texture);
  }

  /** A texture of zeros, or undefined where memory does not suffice. */
  async tryTexture(name: string, format: TexelFormat, width: number, height: number): Promise<GPUTexture | undefined> {
    const { device } = this.#gpu;
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    const texture = this.texture(name, format, width, height);
    const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    if (errors.every((error) => error === null)) return texture;
    this.free(texture);
    return undefined;
  }

  /** A texture of vec4f, as long an array as these values make, in lines of `width` texels. */
  uploadTexture(name: string, values: Float32Array, width: number): GPUTexture {
    const texels = Math.ceil(values.length / 4);
    const lines = Math.max(1, Math.ceil(texels / width));
    const texture = this.texture(name, "rgba32float", width, lines);
    const data = values as Float32Array<ArrayBuffer>;
    const whole = Math.floor(texels / width);
    const { queue } = this.#gpu.device;
    if (whole > 0) queue.writeTexture({ texture }, data, { bytesPerRow: width * 16 }, [width, whole]);
    const rest = texels - whole * width;
    if (rest > 0) {
      const layout = { offset: whole * width * 16, bytesPerRow: width * 16 };
      queue.writeTexture({ texture, origin: [0, whole] }, data, layout, [rest, 1]);
    }
    return texture;
  }

  /** A storage buffer with these values. */
  upload(name: string, values: Float32Array | Uint32Array): GPUBuffer {
    const buffer = this.storage(name, values.byteLength);
    write(this.#gpu, buffer, values);
    return buffer;
  }

  /** A uniform buffer laid out as `struct`. */
  uniform(name: string, struct: Struct, values: Readonly<Record<string, number>>): GPUBuffer {
    const buffer = this.#create(name, uniformSize(struct), GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    write(this.#gpu, buffer, packStruct(struct, values));
    return buffer;
  }

  /** A buffer that the CPU reads, of which `readBack` makes use. */
  readback(name: string, bytes: number): GPUBuffer {
    return this.#create(name, Math.ceil(bytes / 4) * 4, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  /** A buffer that takes the results of this many queries. */
  queryResults(name: string, count: number): GPUBuffer {
    return this.#create(name, count * 8, GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
  }

  /** Frees one of them before the others. */
  free(resource: GPUBuffer | GPUTexture): void {
    if (!this.#all.delete(resource)) return;
    resource.destroy();
    count(this.#gpu, resource, -1);
  }

  destroy(): void {
    for (const resource of this.#all) this.free(resource);
    this.#shared.clear();
  }

  #create(name: string, size: number, usage: number): GPUBuffer {
    return this.#keep(this.#gpu.device.createBuffer({ label: `${this.#owner}.${name}`, size, usage }));
  }

  #keep<T extends GPUBuffer | GPUTexture>(resource: T): T {
    this.#all.add(resource);
    count(this.#gpu, resource, 1);
    return resource;
  }
}

/** Notes that a resource is there, or with -1 that it is gone. */
function count(gpu: Gpu, resource: GPUBuffer | GPUTexture, sign: 1 | -1): void {
  const memory = gpu.memory as { -readonly [field in keyof GpuMemory]: number };
  const isBuffer = "size" in resource;
  memory[isBuffer ? "buffers" : "textures"] += sign;
  memory.bytes += sign * (isBuffer ? resource.size : resource.width * resource.height * texelBytes);
}

/**
 * Runs `make`. Where it throws, or the device refuses what it makes or runs out of memory, `undo` frees what was made.
 * @throws DeviceError with the device's own words.
 */
export async function allocating<T>({ device, adapter }: Gpu, undo: () => void, make: () => Promise<T>): Promise<T> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const made = await make().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const refusals = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const refusal = refusals.find((error) => error !== null);
  if ("value" in made && !refusal) return made.value;
  undo();
  if ("error" in made) throw made.error;
  throw new DeviceError(
    `${adapter.name} can't hold this: ${refusal?.message}. Make the model or the batch smaller, or the rows fewer.`,
  );
}

/** Queues a write of `values` at a byte offset. */
export function write(
  gpu: Gpu,
  buffer: GPUBuffer,
  values: Float32Array | Uint32Array | Uint8Array | ArrayBuffer,
  offset = 0,
): void {
  gpu.device.queue.writeBuffer(buffer, offset, values as Uint8Array<ArrayBuffer>);
}

/** The bytes of a struct of u32 and f32 fields, padded to a uniform's multiple of 16. */
export function packStruct(struct: Struct, values: Readonly<Record<string, number>>): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(uniformSize(struct)));
  Object.entries(struct).forEach(([field, type], i) => {
    const value = values[field];
    if (value === undefined) throw new TypeError(`No value for the uniform field "${field}".`);
    if (type === "f32") bytes.setFloat32(i * 4, value, true);
    else bytes.setUint32(i * 4, value, true);
  });
  return bytes.buffer;
}

function uniformSize(struct: Struct): number {
  return Math.ceil((Object.keys(struct).length * 4) / 16) * 16;
}

/** Waits for the queue and copies bytes of a storage buffer to the CPU. */
export async function readBack(gpu: Gpu, source: GPUBuffer, offset = 0, bytes = source.size): Promise<ArrayBuffer> {
  const staging = gpu.device.createBuffer({
    label: `${source.label} readback`,
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  count(gpu, staging, 1);
  try {
    const encoder = gpu.device.createCommandEncoder({ label: `${source.label} readback` });
    encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
    gpu.device.queue.submit([encoder.finish()]);
    return await mapAndCopy(staging, bytes);
  } finally {
    staging.destroy();
    count(gpu, staging, -1);
  }
}

/** The first bytes of a readback buffer, once the commands that fill it are done. */
export async function mapAndCopy(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
  await staging.mapAsync(GPUMapMode.READ, 0, bytes);
  const copy = staging.getMappedRange(0, bytes).slice(0);
  staging.unmap();
  return copy;
}
