// Keras' metrics over rows of outputs p and targets y, in float64. A hinge takes targets as its loss does: signed already.
import { type Matrix, vector } from "./matrix.ts";

export interface MetricTwin {
  /** What a row counts; the metric is the mean over rows. */
  row(p: readonly number[], y: readonly number[]): number;
  /** How far the row is from where it would count otherwise. */
  distanceToJump?(p: readonly number[], y: readonly number[]): number;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
/** Where the first of the largest values stands. */
export const argmax = (values: readonly number[]) => values.indexOf(Math.max(...values));
const gaps = (p: readonly number[]) => {
  const sorted = [...p].sort((a, b) => b - a);
  return Math.min(...sorted.slice(1).map((value, i) => sorted[i]! - value), Number.POSITIVE_INFINITY);
};

export const categoricalAccuracy: MetricTwin = {
  row: (p, y) => (argmax(p) === argmax(y) ? 1 : 0),
  distanceToJump: gaps,
};

/** TensorFlow's in_top_k: outputs equal to that of the right class are among the top with it. */
export const topK = (k: number): MetricTwin => ({
  row: (p, y) => (p.filter((value) => value > p[argmax(y)]!).length < k ? 1 : 0),
  distanceToJump: gaps,
});

export const binaryAccuracy = (threshold: number): MetricTwin => ({
  row: (p, y) => mean(p.map((value, c) => (value > threshold === y[c]! > 0.5 ? 1 : 0))),
  distanceToJump: (p) => Math.min(...p.map((value) => Math.abs(value - threshold))),
});

export const hinge: MetricTwin = { row: (p, y) => mean(p.map((value, c) => Math.max(1 - y[c]! * value, 0))) };
export const squaredError: MetricTwin = { row: (p, y) => mean(p.map((value, c) => (value - y[c]!) ** 2)) };
export const absoluteError: MetricTwin = { row: (p, y) => mean(p.map((value, c) => Math.abs(value - y[c]!))) };

/** scikit-learn's r2_score with multioutput="uniform_average"; an output of equal targets gives 0, as in Keras. */
export function r2Score(p: Matrix, y: Matrix): number {
  const column = (m: Matrix, c: number) => m.map((row) => row[c]!);
  const scores = vector(y[0]!.length, (c) => {
    const [outputs, targets] = [column(p, c), column(y, c)];
    const total = targets.reduce((sum, value) => sum + (value - mean(targets)) ** 2, 0);
    const residual = targets.reduce((sum, value, i) => sum + (outputs[i]! - value) ** 2, 0);
    return total > 1e-20 * targets.length ? 1 - residual / total : 0;
  });
  return mean(scores);
}
