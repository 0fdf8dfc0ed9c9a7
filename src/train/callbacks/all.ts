// Callbacks by Keras' names.
import { csvLogger } from "./csv_logger.ts";
import { earlyStopping } from "./early_stopping.ts";
import { learningRateScheduler } from "./learning_rate_scheduler.ts";
import { modelCheckpoint } from "./model_checkpoint.ts";
import { reduceLrOnPlateau } from "./reduce_lr_on_plateau.ts";
import { terminateOnNaN } from "./terminate_on_nan.ts";

/** Ready-made callbacks for `fit`; an object of functions is one too, see Callbacks. */
export const callbacks = {
  earlyStopping,
  reduceLrOnPlateau,
  modelCheckpoint,
  csvLogger,
  learningRateScheduler,
  terminateOnNaN,
};
