import type { Callbacks, Training } from "../../../src/index.ts";
import type { TableProgress } from "./messages.ts";

/** Milliseconds between two reports. */
const interval = 100;

/** Callbacks that report a training now and then. */
export function progressOf(onProgress: (progress: TableProgress) => void): Callbacks {
  let training: Training;
  let begun = 0;
  let last = 0;
  let epoch = 0;
  const report = (done: number, loss: number) => {
    const now = performance.now();
    if (now - last < interval) return;
    last = now;
    const secondsLeft = ((now - begun) * (training.epochs / done - 1)) / 1000;
    onProgress({ epoch, epochs: training.epochs, loss, secondsLeft });
  };
  return {
    onTrainBegin: (its) => {
      training = its;
      begun = performance.now();
    },
    onBatchEnd: (batch, { loss }) => report(epoch + (batch + 1) / (training.steps ?? 1), loss!),
    onEpochEnd: (number) => {
      epoch = number + 1;
    },
    onTrainEnd: () => onProgress("testing"),
  };
}
