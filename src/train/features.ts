// The frozen prefix of a model is a function of the row alone. Its output is computed in large chunks: once for all
// rows, kept in shards no larger than a binding, when it fits the budget; otherwise for a run of upcoming samples.
import type { Matrix } from "../data/matrix.ts";
import { inOrder, sampleTable } from "../data/samples.ts";
import { allocating, Buffers, packStruct, write } from "../gpu/buffers.ts";
import { type Dispatch, type DispatchSpec, freeze, record } from "../gpu/dispatch.ts";
import { gatherRows, maxShards } from "../nn/kernels/gather.ts";
import { noFault, stateStruct } from "../nn/kernels/wgsl.ts";
import type { StageBuild } from "../nn/layer.ts";
import { floatRows, type Rows, rowBuffers, stride } from "../nn/rows.ts";
import type { Engine } from "./engine.ts";

/** Floating-point operations of the largest chunk: what a submit of this length takes on a fast device of the kind. */
const chunkOperations = { software: 1.2e9, hardware: 4e11 };
/** Milliseconds of a submit, well under what a watchdog allows. */
const longestSubmit = 200;
/** Rows of the first submit, whose time is still to be learned. */
const firstRows = 64;
/** Storage buffers that gatherRows binds beside the shards. */
const gatherBindings = 3;

export interface FeatureOptions {
  /** Bytes that may be kept on the GPU. */
  readonly budget: number;
  /** A run of samples is a whole number of these. */
  readonly batchSize: number;
}

/** Asked and told between the chunks of a load. */
export interface LoadObserver {
  /** True ends the load; features that are not there yet stay so. */
  stop?(): boolean;
  /** Called with the number of rows just computed. */
  computed?(rows: number): unknown;
}

/** The prefix's output for some rows, as a training step reads it. */
export class FeatureRows {
  /** What `gatherRows` reads. */
  readonly rows: Rows;
  /** Samples for which features are there at a time; 0 where all rows are kept. */
  readonly runRows: number;
  /** Bytes kept. */
  readonly bytes: number;
  readonly #engine: Engine;
  readonly #buffers: Buffers;
  readonly #matrix: Matrix;
  readonly #chunk: Chunk;
  #complete = false;
  #submitRows: number;

  private constructor(engine: Engine, buffers: Buffers, matrix: Matrix, chunk: Chunk, rows: Rows, runRows: number) {
    this.#engine = engine;
    this.#buffers = buffers;
    this.#matrix = matrix;
    this.#chunk = chunk;
    this.rows = rows;
    this.runRows = runRows;
    this.#submitRows = Math.min(firstRows, chunk.rows);
    this.bytes = rows.buffers.reduce((sum, { size }) => sum + size, 0);
  }

  static create(engine: Engine, matrix: Matrix, { budget, batchSize }: FeatureOptions): Promise<FeatureRows> {
    const buffers = new Buffers(engine.gpu, "features");
    return allocating(
      engine.gpu,
      () => buffers.destroy(),
      async () => {
        const columns = engine.network.prefix.at(-1)?.outputDim ?? engine.network.inputDim;
        const largestChunk = chunkRowsOf(engine, matrix.shape[0]);
        const kept = await keepAll(engine, buffers, matrix.shape[0], columns, budget);
        const runRows = kept ? 0 : Math.max(1, Math.floor(largestChunk / batchSize)) * batchSize;
        const rows = kept ?? floatRows(buffers.storage("run", runRows * stride(columns) * 4), columns);
        const chunkRows = kept ? largestChunk : evenChunk(runRows, largestChunk);
        const chunk = await Chunk.create(engine, buffers, matrix, rows, chunkRows);
        return new FeatureRows(engine, buffers, matrix, chunk, rows, runRows);
      },
    );
  }

  /** How many samples from `begin` on one `load` brings: all, or a run. */
  samplesFrom(begin: number): number {
    const rows = this.#matrix.shape[0];
    return this.runRows === 0 ? rows - begin : Math.min(this.runRows, rows - begin);
  }

