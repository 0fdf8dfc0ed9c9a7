// Matrices of the twins, and how they lie on the GPU.

/** Rows of numbers in float64. */
export type Matrix = number[][];

/** Numbers on [-1, 1) that float32 holds exactly; the same seed gives the same numbers. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // A Weyl sequence through murmur3's finalizer.
    state = (state + 0x9e3779b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >> 8) / 2 ** 23;
  };
}

export function vector<T>(length: number, make: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => make(i));
}

export function matrix(rows: number, columns: number, draw: (row: number, column: number) => number): Matrix {
  return Array.from({ length: rows }, (_, row) => vector(columns, (column) => draw(row, column)));
}

export function map(m: Matrix, f: (value: number) => number): Matrix {
  return m.map((row) => row.map(f));
}

/** Magnitudes, from which a twin computes how far rounding may carry a sum. */
export function abs(m: Matrix): Matrix {
  return map(m, Math.abs);
}

/** The next multiple of four. */
export function up4(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** The next multiple of eight. */
export function up8(n: number): number {
  return Math.ceil(n / 8) * 8;
}

/** Rows one after the other, each padded to a multiple of four columns, and rows of padding behind them. */
export function padded(m: Matrix, rows = m.length, padding = 0): Float64Array {
  return laidOut(m, up4(m[0]?.length ?? 0), rows, padding);
}

/** Rows one after the other, each padded to `stride` columns, and rows of padding behind them. */
export function laidOut(m: Matrix, stride: number, rows = m.length, padding = 0): Float64Array {
  const values = new Float64Array(rows * stride).fill(padding);
  m.forEach((row, i) => {
    values.set(row, i * stride);
  });
  return values;
}

/** The same in float32, as kernels take it. */
export function padded32(m: Matrix, rows = m.length, padding = 0): Float32Array {
  return Float32Array.from(padded(m, rows, padding));
}
