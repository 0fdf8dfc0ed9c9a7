// The optimizer and the loss that options ask for.
import {
  type Loss,
  type LossConfig,
  lossOf,
  type Metric,
  metrics,
  type Optimizer,
  optimizers,
  type Schedule,
  schedules,
} from "../index.ts";
import type { Target } from "./standardization.ts";
import type { LossSettings, OptimizerSettings } from "./training_options.ts";

/** @param stepsPerEpoch and epochs: a schedule goes over all of them. */
export function optimizerFor(options: OptimizerSettings, stepsPerEpoch: number, epochs: number): Optimizer {
  const { weightDecay, ema } = options;
  const settings = {
    learningRate: learningRateFor(options, stepsPerEpoch, epochs),
    ...(weightDecay !== undefined && { weightDecay }),
    ...(ema !== undefined && { useEma: true, emaMomentum: ema }),
  };
  const make = { adam: optimizers.adam, adamw: optimizers.adamW, sgd: optimizers.sgd }[options.optimizer];
  return make(settings);
}

function learningRateFor(options: OptimizerSettings, stepsPerEpoch: number, epochs: number): number | Schedule {
  const { schedule, warmupSteps, decayRate, optimizer } = options;
  const { learningRate: rate = optimizer === "sgd" ? 1e-2 : 1e-3 } = options;
  const decaySteps = Math.max(1, stepsPerEpoch * epochs - warmupSteps);
  if (schedule === "constant" && warmupSteps === 0) return rate;
  const after = {
    constant: () => schedules.custom(() => rate),
    cosine: () => schedules.cosineDecay({ initialLearningRate: rate, decaySteps }),
    exponential: () => schedules.exponentialDecay({ initialLearningRate: rate, decaySteps: stepsPerEpoch, decayRate }),
  }[schedule]();
  if (warmupSteps === 0) return after;
  return schedules.custom((step) =>
    step < warmupSteps ? (rate * step) / warmupSteps : after.rateAt(step - warmupSteps),
  );
}

/**
 * On the command line a model gives logits, so cross-entropies are taken from them.
 * @throws ConfigError for an option that the loss does not have.
 */
export function lossFor({ loss, labelSmoothing, epsilon, delta }: LossSettings, target?: Target): Loss {
  const unit = target?.scale ?? 1;
  const config: LossConfig = {
    ...(loss.endsWith("crossentropy") && { fromLogits: true }),
    ...(labelSmoothing !== undefined && { labelSmoothing }),
    ...(epsilon !== undefined && { epsilon: epsilon / unit }),
    ...(delta !== undefined && { delta: delta / unit }),
  };
  return lossOf(loss, config);
}

/** What a model is measured by beside its loss. A target makes it a regression. */
export function metricsFor(outputs: number, target: Target | undefined): (Metric | string)[] {
  if (target) return [metrics.r2Score({ name: "r2" }), "mae", "mse"];
  return outputs > 1 ? ["acc"] : [];
}
