// Regularizers by Keras' names.
import { ConfigError, checkOptions, show } from "../errors.ts";

/** Adds l1 sum|w| + l2 sum w^2 over a weight to the loss. */
export interface Regularizer {
  /** Factor of sum|w|, from 0 on. */
  readonly l1: number;
  /** Factor of sum w^2, from 0 on. */
  readonly l2: number;
}

export const noRegularizer: Regularizer = { l1: 0, l2: 0 };

/**
 * What a trained weight adds to the loss that is optimized and shown.
 * @throws ConfigError for a negative factor.
 * @namespace
 */
export const regularizers = {
  /** l1 sum|w|, whose gradient is l1 sign(w). Default .01, as in Keras. @throws ConfigError for a negative factor. */
  l1: (l1 = 0.01): Regularizer => regularizer("regularizers.l1", { l1, l2: 0 }),
  /** l2 sum w^2, whose gradient is 2 l2 w. Default .01, as in Keras. @throws ConfigError for a negative factor. */
  l2: (l2 = 0.01): Regularizer => regularizer("regularizers.l2", { l1: 0, l2 }),
  /** Both. Default 0 each. @throws ConfigError for a negative factor. */
  l1l2: (options: Partial<Regularizer> = {}): Regularizer => {
    checkOptions(options, ["l1", "l2"], "regularizers.l1l2");
    return regularizer("regularizers.l1l2", { ...noRegularizer, ...options });
  },
};

function regularizer(what: string, factors: Regularizer): Regularizer {
  checkRegularizer(factors, what);
  return factors;
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
