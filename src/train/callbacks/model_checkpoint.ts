import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { Callbacks, Logs, Training } from "../callbacks.ts";
import { filePath } from "./file_path.ts";
import { type Mode, moreIsBetter, worst } from "./monitor.ts";

/** Of `callbacks.modelCheckpoint`. */
export interface ModelCheckpointOptions {
  /** "model.{epoch:02d}-{val_loss:.4f}.safetensors": the epoch, from 1, and values of the logs, as Python formats them. */
  filepath: string;
  /** Is given each file; a promise is waited for. */
  save(path: string, bytes: Uint8Array): unknown;
  /** The value of the logs that is watched. Default "val_loss". */
  monitor?: string;
  /** Saves only after epochs in which it has become better. Default false. */
  saveBestOnly?: boolean;
  /** "auto": more is better where the name contains "acc" or begins with "fmeasure". Default "auto". */
  mode?: Mode;
  /**
   * "epoch", or a number of minibatches: the file then has the weights after the steps that were done when it was time,
   * since steps go to the GPU many at a time. Default "epoch".
   */
  saveFreq?: "epoch" | number;
  /** What the watched value must be better than at first. Default any. */
  initialValueThreshold?: number;
  /** False saves the model without what training needs to go on. Default true. */
  optimizer?: boolean;
}

const keys = [
  ...["filepath", "save", "monitor", "saveBestOnly", "mode", "saveFreq", "initialValueThreshold", "optimizer"],
];

/**
 * Saves the model along the training: Keras' ModelCheckpoint. What was best so far is remembered between fits.
 * @throws ConfigError for settings that can't be used, and for a path that names what the logs do not have.
 */
export function modelCheckpoint(options: ModelCheckpointOptions): Callbacks {
  checkOptions(options, keys, "callbacks.modelCheckpoint");
  const { filepath, monitor = "val_loss", saveBestOnly = false, mode = "auto", saveFreq = "epoch" } = options;
  const { optimizer = true } = options;
  const format = filePath(filepath);
  const more = moreIsBetter(mode, monitor, (name) => name.includes("acc") || name.startsWith("fmeasure"));
  if (saveFreq !== "epoch" && !(Number.isInteger(saveFreq) && saveFreq > 0)) {
    throw new ConfigError(`saveFreq must be "epoch" or a number of minibatches, got ${show(saveFreq)}.`);
  }
  let training: Training | undefined;
  let best = options.initialValueThreshold ?? worst(more);
  let currentEpoch = 0;
  let lastBatch = 0;
  let batches = 0;
  const save = async (numbers: Logs, logs: Logs) => {
    if (!training) return;
    const path = format({ ...numbers, ...logs });
    if (saveBestOnly) {
      const value = logs[monitor];
      if (value === undefined) {
        training.warn(`The best model can be saved only with ${monitor}, which is not there: nothing is saved.`);
        return;
      }
      if (!(more ? value > best : value < best)) return;
      best = value;
    }
    await options.save(path, await training.save({ optimizer }));
  };
  const common: Callbacks = {
    onTrainBegin(given) {
      training = given;
    },
    onEpochBegin(epoch) {
      currentEpoch = epoch;
    },
  };
  if (saveFreq === "epoch") return { ...common, onEpochEnd: (epoch, logs) => save({ epoch: epoch + 1 }, logs) };
  return {
    ...common,
    async onBatchEnd(batch, logs) {
      batches += batch <= lastBatch ? batch + 1 : batch - lastBatch;
      lastBatch = batch;
      if (batches < saveFreq) return;
      batches = 0;
      await save({ epoch: currentEpoch + 1, batch: batch + 1 }, logs);
    },
  };
}
