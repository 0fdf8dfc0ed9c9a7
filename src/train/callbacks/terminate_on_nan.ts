import type { Callbacks } from "../callbacks.ts";

/**
 * Ends the fit quietly when a value is not finite, as Keras' TerminateOnNaN does; without it that is a DivergenceError.
 * It is noticed at the end of the epoch, which then does not count; `history.stopReason` names the step.
 */
export function terminateOnNaN(): Callbacks {
  return { onDivergence: () => true };
}
