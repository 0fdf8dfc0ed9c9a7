// What rows are trained towards: integer labels, or one value for each output.
import { DataError } from "../errors.ts";
import { checkFinite, type Matrix, type MatrixLike, toMatrix } from "./matrix.ts";

/** Labels or values as the user gives them. */
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
