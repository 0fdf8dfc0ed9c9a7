// What rows are trained towards: integer labels, or one value for each output.
import { DataError } from "../errors.ts";
import { checkFinite, type Matrix, type MatrixLike, toMatrix } from "./matrix.ts";

/**
 * Targets of rows: a list is one integer label for each, from 0, or of a model with a single output one value for each;
 * rows [rows, outputs] are one-hot, soft or real values.
 */
export type TargetsLike = Int32Array | Uint8Array | Uint32Array | Float32Array | readonly number[] | MatrixLike;

/** Targets in the form kernels read. */
export type Targets =
  | { readonly kind: "labels"; readonly labels: Uint32Array; readonly rows: number }
  | { readonly kind: "dense"; readonly values: Float32Array; readonly rows: number; readonly outputs: number };

/**
 * Checks and normalizes targets.
 * A list of numbers is the labels of a model with several outputs, and the values of one with a single output;
 * a matrix [rows, outputs] (one-hot, soft or real) is taken as it is.
 * @throws DataError for a label out of range, mismatched lengths or widths, NaN or infinity.
 */
export function toTargets(given: TargetsLike, rows: number, outputs: number, what: string): Targets {
  const list = asList(given);
  if (list) {
    checkLength(list.length, rows, what);
    return outputs === 1 ? single(list, what) : { kind: "labels", labels: toLabels(list, outputs, what), rows };
  }
  const matrix = toMatrix(given as MatrixLike, what);
  checkLength(matrix.shape[0], rows, what);
  if (matrix.shape[1] !== outputs) {
    throw new DataError(
      `${what}: the model has ${outputs} outputs, but the targets have ${matrix.shape[1]} columns; ` +
        `give [rows, ${outputs}] values or one integer label a row.`,
    );
  }
  return { kind: "dense", values: inUnits(matrix), rows, outputs };
}

/** The targets [begin, end). */
export function sliceTargets(targets: Targets, begin: number, end: number): Targets {
  const rows = end - begin;
  if (targets.kind === "labels") return { kind: "labels", labels: targets.labels.subarray(begin, end), rows };
  const { outputs } = targets;
  return { kind: "dense", values: targets.values.subarray(begin * outputs, end * outputs), rows, outputs };
}

/** Rows whose every target is 0 or 1; a hinge turns 0 into -1 where that holds for a whole minibatch. */
export function binaryRows(targets: Targets): Uint8Array {
  const binary = new Uint8Array(targets.rows).fill(1);
  if (targets.kind === "dense") {
    targets.values.forEach((value, i) => {
      if (value !== 0 && value !== 1) binary[Math.floor(i / targets.outputs)] = 0;
    });
  }
  return binary;
}

/** 1 / variance of each output's values over the rows given, in float64; 0 where they are all equal. */
export function inverseVariances(
  { values, outputs }: Extract<Targets, { kind: "dense" }>,
  rows: Uint32Array,
): Float64Array {
  return Float64Array.from({ length: outputs }, (_, c) => {
    const mean = meanOf(rows, (row) => values[row * outputs + c] as number);
    const variance = meanOf(rows, (row) => ((values[row * outputs + c] as number) - mean) ** 2);
    // Equal values may be off their mean by its rounding; an inverse beyond float32 is of values as good as equal.
    const isConstant =
      variance <= (Number.EPSILON * rows.length * mean) ** 2 || !Number.isFinite(Math.fround(1 / variance));
    return isConstant ? 0 : 1 / variance;
  });
}

function meanOf(rows: Uint32Array, term: (row: number) => number): number {
  return rows.reduce((sum, row) => sum + term(row), 0) / rows.length;
}

/**
 * The class of each row: its label, or the place of the first of its largest values; of a single output 1 where the value
 * is 1, 0 where it is 0 or -1.
 * @throws DataError for other values of a single output.
 */
export function classesOf(targets: Targets, what: string): Uint32Array {
  if (targets.kind === "labels") return targets.labels;
  const { values, rows, outputs } = targets;
  const odd = outputs === 1 ? values.findIndex((y) => Math.abs(y) !== 1 && y !== 0) : -1;
  if (odd >= 0) {
    throw new DataError(
      `${what}: row ${odd} has ${values[odd]}, which is no class; a report on a single output takes targets of 0 and 1, ` +
        `or -1 and 1.`,
    );
  }
  return Uint32Array.from({ length: rows }, (_, row) => {
    if (outputs === 1) return values[row] === 1 ? 1 : 0;
    const own = values.subarray(row * outputs, (row + 1) * outputs);
    return own.reduce((best, y, c) => (y > (own[best] as number) ? c : best), 0);
  });
}

function asList(given: TargetsLike): ArrayLike<number> | undefined {
  if (ArrayBuffer.isView(given)) return given as Uint8Array;
  if (Array.isArray(given) && (given.length === 0 || typeof given[0] === "number")) return given as number[];
  return undefined;
}

function single(list: ArrayLike<number>, what: string): Targets {
  const values = Float32Array.from(list);
  checkFinite(values, 1, what);
  return { kind: "dense", values, rows: values.length, outputs: 1 };
}

function toLabels(list: ArrayLike<number>, outputs: number, what: string): Uint32Array {
  const labels = new Uint32Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const label = list[i] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < outputs)) {
      throw new DataError(
        `${what}: row ${i} has label ${label}, but the model has ${outputs} outputs; ` +
          `labels must be whole numbers from 0 to ${outputs - 1}.`,
      );
    }
    labels[i] = label;
  }
  return labels;
}

function inUnits({ data, unit = 1 }: Matrix): Float32Array {
  return data instanceof Float32Array && unit === 1 ? data : Float32Array.from(data, (value) => value * unit);
}

function checkLength(given: number, rows: number, what: string): void {
  if (given !== rows) {
    throw new DataError(`${what}: expected one target for each of the ${rows} rows of x, got ${given}.`);
  }
}
