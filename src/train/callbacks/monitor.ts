// Whether a value of the logs has become better.
import { ConfigError, show } from "../../errors.ts";
import type { Logs, Training } from "../callbacks.ts";

/** What is better: less, more, or what the name of the value says. */
export type Mode = "auto" | "min" | "max";

/** True where more is better. @param isScore tells names of which more is better. @throws ConfigError for another mode. */
export function moreIsBetter(mode: Mode, name: string, isScore: (name: string) => boolean): boolean {
  if (!["auto", "min", "max"].includes(mode)) {
    throw new ConfigError(`mode must be "auto", "min" or "max", got ${show(mode)}.`);
  }
  return mode === "max" || (mode === "auto" && isScore(name));
}

/** Worse than any value. */
export function worst(more: boolean): number {
  return more ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The value of the logs by this name; where there is none, `what` can't be done and a warning says so. */
export function monitored(logs: Logs, name: string, training: Training | undefined, what: string): number | undefined {
  const value = logs[name];
  if (value === undefined)
    training?.warn(`${what} "${name}", which is not there. There are ${Object.keys(logs).join(", ")}.`);
  return value;
}

/** @throws ConfigError unless it is a whole number from 0 on. */
export function count(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 0)) {
    throw new ConfigError(`${name} must be a whole number from 0 on, got ${show(value)}.`);
  }
}

/** @throws ConfigError unless it is a finite number. */
export function finite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new ConfigError(`${name} must be a finite number, got ${show(value)}.`);
}
