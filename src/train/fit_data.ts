import { type Matrix, sliceRows } from "../data/matrix.ts";
import { sliceTargets, type Targets } from "../data/targets.ts";

/** Rows with their targets, checked. */
export interface FitData {
  readonly x: Matrix;
  readonly targets: Targets;
  /** A row's weight in the loss; 1 for all where absent. */
  readonly weights?: Float32Array | undefined;
}

/** The rows [begin, end), sharing their memory. */
export function sliceData({ x, targets, weights }: FitData, begin: number, end: number): FitData {
  return {
    x: sliceRows(x, begin, end),
    targets: sliceTargets(targets, begin, end),
    weights: weights?.subarray(begin, end),
  };
}
