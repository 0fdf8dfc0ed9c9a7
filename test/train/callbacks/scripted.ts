// A training whose logs are written out beforehand, for callbacks to act on.
import type { Callbacks, Logs, Training } from "../../../src/train/callbacks.ts";

export interface Played {
  /** Epochs that were played. */
  readonly epochs: number[];
  /** What later callbacks and the history saw. */
  readonly logs: Record<string, number>[];
  /** The learning rate of each epoch. */
  readonly rates: number[];
  /** The epoch whose weights the model has at the end. */
  weights: number | undefined;
  readonly warnings: string[];
  reason: string | undefined;
}

/** Plays epochs until a callback stops it. Weights are the number of the epoch that made them. */
export async function play(
  callbacks: Callbacks,
  script: readonly Logs[],
  { learningRate = 1, initialEpoch = 0, batches = 0 } = {},
): Promise<Played> {
  const played: Played = { epochs: [], logs: [], rates: [], weights: undefined, warnings: [], reason: undefined };
  const training: Training = {
    initialEpoch,
    epochs: initialEpoch + script.length,
    steps: batches,
    learningRate,
    predict: async () => ({ data: new Float32Array(0), shape: [0, 0] }),
    snapshot: async () => {
      const { weights } = played;
      return () => {
        played.weights = weights;
      };
    },
    save: async ({ optimizer }) => Uint8Array.of(played.weights ?? -1, Number(optimizer)),
    stopTraining: (reason = "stopped") => {
      played.reason ??= reason;
    },
    warn: (message) => void played.warnings.push(message),
  };
  let last: Logs = {};
  await callbacks.onTrainBegin?.(training);
  for (const [i, given] of script.entries()) {
    const epoch = initialEpoch + i;
    await callbacks.onEpochBegin?.(epoch);
    played.rates.push(training.learningRate);
    for (let batch = 0; batch < batches; batch++) await callbacks.onBatchEnd?.(batch, given);
    played.weights = epoch;
    const logs = { ...given };
    await callbacks.onEpochEnd?.(epoch, logs);
    played.epochs.push(epoch);
    played.logs.push(logs);
    last = logs;
    if (played.reason !== undefined) break;
  }
  await callbacks.onTrainEnd?.(last);
  return played;
}

/** Logs with one value each. */
export function values(name: string, ...list: number[]): Logs[] {
  return list.map((value) => ({ [name]: value }));
}
