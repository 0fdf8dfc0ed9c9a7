// What a model is trained with and measured by, checked.
import { ConfigError, checkOptions, show } from "../errors.ts";
import { type Loss, lossOf } from "../nn/losses.ts";
import { type CompiledMetric, compileMetrics } from "../nn/metrics.ts";
import type { Network } from "../nn/network.ts";
import { type Optimizer, optimizerOf } from "../nn/optimizers.ts";
import type { CompileOptions } from "./options.ts";

export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metrics: readonly CompiledMetric[];
}

/** @throws ConfigError for an unknown optimizer, loss or metric, or one that the model does not take. */
export function compiled(options: CompileOptions, { outputDim }: Pick<Network, "outputDim">): Compiled {
  checkOptions(options, ["optimizer", "loss", "metrics"], "model.compile");
  const { optimizer, loss, metrics = [] } = options;
  if (!Array.isArray(metrics)) throw new ConfigError(`model.compile: metrics must be a list, got ${show(metrics)}.`);
  const made = lossOf(loss);
  return { optimizer: optimizerOf(optimizer), loss: made, metrics: compileMetrics(metrics, made, outputDim) };
}
