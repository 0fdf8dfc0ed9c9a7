import { ConfigError, DataError, show } from "../errors.ts";

/**
 * Rows of features as they lie in memory, row after row.
 * The value of a feature is `data[i] * unit`: bytes stay bytes on their way to the GPU.
 */
export interface Matrix {
  /** rows x columns values. */
  readonly data: Float32Array | Uint8Array;
  /** Rows and the values of each. */
  readonly shape: readonly [rows: number, columns: number];
  /** What one count of `data` stands for; 1/255 turns the bytes of an image into 0..1. Default 1. */
  readonly unit?: number;
}

/** Rows of any shape, for instance images [rows, height, width, channels], as they lie in memory. */
export interface Tensor extends Omit<Matrix, "shape"> {
  /** The rows first, then the shape of each. */
  readonly shape: readonly number[];
}

/**
 * What `fit`, `evaluate` and `predict` take: rows of features or of images, or an array of rows of numbers. All values
 * must be finite as float32.
 */
export type MatrixLike = Tensor | ReadonlyArray<ArrayLike<number>>;

/**
 * Checks and normalizes rows of features.
 * @param what names the argument in error messages, for instance "x".
 * @throws DataError for mismatched lengths, ragged rows, no rows, NaN or infinity (row and column named).
 */
export function toMatrix(input: MatrixLike, what: string): Matrix {
  const matrix = isTensor(input) ? flattened(input, what) : fromRows(input, what);
  const [rows, columns] = matrix.shape;
  if (!(matrix.data instanceof Float32Array || matrix.data instanceof Uint8Array)) {
    throw new DataError(
      `${what}: expected data in a Float32Array or a Uint8Array, got ${(matrix.data as object)?.constructor?.name}.`,
    );
  }
  if (matrix.data.length !== rows * columns) {
    throw new DataError(
      `${what}: shape [${rows}, ${columns}] needs ${rows * columns} values, but data has ${matrix.data.length}.`,
    );
  }
  if (rows === 0) throw new DataError(`${what}: expected at least one row, got none.`);
  if (matrix.unit !== undefined && !(Number.isFinite(matrix.unit) && matrix.unit > 0)) {
    throw new ConfigError(`${what}: unit must be a positive number, got ${matrix.unit}.`);
  }
  if (matrix.data instanceof Float32Array) checkFinite(matrix.data, columns, what);
  return matrix;
}

/** @throws DataError that names the row and column of the first value that is NaN or infinite. */
export function checkFinite(data: Float32Array, columns: number, what: string): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw new DataError(
        `${what}: row ${Math.floor(i / columns)}, column ${i % columns} (both from 0) is ${data[i]}; ` +
          `every value must be a finite float32. Replace or drop such rows first.`,
      );
    }
  }
}

/** The rows [start, end) of a matrix, sharing its memory. */
export function sliceRows(matrix: Matrix, start: number, end: number): Matrix {
  const columns = matrix.shape[1];
  return { ...matrix, data: matrix.data.subarray(start * columns, end * columns), shape: [end - start, columns] };
}

function isTensor(input: MatrixLike): input is Tensor {
  return typeof input === "object" && input !== null && "shape" in input && "data" in input;
}

/** The same memory as [rows, values of a row]. */
function flattened({ data, shape, unit }: Tensor, what: string): Matrix {
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every(isCount)) {
    throw new DataError(`${what}: expected a shape [rows, columns] of whole numbers, got [${[...shape].join(", ")}].`);
  }
  const [rows, ...row] = shape as [number, ...number[]];
  const columns = row.reduce((a, b) => a * b, 1);
  return { data, shape: [rows, columns], ...(unit !== undefined && { unit }) };
}

function fromRows(rows: ReadonlyArray<ArrayLike<number>>, what: string): Matrix {
  if (!Array.isArray(rows)) {
    throw new DataError(
      `${what}: expected { data: Float32Array | Uint8Array, shape: [rows, columns] } or an array of rows, got ${show(rows)}.`,
    );
  }
  const columns = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, r) => {
    if (row?.length !== columns) {
      throw new DataError(
        `${what}: row ${r} has ${row?.length ?? "no"} values, but row 0 has ${columns}; all rows need the same length.`,
      );
    }
    // What is no number, null for instance, must not become one.
    for (let c = 0; c < columns; c++) data[r * columns + c] = typeof row[c] === "number" ? row[c] : Number.NaN;
  });
  return { data, shape: [rows.length, columns] };
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}
