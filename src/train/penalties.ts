// What regularizers add to the losses of a run, from the partial sums that each step leaves behind.
import { penaltyLanes } from "../nn/kernels/penalty.ts";

/** Bytes of a step's partial sums. */
export const penaltyBytes = penaltyLanes * 4;

/**
 * The sum of the steps' penalties times their rows, in float64: a loss is shown as a mean over rows.
 * @param partials [steps, penaltyLanes] f32
 * @param rowsOf the rows of a step, by its place in `partials`.
 */
export function penaltySum(partials: ArrayBuffer, rowsOf: (step: number) => number): number {
  const values = new Float32Array(partials);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * rowsOf(Math.floor(i / penaltyLanes));
  return sum;
}
