// How far float32 may be from float64.

/** Distance from 1 to the next float32. An operation that rounds correctly is within half of it, relatively. */
export const epsilon = 2 ** -23;

/**
 * What rounding can do to a sum of n products, as a share of the sum of their magnitudes: half an epsilon for each
 * product and each addition that one term takes part in, in any order (Higham, "Accuracy and Stability of Numerical
 * Algorithms", section 3.1), and two for what is done with the sum.
 */
export function sumBound(n: number): number {
  return ((n + 1) / 2 + 2) * epsilon;
}

/** Fails unless every value is within its own bound; a NaN or infinity on either side fails. */
export function assertWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: number | ArrayLike<number>,
  label: string,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${label}: expected ${expected.length} values, got ${actual.length}.`);
  }
  const boundAt = (i: number) => (typeof bound === "number" ? bound : bound[i]!);
  const outside: number[] = [];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= boundAt(i) && Number.isFinite(difference))) outside.push(i);
  }
  const first = outside[0];
  if (first === undefined) return;
  throw new Error(
    `${label}: ${outside.length} of ${expected.length} values are out of bounds; first at [${first}]: ` +
      `got ${actual[first]}, expected ${expected[first]} within ${boundAt(first)}.`,
  );
}
