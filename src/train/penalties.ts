// What regularizers add to the losses of a run, from the partial sums that each step leaves behind.

/** Enough for the largest weights on any device. */
const mostLanes = 1024;
/** Partial sums of an epoch: 16 MiB, which are read back behind it. */
const mostSums = 2 ** 22;

/** Partial sums of a step, a power of two: the more steps, the fewer. */
export function penaltyLanes(steps: number): number {
  return Math.max(1, Math.min(mostLanes, 2 ** Math.floor(Math.log2(mostSums / steps))));
}

/**
 * The sum of the steps' penalties times their rows, in float64: a loss is shown as a mean over rows.
 * @param partials [steps, lanes] f32
 * @param rowsOf the rows of a step, by its place in `partials`.
 */
export function penaltySum(partials: ArrayBuffer, lanes: number, rowsOf: (step: number) => number): number {
  const values = new Float32Array(partials);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * rowsOf(Math.floor(i / lanes));
  return sum;
}
