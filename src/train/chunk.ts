// A chunk of rows on its way from where they are through the frozen prefix.
import type { Matrix } from "../data/matrix.ts";
import { sampleTable } from "../data/samples.ts";
import { type Buffers, packStruct, write } from "../gpu/buffers.ts";
import { type Dispatch, type DispatchSpec, freeze, overRows } from "../gpu/dispatch.ts";
import { noFault, stateStruct } from "../nn/kernels/wgsl.ts";
import type { Stage, StageBuild } from "../nn/layer.ts";
import { gather, keep } from "../nn/moving.ts";
import { byteRows, floatRows, type Rows, type StoredRows, stride } from "../nn/rows.ts";
import type { Engine } from "./engine.ts";

/** Where the rows of a chunk come from. */
export interface ChunkSource {
  /** What the first stage reads. */
  readonly rows: Rows;
  /** Brings these rows there, before the dispatches run. */
  fetch(rows: Uint32Array): void;
  /** What goes before the first stage. @param state its rowCount is that of the chunk. */
  specs(state: GPUBuffer): DispatchSpec[];
}

/** Rows of the user's. */
export interface MatrixSource extends ChunkSource {
  /** Takes other rows of the same kind; bytes of the same unit, which the kernels know. */
  replace(matrix: Matrix): void;
}

/** Rows of the user's, uploaded chunk by chunk. */
export function matrixSource({ gpu }: Engine, buffers: Buffers, matrix: Matrix, rows: number): MatrixSource {
  let { data, unit = 1 } = matrix;
  const columns = matrix.shape[1];
  const isBytes = data instanceof Uint8Array;
  const input = buffers.storage("input", rows * stride(columns) * (isBytes ? 1 : 4)); // [rows, d] u8 or f32
  const staging = isBytes ? new Uint8Array(rows * stride(columns)) : new Float32Array(rows * stride(columns));
  return {
    rows: isBytes ? byteRows(input, columns, unit) : floatRows(input, columns),
    fetch(wanted) {
      const isScaled = !isBytes && unit !== 1;
      wanted.forEach((row, i) => {
        const values = data.subarray(row * columns, (row + 1) * columns);
        staging.set(isScaled ? values.map((value) => value * unit) : values, i * stride(columns));
      });
      write(gpu, input, staging.subarray(0, wanted.length * stride(columns)));
    },
    specs: () => [],
    replace(other) {
      ({ data, unit = 1 } = other);
    },
  };
}

/** Rows that are kept on the device. */
export function keptSource(engine: Engine, buffers: Buffers, kept: StoredRows, rows: number): ChunkSource {
  const input = floatRows(buffers.storage("input", rows * stride(kept.columns) * 4), kept.columns); // [rows, columns] f32
  const samples = buffers.storage("samples", rows * 16); // [rows] of struct Sample
  return {
    rows: input,
    fetch(wanted) {
      const table = { order: wanted, batchSize: rows, binary: new Uint8Array(0), runRows: 0 };
      write(engine.gpu, samples, sampleTable(table));
    },
    specs: (state) => [gather(chunkBuild(engine, buffers, rows, state), kept, samples, rows, input)],
  };
}

/** The plan of a chunk: from its source through some stages, into its place among the kept rows. */
export class Chunk {
  readonly rows: number;
  readonly #engine: Engine;
  readonly #source: ChunkSource;
  readonly #states: States;
  readonly #dispatches: readonly Dispatch[];

  private constructor(
    engine: Engine,
    rows: number,
    source: ChunkSource,
    states: States,
    dispatches: readonly Dispatch[],
  ) {
    this.rows = rows;
    this.#engine = engine;
    this.#source = source;
    this.#states = states;
    this.#dispatches = dispatches;
  }

  /** @param place where the outputs of the last of `stages` go. */
  static async create(
    engine: Engine,
    buffers: Buffers,
    source: ChunkSource,
    stages: readonly Stage[],
    { rows: target, chunkRows: rows }: { readonly rows: StoredRows; readonly chunkRows: number },
  ): Promise<Chunk> {
    const states = { inner: buffers.storage("state", stateBytes), last: buffers.storage("last.state", stateBytes) };
    const specs = chunkSpecs(engine, buffers, { rows, states, source, stages, target });
    return new Chunk(engine, rows, source, states, await freeze(engine.gpu, buffers, specs));
  }

  /** Computes the features of `rows` into the kept rows from `destination` on. @returns when that is done. */
  run(destination: number, rows: Uint32Array): Promise<unknown> {
    const { gpu } = this.#engine;
    this.#source.fetch(rows);
    const state = { step: 0, next: 0, rowCount: rows.length, fault: noFault };
    write(gpu, this.#states.inner, packStruct(stateStruct, { ...state, destination: 0 }));
    write(gpu, this.#states.last, packStruct(stateStruct, { ...state, destination }));
    const dispatches = this.#dispatches.map((dispatch) => overRows(dispatch, rows.length / this.rows));
    return this.#engine.queue.submit("features", dispatches);
  }
}

/** Stages before the last write from row 0, the last one where its chunk belongs. */
interface States {
  readonly inner: GPUBuffer;
  readonly last: GPUBuffer;
}

/** Bytes of struct State, as `packStruct` pads it. */
export const stateBytes = packStruct(stateStruct, {
  step: 0,
  next: 0,
  rowCount: 0,
  destination: 0,
  fault: 0,
}).byteLength;

/** What stages need to describe their dispatches over some rows. */
export function stageBuild(
  engine: Engine,
  own: Pick<StageBuild, "buffers" | "rows" | "batch" | "training" | "state" | "stepTable">,
): StageBuild {
  const { gpu, tuning, seed, layout, parameters, weight, frozen, frozenOperand } = engine;
  const gradients = parameters; // a prefix has none
  return { ...own, gpu, tuning, seed, layout, parameters, gradients, weight, frozen, frozenOperand };
}

function chunkBuild(engine: Engine, buffers: Buffers, rows: number, state: GPUBuffer): StageBuild {
  return stageBuild(engine, { buffers, rows, batch: rows, training: false, state, stepTable: undefined });
}

interface Way {
  readonly rows: number;
  readonly states: States;
  readonly source: ChunkSource;
  readonly stages: readonly Stage[];
  readonly target: StoredRows;
}

/** The dispatches from the source to the rows kept. */
function chunkSpecs(
  engine: Engine,
  buffers: Buffers,
  { rows, states, source, stages, target }: Way,
): readonly DispatchSpec[] {
  const inner = chunkBuild(engine, buffers, rows, states.inner);
  const last = chunkBuild(engine, buffers, rows, states.last);
  const placing = stages.at(-1)?.placesRows ? stages.at(-1) : undefined;
  const specs = source.specs(states.inner);
  let input = source.rows;
  for (const stage of placing ? stages.slice(0, -1) : stages) {
    const bytes = rows * stride(stage.outputDim) * 4;
    const output = floatRows(buffers.storage(`${stage.name}.output`, bytes), stage.outputDim);
    specs.push(...stage.forward(inner, input, output));
    input = output;
  }
  return [...specs, ...(placing ? placing.forward(last, input, target) : [keep(last, input, target)])];
}
