// What a layer stores, and the one block that holds all trained parameters on the GPU.
import { DataError } from "../errors.ts";
import type { RandomStream } from "../random.ts";
import type { Regularizer } from "./regularizers.ts";
import { stride } from "./rows.ts";
import { sizeOf } from "./shape.ts";

/** One weight of a layer. */
export interface WeightSpec {
  /** Name within its layer, for instance "kernel". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** Kernels read it from the parameter block although it does not train. */
  readonly resident?: boolean;
  /** Adds l1 sum|w| + l2 sum w^2 to the loss. */
  readonly regularizer?: Regularizer | undefined;
  /** Keras' NonNeg constraint, applied after each optimizer step. */
  readonly nonNegative?: boolean;
  /** Drawn by a function of the user's, which no file holds. */
  readonly custom?: boolean;
  /** Every value is 1 or -1. */
  readonly signs?: boolean;
  /** Draws the initial values, row after row. */
  initialize(stream: RandomStream): Float32Array;
}

/** @throws DataError unless these are as many finite numbers as the weight has, positive ones or signs where it asks. */
export function checkWeight({ shape, nonNegative, signs }: WeightSpec, data: Float32Array, name: string): void {
  const size = sizeOf(shape);
  if (data.length !== size) throw new DataError(`Weight "${name}" has ${size} values, got ${data.length}.`);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new DataError(`Weight "${name}": value ${bad} is ${data[bad]}; expected finite numbers.`);
  const low = nonNegative ? data.findIndex((value) => value <= 0) : -1;
  if (low >= 0) throw new DataError(`Weight "${name}": value ${low} is ${data[low]}; expected positive numbers.`);
  const odd = signs ? data.findIndex((value) => value !== 1 && value !== -1) : -1;
  if (odd >= 0) throw new DataError(`Weight "${name}": value ${odd} is ${data[odd]}; expected 1 or -1.`);
}

/**
 * A weight's place in the parameter block: rows of `stride` floats, padded with zeros. All dimensions but the last count
 * as rows.
 */
export interface ParameterSlot {
  /** `layer.weight` */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Where it begins, in vec4f. */
  readonly first4: number;
  /** Its length with the padding, in vec4f. */
  readonly count4: number;
  readonly nonNegative: boolean;
  /** Of a trained weight alone: others add nothing to the loss, as in Keras. */
  readonly regularizer: Regularizer | undefined;
}

/** All parameters on the GPU, those that train first: the optimizer is one loop and saving is one read. */
export class ParameterLayout {
  readonly slots: readonly ParameterSlot[];
  /** Length of the block, in bytes. */
  readonly bytes: number;
  /** Length of what trains, in vec4f. */
  readonly trained4: number;

  constructor(weights: readonly { readonly name: string; readonly spec: WeightSpec }[]) {
    const trained = weights.filter(({ spec }) => spec.trainable);
    const others = weights.filter(({ spec }) => !spec.trainable);
    let first4 = 0;
    this.slots = [...trained, ...others].map(({ name, spec }) => {
      const columns = spec.shape.at(-1) ?? 1;
      const rows = sizeOf(spec.shape.slice(0, -1));
      const paddedRows = spec.shape.length > 1 ? stride(rows) : 1;
      const count4 = (paddedRows * stride(columns)) / 4;
      const { nonNegative = false } = spec;
      const regularizer = spec.trainable ? spec.regularizer : undefined;
      const slot = { name, rows, columns, first4, count4, nonNegative, regularizer };
      first4 += count4;
      return slot;
    });
    this.bytes = first4 * 16;
    this.trained4 = this.slots[trained.length]?.first4 ?? first4;
  }

  slot(name: string): ParameterSlot {
    const slot = this.slots.find((s) => s.name === name);
    if (!slot) throw new TypeError(`No parameter "${name}".`);
    return slot;
  }

  /** Puts values [rows, columns] into their place in `block`. */
  pack(block: Float32Array, slot: ParameterSlot, values: Float32Array): void {
    for (let row = 0; row < slot.rows; row++) {
      const source = values.subarray(row * slot.columns, (row + 1) * slot.columns);
      block.set(source, slot.first4 * 4 + row * stride(slot.columns));
    }
  }

  /** Takes values [rows, columns] out of `block`. */
  unpack(block: Float32Array, slot: ParameterSlot): Float32Array {
    const values = new Float32Array(slot.rows * slot.columns);
    for (let row = 0; row < slot.rows; row++) {
      const begin = slot.first4 * 4 + row * stride(slot.columns);
      values.set(block.subarray(begin, begin + slot.columns), row * slot.columns);
    }
    return values;
  }

  /** Neighbours among the named weights with the same constraint, so that one dispatch optimizes them. */
  ranges(names: ReadonlySet<string>): { first4: number; count4: number; nonNegative: boolean }[] {
    const ranges: { first4: number; count4: number; nonNegative: boolean }[] = [];
    for (const { name, first4, count4, nonNegative } of this.slots) {
      if (!names.has(name)) continue;
      const last = ranges.at(-1);
      if (last && last.nonNegative === nonNegative && last.first4 + last.count4 === first4) last.count4 += count4;
      else ranges.push({ first4, count4, nonNegative });
    }
    return ranges;
  }
}
