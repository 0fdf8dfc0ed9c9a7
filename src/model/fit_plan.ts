// The settings of a fit, checked and with their defaults.
import { ConfigError, checkOptions, show } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import type { Seed } from "../random.ts";
import type { FitPlan } from "../train/fit.ts";
import { progress } from "../train/progress.ts";
import type { Compiled } from "./compile.ts";
import { type FitOptions, featureBudget, featurePrecision, fitOptions, positiveInteger } from "./options.ts";

/** All but the data: `plan` makes it once the number of steps in an epoch is known. */
export function fitSettings(
  { suffix }: Network,
  seed: Seed,
  compiled: Compiled,
  options: FitOptions,
): { batchSize: number; plan(steps: number): FitPlan } {
  checkOptions(options, fitOptions, "model.fit");
  const { epochs = 1, batchSize = 32, shuffle = true, verbose = 1, fuse = true, profile = false } = options;
  if (suffix.length === 0) throw new ConfigError("model.fit: no layer of the model trains; add a dense one.");
  positiveInteger("epochs", epochs);
  positiveInteger("batchSize", batchSize);
  if (![0, 1, 2].includes(verbose)) throw new ConfigError(`verbose must be 0, 1 or 2, got ${show(verbose)}.`);
  const settings = {
    ...compiled,
    epochs,
    batchSize,
    shuffle,
    seed,
    signal: options.signal,
    fuse,
    featureBudget: featureBudget(options.featureCache ?? "auto"),
    precision: featurePrecision(options.featureStorage ?? "float32"),
    profile,
  };
  const given = options.callbacks ?? [];
  return {
    batchSize,
    plan: (steps) => ({ ...settings, callbacks: [...given, progress(epochs, steps, verbose)] }),
  };
}
