import { checkOptions } from "../../errors.ts";
import type { Callbacks, Training } from "../callbacks.ts";
import { count, finite, type Mode, monitored, moreIsBetter, worst } from "./monitor.ts";

/** Of `callbacks.earlyStopping`. */
export interface EarlyStoppingOptions {
  /** The value of the logs that is watched. Default "val_loss". */
  monitor?: string;
  /** By how much it must become better, at least. Default 0. */
  minDelta?: number;
  /** Epochs without that, after which training stops. Default 0: as soon as it does not become better. */
  patience?: number;
  /** "auto": more is better where the name ends in "acc", "accuracy" or "auc". Default "auto". */
  mode?: Mode;
  /** What it must be better than, too, for the patience to begin anew. Default none. */
  baseline?: number;
  /** Puts the weights of the best epoch back at any end of the training. Default false. */
  restoreBestWeights?: boolean;
  /** The first epoch, from 0, that is watched. Default 0. */
  startFromEpoch?: number;
}

/**
 * Stops the training when a value no longer becomes better: Keras' EarlyStopping. The first epoch never stops it.
 * @throws ConfigError for settings that can't be used.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callbacks {
  const keys = ["monitor", "minDelta", "patience", "mode", "baseline", "restoreBestWeights", "startFromEpoch"];
  checkOptions(options, keys, "callbacks.earlyStopping");
  const { monitor = "val_loss", minDelta = 0, patience = 0, mode = "auto", baseline } = options;
  const { restoreBestWeights = false, startFromEpoch = 0 } = options;
  finite("minDelta", minDelta);
  count("patience", patience);
  count("startFromEpoch", startFromEpoch);
  if (baseline !== undefined) finite("baseline", baseline);
  const more = moreIsBetter(mode, monitor, (name) => /(acc|accuracy|auc)$/.test(name));
  const delta = Math.abs(minDelta);
  const isBetter = (value: number, than: number) => (more ? value - delta > than : value + delta < than);
  let training: Training | undefined;
  let best = worst(more);
  let wait = 0;
  let restore: (() => void) | undefined;
  return {
    onTrainBegin(given) {
      training = given;
      best = worst(more);
      wait = 0;
      restore = undefined;
    },
    async onEpochEnd(epoch, logs) {
      const value = monitored(logs, monitor, training, "Early stopping watches");
      if (value === undefined || epoch < startFromEpoch) return;
      wait++;
      const better = isBetter(value, best);
      // The first weights that are watched stay where nothing ever becomes better, where it is not a number for instance.
      if (restoreBestWeights && (better || !restore)) restore = await training?.snapshot();
      if (better) {
        best = value;
        if (baseline === undefined || isBetter(value, baseline)) wait = 0;
      } else if (wait >= patience && epoch > 0) {
        training?.stopTraining(`Early stopping in epoch ${epoch + 1}: ${monitor} did not become better.`);
      }
    },
    onTrainEnd() {
      restore?.();
      restore = undefined;
    },
  };
}
