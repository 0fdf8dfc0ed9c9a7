// Values in [-1, 1] as 16-bit integers, as WGSL's pack2x16snorm and unpack2x16snorm define them.

/** Two values to a word, the first in its lower half. */
export function packSnorm16(values: ArrayLike<number>): Uint32Array {
  const counts = Int16Array.from(values, (value) => Math.floor(0.5 + 32767 * Math.min(1, Math.max(-1, value))));
  return new Uint32Array(counts.buffer);
}

/** -32768, which packing never gives, stays below -1. */
export function unpackSnorm16(words: Uint32Array): Float64Array {
  return Float64Array.from(new Int16Array(words.buffer, words.byteOffset, words.length * 2), (count) => count / 32767);
}
