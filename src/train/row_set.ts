// Rows with their targets on the GPU, and what a run over them leaves behind.
import type { Matrix } from "../data/matrix.ts";
import { inOrder, sampleTable } from "../data/samples.ts";
import { binaryRows, inverseVariances, type Targets } from "../data/targets.ts";
import { allocating, Buffers, mapAndCopy, packStruct, write } from "../gpu/buffers.ts";
import type { RowMetric } from "../nn/kernels/losses.ts";
import { noFault, stateStruct, stepBytes } from "../nn/kernels/wgsl.ts";
import { type Storage, stride } from "../nn/rows.ts";
import type { Penalties } from "../nn/updates.ts";
import { stateBytes } from "./chunk.ts";
import type { Engine } from "./engine.ts";
import { FeatureRows } from "./features.ts";
import type { FitData } from "./fit_data.ts";
import { penaltyLanes, penaltySum } from "./penalties.ts";

export interface RowSetOptions {
  readonly batchSize: number;
  /** Bytes that features may take on the GPU. */
  readonly budget: number;
  readonly precision: Storage["precision"];
  /** A row's weight in the loss. */
  readonly weights?: Float32Array | undefined;
  /** The rows that count, by number; default all. */
  readonly subset?: Uint32Array | undefined;
  /** What is measured of each row beside its loss. Default none. */
  readonly metrics?: readonly RowMetric[];
}

/** What a run over the rows gave. */
export interface Results {
  /** Rows of the steps that were done. */
  readonly rows: number;
  /** The first step with a value that is not finite. */
  readonly fault: number | undefined;
  /** [1 + metrics] sums over the rows: weighted losses with what regularizers add to them, then each metric. */
  readonly sums: Float64Array;
}

/** The same with what each row gave. */
export interface RowResults extends Results {
  /** [rows, 1 + metrics] weighted loss, then metrics; in the order of the samples. */
  readonly outcomes: Float32Array;
}

const stateFields = Object.keys(stateStruct);

export class RowSet {
  readonly features: FeatureRows;
  readonly batchSize: number;
  readonly targetKind: Targets["kind"];
  readonly targets: GPUBuffer;
  /** Rows that `targets` has a place for; behind the last lies 1 / variance, where a metric asks for it. */
  readonly targetRows: number;
  /** [rows] of struct Sample */
  readonly samples: GPUBuffer;
  readonly metrics: readonly RowMetric[];
  /** [rows, 1 + metrics] f32: weighted loss, then metrics; in the order of the samples */
  readonly outcomes: GPUBuffer;
  /** struct State */
  readonly state: GPUBuffer;
  /** What regularizers add to the loss, where a weight has one. */
  readonly penalties: Penalties | undefined;
  /** [steps] of struct Step */
  readonly stepTable: GPUBuffer;
  /** Frees everything but features that it shares with other sets. */
  readonly destroy: () => void;
  readonly #engine: Engine;
  #inOrder: Uint32Array;
  #weights: Float32Array | undefined;
  #binary: Uint8Array;
  readonly #results: GPUBuffer;

