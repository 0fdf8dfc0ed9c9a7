/**
 * Ready-made callbacks for `fit`, by Keras' names; an object of functions is one too, see Callbacks.
 * @module
 */
export { csvLogger } from "./csv_logger.ts";
export { earlyStopping } from "./early_stopping.ts";
export { learningRateScheduler } from "./learning_rate_scheduler.ts";
export { modelCheckpoint } from "./model_checkpoint.ts";
export { reduceLrOnPlateau } from "./reduce_lr_on_plateau.ts";
export { terminateOnNaN } from "./terminate_on_nan.ts";
