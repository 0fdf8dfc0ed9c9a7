// What a training on the command line does along its epochs.
import { existsSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { type Callbacks, callbacks } from "../index.ts";
import { writeAtomically } from "./files.ts";
import { inUnits, type Target } from "./standardization.ts";
import type { TrainOptions } from "./training_options.ts";

/** In their order: what one adds to the logs, the next ones see. */
export async function trainingCallbacks(options: TrainOptions, target: Target | undefined): Promise<Callbacks[]> {
  const { earlyStopping, checkpoint, log } = options;
  const list: Callbacks[] = [];
  if (target) list.push({ onEpochEnd: (_, logs) => void Object.assign(logs, inUnits(logs, target)) });
  if (earlyStopping !== undefined) {
    const monitor = options.validationSplit > 0 ? "val_loss" : "loss";
    list.push(callbacks.earlyStopping({ monitor, patience: earlyStopping, restoreBestWeights: true }));
  }
  if (checkpoint !== undefined) {
    list.push(callbacks.modelCheckpoint({ filepath: checkpoint, save: writeAtomically }));
  }
  if (log !== undefined) {
    const append = options.resume !== undefined && existsSync(log);
    if (!append) await writeFile(log, "");
    list.push(callbacks.csvLogger({ append, write: (line) => appendFile(log, line) }));
  }
  return list;
}
