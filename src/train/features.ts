// The frozen prefix of a model is a function of the row alone. Its output is computed in large chunks: once for all
// rows, when it fits the budget; otherwise for a run of upcoming samples. What is kept may be a part of the prefix, from
// which several models go on, and later the rest of it.
import type { Matrix } from "../data/matrix.ts";
import { inOrder } from "../data/samples.ts";
import { ConfigError, DeviceError } from "../errors.ts";
import { allocating, Buffers } from "../gpu/buffers.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Stage } from "../nn/layer.ts";
import { largestRows, rowBytes, type Storage, type StoredRows, stride, tryRows } from "../nn/rows.ts";
import { Chunk, keptSource, type MatrixSource, matrixSource } from "./chunk.ts";
import type { Engine } from "./engine.ts";

/** Floating-point operations of the largest chunk: what a submit of this length takes on a fast device of the kind. */
const chunkOperations = { software: 5e9, hardware: 4e11 };
/** Milliseconds of a submit, well under what a watchdog allows. */
const longestSubmit = 200;
/** Rows of the first submit, whose time is still to be learned. */
const firstRows = 64;
export interface FeatureOptions {
  /** Bytes that may be kept on the GPU. */
  readonly budget: number;
  readonly precision: Storage["precision"];
  /** A run of samples is a whole number of these. */
  readonly batchSize: number;
  /** How many stages of the model to compute. Default: its whole frozen prefix. */
  readonly depth?: number;
}

/** Asked and told between the chunks of a load. */
export interface LoadObserver {
  /** True ends the load; features that are not there yet stay so. */
  stop?(): boolean;
  /** Called with the number of rows just computed. */
  computed?(rows: number): unknown;
}

/** The output of a model's first stages for some rows, as a training step reads it. */
export class FeatureRows {
  readonly rows: StoredRows;
  /** The number of those stages. */
  readonly depth: number;
  /** Samples for which features are there at a time; 0 where all rows are kept. */
  readonly runRows: number;
  /** Bytes kept. */
  readonly bytes: number;
  /** Rows computed so far, as often as they were. */
  computedRows = 0;
  readonly #buffers: Buffers;
  #count: number;
  readonly #source: MatrixSource | undefined;
  readonly #chunk: Chunk;
  #complete = false;
  #submitRows: number;

  private constructor(
    buffers: Buffers,
    count: number,
    chunk: Chunk,
    source: MatrixSource | undefined,
    depth: number,
    { rows, runRows, bytes }: Place,
  ) {
    this.#buffers = buffers;
    this.#count = count;
    this.#source = source;
    this.#chunk = chunk;
    this.depth = depth;
    this.rows = rows;
    this.runRows = runRows;
    this.bytes = bytes;
    this.#submitRows = Math.min(firstRows, chunk.rows);
  }

  /** @param from rows of the user's, or features that are all kept and of which these go on. */
  static create(engine: Engine, from: Matrix | FeatureRows, options: FeatureOptions): Promise<FeatureRows> {
    const buffers = new Buffers(engine.gpu, "features");
    return allocating(
      engine.gpu,
      () => buffers.destroy(),
      async () => {
        const { stages, prefix } = engine.network;
        const { depth = prefix.length } = options;
        const kept = from instanceof FeatureRows ? from : undefined;
        const count = from instanceof FeatureRows ? from.#count : from.shape[0];
        const todo = stages.slice(kept?.depth ?? 0, depth);
        const inputDim = kept?.rows.columns ?? engine.network.inputDim;
        const place = await placeFor(engine, buffers, count, { stages: todo, inputDim }, options);
        const own = from instanceof FeatureRows ? undefined : matrixSource(engine, buffers, from, place.chunkRows);
        const source = own ?? keptSource(engine, buffers, (from as FeatureRows).rows, place.chunkRows);
        const chunk = await Chunk.create(engine, buffers, source, todo, place);
        return new FeatureRows(buffers, count, chunk, own, depth, place);
      },
    );
  }

  /** Of so many samples, how many from `begin` on one `load` brings: all, or a run. */
  samplesFrom(begin: number, count: number): number {
    return this.runRows === 0 ? count - begin : Math.min(this.runRows, count - begin);
  }

  /** Makes the features of the samples from `begin` on readable; where all rows are kept, only the first call works. */
  async load(order: Uint32Array, begin: number, observer: LoadObserver = {}): Promise<void> {
    if (this.runRows > 0) {
      await this.#fill(order.subarray(begin, begin + this.samplesFrom(begin, order.length)), observer);
    } else if (!this.#complete) {
      this.#complete = await this.#fill(inOrder(this.#count), observer);
    }
  }

