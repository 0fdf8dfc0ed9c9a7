import { ConfigError, show } from "../../errors.ts";
import type { Callbacks, Training } from "../callbacks.ts";

/**
 * Sets the learning rate before each epoch: Keras' LearningRateScheduler. It adds `lr` to the logs.
 * @param schedule is given the epoch, from 0, and the learning rate so far.
 * @throws ConfigError for what is no function; the fit, where it gives no number from 0 on.
 */
export function learningRateScheduler(schedule: (epoch: number, learningRate: number) => number): Callbacks {
  if (typeof schedule !== "function") {
    throw new ConfigError(
      `callbacks.learningRateScheduler: expected a function (epoch, lr) => lr, got ${show(schedule)}.`,
    );
  }
  let training: Training | undefined;
  return {
    onTrainBegin(given) {
      training = given;
    },
    onEpochBegin(epoch) {
      if (training) training.learningRate = schedule(epoch, training.learningRate);
    },
    onEpochEnd(_, logs) {
      if (training) logs.lr = training.learningRate;
    },
  };
}
