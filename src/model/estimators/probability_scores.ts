// How good probabilities are.
import { ConfigError, DataError, show } from "../../errors.ts";

/** Probabilities [rows, classes], as `predictProba` gives them. */
export interface Probabilities {
  /** Row after row. */
  readonly data: ArrayLike<number>;
  /** Rows and classes. */
  readonly shape: readonly [rows: number, classes: number];
}

/** The least probability a logarithm is taken of: one step of float32 at 1. */
const least = 2 ** -23;

/**
 * The mean of -log p over rows, p being the probability given to the right class, at least 2^-23, as in scikit-learn's
 * `log_loss` on float32.
 * @param labels [rows] indices of classes.
 * @throws DataError for wrong lengths, a label that is no class, or probabilities outside [0, 1].
 */
export function logLoss(probabilities: Probabilities, labels: ArrayLike<number>): number {
  check(probabilities, labels, "logLoss");
  const { data, shape } = probabilities;
  let sum = 0;
  for (let row = 0; row < shape[0]; row++) {
    const p = data[row * shape[1] + (labels[row] as number)] as number;
    sum -= Math.log(Math.min(1 - least, Math.max(least, p)));
  }
  return sum / shape[0];
}

/**
 * Expected calibration error: rows are put into `bins` equal intervals of (0, 1] by the probability of their most
 * likely class; the sum over bins of (share of rows) |share of them right - mean probability|. Guo et al., "On
 * Calibration of Modern Neural Networks", 2017, equation 3.
 * @param labels [rows] indices of classes.
 * @param bins their number. Default 15.
 * @throws DataError as `logLoss`, ConfigError where `bins` is not a positive whole number.
 */
export function expectedCalibrationError(probabilities: Probabilities, labels: ArrayLike<number>, bins = 15): number {
  const what = "expectedCalibrationError";
  check(probabilities, labels, what);
  if (!(Number.isInteger(bins) && bins > 0)) {
    throw new ConfigError(`${what}: bins must be a positive whole number, got ${show(bins)}.`);
  }
  const { data, shape } = probabilities;
  const [rows, classes] = shape;
  /** Of each bin: rows right minus the sum of their probabilities. */
  const excess = new Float64Array(bins);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if ((data[row * classes + k] as number) > (data[row * classes + best] as number)) best = k;
    }
    const p = data[row * classes + best] as number;
    const bin = Math.max(0, Math.ceil(p * bins) - 1);
    excess[bin] = (excess[bin] as number) + Number(best === labels[row]) - p;
  }
  return excess.reduce((sum, difference) => sum + Math.abs(difference), 0) / rows;
}

function check({ data, shape: [rows, classes] }: Probabilities, labels: ArrayLike<number>, what: string): void {
  if (rows === 0 || data.length !== rows * classes) {
    throw new DataError(`${what}: shape [${rows}, ${classes}] does not fit ${data.length} probabilities.`);
  }
  if (labels.length !== rows) {
    throw new DataError(`${what}: expected one label for each of the ${rows} rows, got ${labels.length}.`);
  }
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    if (!(Number.isInteger(label) && (label as number) >= 0 && (label as number) < classes)) {
      throw new DataError(`${what}: row ${row} has label ${show(label)}; expected an index from 0 to ${classes - 1}.`);
    }
  }
  for (let i = 0; i < data.length; i++) {
    if (!((data[i] as number) >= 0 && (data[i] as number) <= 1.000001)) {
      throw new DataError(`${what}: row ${Math.floor(i / classes)}: ${data[i]} is not a probability.`);
    }
  }
}