  /** Takes other rows of the same kind, at most as many as it was made for. */
  replace(matrix: Matrix): void {
    if (!this.#source) throw new TypeError("Features that go on from others take no other rows.");
    this.#source.replace(matrix);
    this.#count = matrix.shape[0];
    this.#complete = false;
  }

  destroy(): void {
    this.#buffers.destroy();
  }

  /** Computes the features of these rows, two submits in flight. @returns false where it was stopped. */
  async #fill(rows: Uint32Array, { stop, computed }: LoadObserver): Promise<boolean> {
    const pending: Promise<void>[] = [];
    let lastDone = performance.now();
    for (let at = 0; at < rows.length; ) {
      if (stop?.()) return false;
      const chunk = rows.subarray(at, at + this.#submitRows);
      const work = this.#chunk.run(at, chunk).then(() => {
        const now = performance.now();
        this.#learn(now - lastDone, chunk.length);
        lastDone = now;
      });
      work.catch(() => {}); // awaited below, or after something that failed
      pending.push(work);
      at += chunk.length;
      this.computedRows += chunk.length;
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

/** Where features go. */
interface Place {
  readonly rows: StoredRows;
  readonly runRows: number;
  readonly chunkRows: number;
  readonly bytes: number;
}

/** The stages to compute, and the width of what the first one reads. */
interface Work {
  readonly stages: readonly Stage[];
  readonly inputDim: number;
}

/** Room for all rows, or for a run of samples where those exceed the budget, the bindings or the memory. */
async function placeFor(
  { gpu, tuning }: Engine,
  buffers: Buffers,
  count: number,
  work: Work,
  { budget, precision, batchSize }: FeatureOptions,
): Promise<Place> {
  const last = work.stages.at(-1);
  checkPrecision(last, precision);
  const columns = last?.outputDim ?? work.inputDim;
  const largestChunk = chunkRowsOf(gpu, work, count);
  const places = tuning.rows === "texture" ? (["texture", "buffer"] as const) : (["buffer", "texture"] as const);
  const storages = places.map((place): Storage => ({ precision, place }));
  const room = async (name: string, rows: number) => {
    for (const storage of storages) {
      if (rows > largestRows(gpu, columns, storage)) continue;
      const kept = await tryRows(buffers, name, rows, columns, storage);
      if (kept) return kept;
    }
    return undefined;
  };
  const rowSize = rowBytes(columns, { precision, place: tuning.rows });
  const bytes = count * rowSize;
  const all = bytes <= budget ? await room("rows", count) : undefined;
  if (all) return { rows: all, runRows: 0, chunkRows: largestChunk, bytes };
  // A run takes no more than the budget, but a minibatch at least.
  const batches = Math.floor(Math.min(largestChunk, budget / rowSize) / batchSize);
  const runRows = Math.max(1, batches) * batchSize;
  const run = await room("run", runRows);
  if (!run) {
    throw new DeviceError(
      `${gpu.adapter.name} can't hold the features of one minibatch of ${batchSize} rows, ${columns} each. Make the batch or the layer smaller.`,
    );
  }
  return { rows: run, runRows, chunkRows: evenChunk(runRows, largestChunk), bytes: runRows * rowSize };
}

/** @throws ConfigError where 16 bits could not hold what is kept. */
function checkPrecision(last: Stage | undefined, precision: Storage["precision"]): void {
  if (precision === "float32" || last?.bounded) return;
  throw new ConfigError(
    `featureStorage "snorm16" keeps values in [-1, 1], which ${last ? `the output of ${last.name}` : "the rows themselves"} ` +
      `can leave: what is kept must be the cosine features of a layer whose scale does not train. Use "float32".`,
  );
}

/** Rows of each of the chunks that make a run, as even as multiples of 16 are. */
function evenChunk(runRows: number, largestChunk: number): number {
  return Math.ceil(runRows / Math.ceil(runRows / largestChunk) / 16) * 16;
}

/** Rows of a chunk: a multiple of 16 whose operations suit the adapter and whose buffers its bindings. */
function chunkRowsOf(gpu: Gpu, { stages, inputDim }: Work, count: number): number {
  let width = inputDim;
  let rowOperations = 1;
  let widest = stride(width);
  for (const { outputDim, operations = 2 * width * outputDim } of stages) {
    rowOperations += operations;
    width = outputDim;
    widest = Math.max(widest, stride(width));
  }
  const wanted = chunkOperations[gpu.adapter.isSoftware ? "software" : "hardware"] / rowOperations;
  const bindable = Math.floor(gpu.limits.maxStorageBufferBindingSize / (widest * 4));
  return Math.max(16, Math.floor(Math.min(wanted, bindable, 8192, count + 15) / 16) * 16);
}
