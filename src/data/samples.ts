// The order in which rows are trained on, and what a kernel needs to know of each.

/** Rows of an epoch as struct Sample in the shaders: feature row, target row, weight, signed; 16 bytes each. */
export interface SampleOptions {
  readonly order: Uint32Array;
  readonly batchSize: number;
  /** A row's weight in the loss; 1 for all where absent. */
  readonly weights?: Float32Array | undefined;
  /** 1 for rows whose every target is 0 or 1. */
  readonly binary: Uint8Array;
  /** Features are kept for this many samples at a time, in their order; 0 where they are kept for all rows. */
  readonly runRows: number;
}

/** The table of an epoch's samples. */
export function sampleTable({ order, batchSize, weights, binary, runRows }: SampleOptions): ArrayBuffer {
  const bytes = new ArrayBuffer(order.length * 16);
  const words = new Uint32Array(bytes);
  const floats = new Float32Array(bytes);
  for (let begin = 0; begin < order.length; begin += batchSize) {
    const end = Math.min(order.length, begin + batchSize);
    let signed = 1;
    for (let i = begin; i < end; i++) signed &= binary[order[i] as number] as number;
    for (let i = begin; i < end; i++) {
      const row = order[i] as number;
      words[i * 4] = runRows > 0 ? i % runRows : row;
      words[i * 4 + 1] = row;
      floats[i * 4 + 2] = weights ? (weights[row] as number) : 1;
      words[i * 4 + 3] = signed;
    }
  }
  return bytes;
}

/** 0, 1, ..., n-1 */
export function inOrder(n: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, i) => i);
}
