// How good a classifier's probabilities are.
import type { Matrix } from "../data/matrix.ts";
import { ConfigError } from "../errors.ts";
import { expectedCalibrationError, logLoss, type Sequential } from "../index.ts";

export interface Calibration {
  readonly logLoss: number;
  readonly calibrationError: number;
}

/** Log loss and expected calibration error of the softmax of a model's outputs. */
export async function calibrationOf(model: Sequential, x: Matrix, labels: ArrayLike<number>): Promise<Calibration> {
  const { data, shape } = await model.predict(x);
  const probabilities = { data: softmax(data, shape[1]), shape };
  return {
    logLoss: logLoss(probabilities, labels),
    calibrationError: expectedCalibrationError(probabilities, labels),
  };
}

export function calibrationInWords({ logLoss, calibrationError }: Calibration): string {
  return `log loss: ${logLoss.toFixed(4)} - expected calibration error: ${calibrationError.toFixed(4)}`;
}

/** @throws ConfigError for a model whose outputs are not logits of a softmax. */
export function checkHasProbabilities(loss: string | undefined): void {
  if (loss?.endsWith("categorical_crossentropy")) return;
  throw new ConfigError(
    `--calibration: ${loss ?? "this model"} gives no probabilities; train with --loss categorical_crossentropy.`,
  );
}

function softmax(logits: Float32Array, classes: number): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let begin = 0; begin < logits.length; begin += classes) {
    const row = logits.subarray(begin, begin + classes);
    const most = Math.max(...row);
    const powers = Array.from(row, (value) => Math.exp(value - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    for (const [k, power] of powers.entries()) probabilities[begin + k] = power / sum;
  }
  return probabilities;
}