  /** Makes the features of the samples from `begin` on readable; where all rows are kept, only the first call works. */
  async load(order: Uint32Array, begin: number, observer: LoadObserver = {}): Promise<void> {
    if (this.runRows > 0) {
      await this.#fill(0, order.subarray(begin, begin + this.samplesFrom(begin)), observer);
      return;
    }
    if (this.#complete) return;
    const { rowsPerShard, buffers } = this.rows;
    for (let shard = 0; shard < buffers.length; shard++) {
      const first = shard * rowsPerShard;
      const count = Math.min(rowsPerShard, this.#matrix.shape[0] - first);
      const rows = inOrder(count).map((i) => first + i);
      if (!(await this.#fill(shard, rows, observer))) return;
    }
    this.#complete = true;
  }

  destroy(): void {
    this.#buffers.destroy();
  }

  /** Computes the features of these rows into a shard, two submits in flight. @returns false where it was stopped. */
  async #fill(shard: number, rows: Uint32Array, { stop, computed }: LoadObserver): Promise<boolean> {
    const { queue } = this.#engine.gpu.device;
    const pending: Promise<void>[] = [];
    let lastDone = performance.now();
    for (let at = 0; at < rows.length; ) {
      if (stop?.()) return false;
      const chunk = rows.subarray(at, at + this.#submitRows);
      this.#chunk.run(shard, at, chunk);
      pending.push(
        queue.onSubmittedWorkDone().then(() => {
          const now = performance.now();
          this.#learn(now - lastDone, chunk.length);
          lastDone = now;
        }),
      );
      at += chunk.length;
      if (pending.length === 2) await pending.shift();
      await computed?.(chunk.length);
    }
    await Promise.all(pending);
    return true;
  }

  /** Submits grow from a few rows to the chunk, as long as they stay short on this device. */
  #learn(milliseconds: number, rows: number): void {
    if (rows < this.#submitRows) return; // the rest of a run says little
    const fitting = Math.floor((rows * longestSubmit) / Math.max(milliseconds, 0.1) / 16) * 16;
    this.#submitRows = Math.max(16, Math.min(fitting, rows * 2, this.#chunk.rows));
  }
}

/** The plan of a chunk: rows from the CPU, through the prefix, into a shard. */
class Chunk {
  readonly rows: number;
  readonly #engine: Engine;
  readonly #matrix: Matrix;
  readonly #staging: Uint8Array | Float32Array;
  readonly #input: GPUBuffer;
  readonly #states: { readonly inner: GPUBuffer; readonly last: GPUBuffer };
  /** One list for each shard. */
  readonly #plans: readonly (readonly Dispatch[])[];

  private constructor(
    engine: Engine,
    matrix: Matrix,
    rows: number,
    input: GPUBuffer,
    states: { inner: GPUBuffer; last: GPUBuffer },
    plans: readonly (readonly Dispatch[])[],
  ) {
    const values = rows * stride(matrix.shape[1]);
    this.rows = rows;
    this.#engine = engine;
    this.#matrix = matrix;
    this.#staging = matrix.data instanceof Uint8Array ? new Uint8Array(values) : new Float32Array(values);
    this.#input = input;
    this.#states = states;
    this.#plans = plans;
  }

  static async create(engine: Engine, buffers: Buffers, matrix: Matrix, target: Rows, rows: number): Promise<Chunk> {
    const { gpu } = engine;
    const isBytes = matrix.data instanceof Uint8Array;
    const columns = matrix.shape[1];
    const input = buffers.storage("input", rows * stride(columns) * (isBytes ? 1 : 4)); // [rows, d] u8 or f32
    const source: Rows = {
      kind: isBytes ? "bytes" : "floats",
      buffers: [input],
      columns,
      rowsPerShard: 1,
      unit: matrix.unit ?? 1,
    };
    // Stages before the last write from row 0, the last one where its chunk belongs.
    const states = { inner: buffers.storage("state", 16), last: buffers.storage("last.state", 16) };
    const build = stageBuild(engine, buffers, rows, states.inner);
    const shared = prefixSpecs(engine, build, source);
    const plans = await Promise.all(
      target.buffers.map((output) => freeze(gpu, buffers, shared({ ...build, state: states.last }, output))),
    );
    return new Chunk(engine, matrix, rows, input, states, plans);
  }

  /** Computes the features of `rows` into a shard from its row `destination` on. */
  run(shard: number, destination: number, rows: Uint32Array): void {
    const { gpu } = this.#engine;
    const { data, shape } = this.#matrix;
    const columns = shape[1];
    rows.forEach((row, i) => {
      this.#staging.set(data.subarray(row * columns, (row + 1) * columns), i * stride(columns));
    });
    write(gpu, this.#input, this.#staging);
    const state = { step: 0, rowCount: rows.length, fault: noFault };
    write(gpu, this.#states.inner, packStruct(stateStruct, { ...state, destination: 0 }));
    write(gpu, this.#states.last, packStruct(stateStruct, { ...state, destination }));
    const encoder = gpu.device.createCommandEncoder({ label: "features" });
    const pass = encoder.beginComputePass({ label: "features" });
    record(pass, this.#plans[shard] as readonly Dispatch[]);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
  }
}

/** What stages need to describe their dispatches over some rows. */
export function stageBuild(engine: Engine, buffers: Buffers, rows: number, state: GPUBuffer): StageBuild {
  const { gpu, layout, parameters, weight, frozen } = engine;
  const gradients = parameters; // a prefix has none
  return { gpu, buffers, rows, state, layout, parameters, gradients, weight, frozen };
}

/** The prefix without its last stage, and what makes that one for a given output. */
function prefixSpecs(
  engine: Engine,
  build: StageBuild,
  source: Rows,
): (last: StageBuild, output: GPUBuffer) => DispatchSpec[] {
  const { prefix } = engine.network;
  const specs: DispatchSpec[] = [];
  let input = source;
  for (const stage of prefix.slice(0, -1)) {
    const output = build.buffers.storage(`${stage.name}.output`, build.rows * stride(stage.outputDim) * 4);
    specs.push(...stage.forward(build, input, output));
    input = floatRows(output, stage.outputDim);
  }
  const last = prefix.at(-1);
  if (last) return (lastBuild, output) => [...specs, ...last.forward(lastBuild, input, output)];
  const order = inOrder(build.rows);
  const binary = new Uint8Array(build.rows);
  const samples = build.buffers.upload(
    "samples",
    new Uint32Array(sampleTable({ order, batchSize: build.rows, binary, runRows: 0 })),
  );
  return (lastBuild, output) => [gatherSpec(lastBuild, input, samples, build.rows, output)];
}

/** Rows of a step, through its samples, into one buffer. */
export function gatherSpec(
  build: StageBuild,
  source: Rows,
  samples: GPUBuffer,
  batch: number,
  output: GPUBuffer,
): DispatchSpec {
  const columns4 = stride(source.columns) / 4;
  const { rowsPerShard, unit } = source;
  return {
    label: "gather",
    kernel: gatherRows(source.kind),
    buffers: { output, state: build.state, samples, ...rowBuffers(source) },
    uniforms: { params: { rows: build.rows, batch, columns4, rowsPerShard, unit } },
    workgroups: [Math.ceil(columns4 / 64), build.rows, 1],
  };
}

/** Shards for all rows, or undefined where they exceed the budget, the bindings or the memory. */
async function keepAll(
  engine: Engine,
  buffers: Buffers,
  count: number,
  columns: number,
  budget: number,
): Promise<Rows | undefined> {
  const { limits } = engine.gpu;
  const rowBytes = stride(columns) * 4;
  if (count * rowBytes > budget) return undefined;
  const bindable = Math.floor(Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) / rowBytes);
  const rowsPerShard = count <= bindable ? count : Math.floor(bindable / 16) * 16;
  const shards = Math.ceil(count / rowsPerShard);
  if (!(shards <= maxShards)) return undefined;
  if (shards > 1 && limits.maxStorageBuffersPerShaderStage < maxShards + gatherBindings) return undefined;
  const kept: GPUBuffer[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const rows = Math.min(rowsPerShard, count - shard * rowsPerShard);
    const buffer = await buffers.tryStorage(`rows${shard}`, rows * rowBytes);
    if (!buffer) {
      buffers.destroy();
      return undefined;
    }
    kept.push(buffer);
  }
  return { kind: shards === 1 ? "floats" : "shards", buffers: kept, columns, rowsPerShard, unit: 1 };
}

/** Rows of each of the chunks that make a run, as even as multiples of 16 are. */
function evenChunk(runRows: number, largestChunk: number): number {
  return Math.ceil(runRows / Math.ceil(runRows / largestChunk) / 16) * 16;
}

/** Rows of a chunk: a multiple of 16 whose operations suit the adapter and whose buffers its bindings. */
function chunkRowsOf({ gpu, network }: Engine, count: number): number {
  const { prefix, inputDim } = network;
  let width = inputDim;
  let rowOperations = 1;
  let widest = stride(width);
  for (const { outputDim, operations = 2 * width * outputDim } of prefix) {
    rowOperations += operations;
    width = outputDim;
    widest = Math.max(widest, stride(width));
  }
  const wanted = chunkOperations[gpu.adapter.isSoftware ? "software" : "hardware"] / rowOperations;
  const bindable = gpu.limits.maxStorageBufferBindingSize / (widest * 4);
  return Math.max(16, Math.floor(Math.min(wanted, bindable, 8192, count + 15) / 16) * 16);
}
