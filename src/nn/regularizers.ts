// Regularizers by Keras' names.
import { ConfigError, show } from "../errors.ts";

/** Adds l1 sum|w| + l2 sum w^2 over a weight to the loss. */
export interface Regularizer {
  readonly l1: number;
  readonly l2: number;
}

/** @throws ConfigError unless it is none, or two numbers from 0 on. */
export function checkRegularizer(regularizer: Regularizer | null, what: string): void {
  if (regularizer === null) return;
  const { l1, l2 } = regularizer;
  for (const [name, value] of Object.entries({ l1, l2 })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new ConfigError(`${what}: ${name} must be a number from 0 on, got ${show(value)}.`);
    }
  }
}