  private constructor(
    engine: Engine,
    buffers: Buffers,
    features: FeatureRows,
    targets: Targets,
    { batchSize, weights, subset = inOrder(targets.rows), metrics = [] }: RowSetOptions,
    destroy: () => void,
  ) {
    const rows = subset.length;
    this.#engine = engine;
    this.destroy = destroy;
    this.#weights = weights;
    this.#binary = binaryRows(targets);
    this.features = features;
    this.#inOrder = subset;
    this.batchSize = batchSize;
    this.targetKind = targets.kind;
    this.targetRows = targets.rows;
    this.metrics = metrics;
    this.targets = buffers.upload("targets", this.#targetValues(targets));
    this.samples = buffers.storage("samples", rows * 16);
    this.outcomes = buffers.storage("outcomes", rows * this.outcomeBytes);
    this.state = buffers.storage("state", stateBytes);
    this.stepTable = buffers.storage("stepTable", this.steps * stepBytes);
    const isRegularized = engine.layout.slots.some(({ regularizer }) => regularizer);
    const lanes = penaltyLanes(this.steps);
    const sums = isRegularized ? buffers.storage("penalties", this.steps * lanes * 4) : undefined;
    this.penalties = sums && { sums, lanes };
    const resultBytes = this.state.size + rows * this.outcomeBytes + this.steps * this.penaltyBytes;
    this.#results = buffers.readback("results", resultBytes);
  }

  /** @param from rows of the user's, or features that several sets share and that live as long as all of them. */
  static async create(
    engine: Engine,
    from: Matrix | FeatureRows,
    targets: Targets,
    options: RowSetOptions,
  ): Promise<RowSet> {
    const batchSize = Math.min(options.batchSize, options.subset?.length ?? targets.rows);
    const buffers = new Buffers(engine.gpu, "rows");
    const own =
      from instanceof FeatureRows ? undefined : await FeatureRows.create(engine, from, { ...options, batchSize });
    const features = own ?? (from as FeatureRows);
    const destroy = () => {
      own?.destroy();
      buffers.destroy();
    };
    return allocating(
      engine.gpu,
      destroy,
      async () => new RowSet(engine, buffers, features, targets, { ...options, batchSize }, destroy),
    );
  }

  /** The rows by number, in order. */
  get inOrder(): Uint32Array {
    return this.#inOrder;
  }

  get rowCount(): number {
    return this.#inOrder.length;
  }

  /** Minibatches, the last smaller one included. */
  get steps(): number {
    return Math.ceil(this.rowCount / this.batchSize);
  }

  /** Rows before a step. */
  rowsBefore(step: number): number {
    return Math.min(step * this.batchSize, this.rowCount);
  }

  /** Takes other rows of the same kind, at most as many as it was made for. */
  replace({ x, targets, weights }: FitData): void {
    this.features.replace(x);
    this.#inOrder = inOrder(targets.rows);
    this.#weights = weights;
    this.#binary = binaryRows(targets);
    write(this.#engine.gpu, this.targets, this.#targetValues(targets));
  }

  /** Bytes of a row of `outcomes`. */
  get outcomeBytes(): number {
    return (1 + this.metrics.length) * 4;
  }

  /** Bytes of a step of `penalties`. */
  get penaltyBytes(): number {
    return (this.penalties?.lanes ?? 0) * 4;
  }

  /** Puts the rows into order and goes to the first step. */
  begin(order: Uint32Array): void {
    const { gpu } = this.#engine;
    const { batchSize } = this;
    const table = { order, batchSize, weights: this.#weights, binary: this.#binary, runRows: this.features.runRows };
    write(gpu, this.samples, sampleTable(table));
    const state = { step: 0, next: 0, rowCount: this.rowCount, destination: 0, fault: noFault };
    write(gpu, this.state, packStruct(stateStruct, state));
  }

  /**
   * What the steps since `begin` gave, the first `steps` of them, in one copy and one wait.
   * @param sums what their sums are added to.
   */
  async read(steps = this.steps, sums = new Float64Array(1 + this.metrics.length)): Promise<RowResults> {
    const { device } = this.#engine.gpu;
    const { state, outcomes, penalties } = this;
    const rows = this.rowsBefore(steps);
    const outcomesEnd = state.size + rows * this.outcomeBytes;
    const penaltiesSize = steps * this.penaltyBytes;
    const encoder = device.createCommandEncoder({ label: "results" });
    encoder.copyBufferToBuffer(state, 0, this.#results, 0, state.size);
    encoder.copyBufferToBuffer(outcomes, 0, this.#results, state.size, rows * this.outcomeBytes);
    if (penalties) encoder.copyBufferToBuffer(penalties.sums, 0, this.#results, outcomesEnd, penaltiesSize);
    device.queue.submit([encoder.finish()]);
    const results = await mapAndCopy(this.#results, outcomesEnd + penaltiesSize);
    const fault = new Uint32Array(results)[stateFields.indexOf("fault")];
    const measured = new Float32Array(results.slice(state.size, outcomesEnd));
    addUp(measured, sums);
    const rowsOf = (step: number) => this.rowsBefore(step + 1) - this.rowsBefore(step);
    const penalty = penalties ? penaltySum(results.slice(outcomesEnd), penalties.lanes, rowsOf) : 0;
    sums[0] = (sums[0] as number) + penalty;
    return { rows, fault: fault === noFault ? undefined : fault, sums, outcomes: measured };
  }

  /** As kernels read them: labels, or rows padded to the stride of the logits with 1 / variance of those that count. */
  #targetValues(targets: Targets): Float32Array | Uint32Array {
    if (targets.kind === "labels") return targets.labels;
    const { values, rows, outputs } = targets;
    const measuresVariance = this.metrics.some(({ kind }) => kind === "r2_score");
    const padded = new Float32Array((measuresVariance ? this.targetRows + 1 : rows) * stride(outputs));
    for (let row = 0; row < rows; row++) {
      padded.set(values.subarray(row * outputs, (row + 1) * outputs), row * stride(outputs));
    }
    if (measuresVariance) padded.set(inverseVariances(targets, this.#inOrder), this.targetRows * stride(outputs));
    return padded;
  }
}

/** Adds rows of outcomes to the sums of their columns, in float64 and in order. */
export function addUp(outcomes: Float32Array, sums: Float64Array): void {
  for (let i = 0; i < outcomes.length; i++) {
    const column = i % sums.length;
    sums[column] = (sums[column] as number) + (outcomes[i] as number);
  }
}
