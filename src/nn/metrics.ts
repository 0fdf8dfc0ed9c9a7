// Metrics by Keras' names.
import { ConfigError } from "../errors.ts";

/** The share of rows whose largest output stands where the largest target does. */
export interface Metric {
  /** Key in the history; validation's has "val_" before it. */
  readonly name: string;
}

export const metrics = {
  categoricalAccuracy: ({ name = "categorical_accuracy" }: { name?: string } = {}): Metric => ({ name }),
};

const names = ["acc", "accuracy", "categorical_accuracy"];

/** @throws ConfigError with the names there are. */
export function metricOf(given: string | Metric): Metric {
  if (typeof given === "object" && given !== null) return given;
  if (!names.includes(given)) {
    throw new ConfigError(`Unknown metric ${JSON.stringify(given)}. Known: ${names.join(", ")}.`);
  }
  return { name: given };
}
