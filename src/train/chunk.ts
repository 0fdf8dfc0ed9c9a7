// A chunk of rows on its way from the CPU through the frozen prefix.
import type { Matrix } from "../data/matrix.ts";
import { type Buffers, packStruct, write } from "../gpu/buffers.ts";
import { type Dispatch, type DispatchSpec, freeze, overRows } from "../gpu/dispatch.ts";
import { noFault, stateStruct } from "../nn/kernels/wgsl.ts";
import type { StageBuild } from "../nn/layer.ts";
import { keep } from "../nn/moving.ts";
import { byteRows, floatRows, type Rows, type StoredRows, stride } from "../nn/rows.ts";
import type { Engine } from "./engine.ts";

/** The plan of a chunk: upload, prefix, into its place among the kept rows. */
export class Chunk {
  readonly rows: number;
  readonly #engine: Engine;
  readonly #matrix: Matrix;
  readonly #staging: Uint8Array | Float32Array;
  readonly #input: GPUBuffer;
  readonly #states: { readonly inner: GPUBuffer; readonly last: GPUBuffer };
  readonly #dispatches: readonly Dispatch[];

  private constructor(
    engine: Engine,
    matrix: Matrix,
    rows: number,
    input: GPUBuffer,
    states: { inner: GPUBuffer; last: GPUBuffer },
    dispatches: readonly Dispatch[],
  ) {
    const values = rows * stride(matrix.shape[1]);
    this.rows = rows;
    this.#engine = engine;
    this.#matrix = matrix;
    this.#staging = matrix.data instanceof Uint8Array ? new Uint8Array(values) : new Float32Array(values);
    this.#input = input;
    this.#states = states;
    this.#dispatches = dispatches;
  }

  static async create(
    engine: Engine,
    buffers: Buffers,
    matrix: Matrix,
    target: StoredRows,
    rows: number,
  ): Promise<Chunk> {
    const isBytes = matrix.data instanceof Uint8Array;
    const columns = matrix.shape[1];
    const input = buffers.storage("input", rows * stride(columns) * (isBytes ? 1 : 4)); // [rows, d] u8 or f32
    const source = isBytes ? byteRows(input, columns, matrix.unit ?? 1) : floatRows(input, columns);
    // Stages before the last write from row 0, the last one where its chunk belongs.
    const states = { inner: buffers.storage("state", stateBytes), last: buffers.storage("last.state", stateBytes) };
    const specs = prefixSpecs(engine, buffers, rows, states, source, target);
    return new Chunk(engine, matrix, rows, input, states, await freeze(engine.gpu, buffers, specs));
  }

  /** Computes the features of `rows` into the kept rows from `destination` on. @returns when that is done. */
  run(destination: number, rows: Uint32Array): Promise<unknown> {
    const { gpu } = this.#engine;
    this.#fillStaging(rows);
    write(gpu, this.#input, this.#staging.subarray(0, rows.length * stride(this.#matrix.shape[1])));
    const state = { step: 0, next: 0, rowCount: rows.length, fault: noFault };
    write(gpu, this.#states.inner, packStruct(stateStruct, { ...state, destination: 0 }));
    write(gpu, this.#states.last, packStruct(stateStruct, { ...state, destination }));
    const dispatches = this.#dispatches.map((dispatch) => overRows(dispatch, rows.length / this.rows));
    return this.#engine.queue.submit("features", dispatches);
  }

  #fillStaging(rows: Uint32Array): void {
    const { data, shape, unit = 1 } = this.#matrix;
    const columns = shape[1];
    const isScaled = data instanceof Float32Array && unit !== 1;
    rows.forEach((row, i) => {
      const values = data.subarray(row * columns, (row + 1) * columns);
      this.#staging.set(isScaled ? values.map((value) => value * unit) : values, i * stride(columns));
    });
  }
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

/** The dispatches from the rows uploaded to the rows kept. */
function prefixSpecs(
  engine: Engine,
  buffers: Buffers,
  rows: number,
  states: { inner: GPUBuffer; last: GPUBuffer },
  source: Rows,
  target: StoredRows,
): DispatchSpec[] {
  const { prefix } = engine.network;
  const own = { buffers, rows, batch: rows, training: false, stepTable: undefined };
  const inner = stageBuild(engine, { ...own, state: states.inner });
  const last = stageBuild(engine, { ...own, state: states.last });
  const placing = prefix.at(-1)?.placesRows ? prefix.at(-1) : undefined;
  const specs: DispatchSpec[] = [];
  let input = source;
  for (const stage of placing ? prefix.slice(0, -1) : prefix) {
    const bytes = rows * stride(stage.outputDim) * 4;
    const output = floatRows(buffers.storage(`${stage.name}.output`, bytes), stage.outputDim);
    specs.push(...stage.forward(inner, input, output));
    input = output;
  }
  return [...specs, ...(placing ? placing.forward(last, input, target) : [keep(last, input, target)])];
}
