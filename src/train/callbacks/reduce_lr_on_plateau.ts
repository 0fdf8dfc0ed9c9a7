import { ConfigError, checkOptions, show } from "../../errors.ts";
import type { Callbacks, Training } from "../callbacks.ts";
import { count, finite, type Mode, monitored, moreIsBetter, worst } from "./monitor.ts";

/** Of `callbacks.reduceLrOnPlateau`. */
export interface ReduceLrOnPlateauOptions {
  /** The value of the logs that is watched. Default "val_loss". */
  monitor?: string;
  /** What the learning rate is multiplied by, below 1. Default .1. */
  factor?: number;
  /** Epochs without a better value, after which the learning rate is reduced. Default 10. */
  patience?: number;
  /** "auto": more is better where the name contains "acc". Default "auto". */
  mode?: Mode;
  /** By how much the value must become better, at least. Default 1e-4. */
  minDelta?: number;
  /** Epochs after a reduction that are not counted. Default 0. */
  cooldown?: number;
  /** The smallest learning rate. Default 0. */
  minLr?: number;
}

/**
 * Reduces the learning rate when a value no longer becomes better: Keras' ReduceLROnPlateau. It adds `lr` to the logs,
 * the learning rate that the epoch had.
 * @throws ConfigError for settings that can't be used; a factor must be below 1.
 */
export function reduceLrOnPlateau(options: ReduceLrOnPlateauOptions = {}): Callbacks {
  const keys = ["monitor", "factor", "patience", "mode", "minDelta", "cooldown", "minLr"];
  checkOptions(options, keys, "callbacks.reduceLrOnPlateau");
  const { monitor = "val_loss", factor = 0.1, patience = 10, mode = "auto", minDelta = 1e-4 } = options;
  const { cooldown = 0, minLr = 0 } = options;
  if (!(factor > 0 && factor < 1)) throw new ConfigError(`factor must be above 0 and below 1, got ${show(factor)}.`);
  if (!(minLr >= 0)) throw new ConfigError(`minLr must be a number from 0 on, got ${show(minLr)}.`);
  finite("minDelta", minDelta);
  count("patience", patience);
  count("cooldown", cooldown);
  const more = moreIsBetter(mode, monitor, (name) => name.includes("acc"));
  const isBetter = (value: number, than: number) => (more ? value > than + minDelta : value < than - minDelta);
  let training: Training | undefined;
  let best = worst(more);
  let wait = 0;
  let cooling = 0;
  return {
    onTrainBegin(given) {
      training = given;
      best = worst(more);
      wait = 0;
      cooling = 0;
    },
    onEpochEnd(_, logs) {
      if (!training) return;
      logs.lr = training.learningRate;
      const value = monitored(logs, monitor, training, "The reduction of the learning rate watches");
      if (value === undefined) return;
      if (cooling > 0) {
        cooling--;
        wait = 0;
      }
      if (isBetter(value, best)) {
        best = value;
        wait = 0;
      } else if (cooling === 0 && ++wait >= patience && training.learningRate > minLr) {
        training.learningRate = Math.max(training.learningRate * factor, minLr);
        cooling = cooldown;
        wait = 0;
      }
    },
  };
}
