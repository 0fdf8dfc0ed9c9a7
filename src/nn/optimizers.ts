// Optimizers by Keras' names and defaults. The updates are in shaders/optimizers.
import { ConfigError, checkOptions, show } from "../errors.ts";
import { packStruct } from "../gpu/buffers.ts";
import { type OptimizerShader, optimizerShaders } from "./kernels/optimizers.ts";
import { stepBytes, stepStruct } from "./kernels/wgsl.ts";
import { type LearningRate, type Schedule, schedules } from "./schedules.ts";

/** An optimizer: its shader, that shader's constants, and the step size of each step. */
export interface Optimizer {
  /** Keras' name, in lower case. */
  readonly name: "adam" | "adamw" | "sgd";
  /** The settings beside the learning rate. */
  readonly config: Readonly<Record<string, number | boolean | null>>;
  /** The learning rate, or the schedule that gives it. */
  get learningRate(): number | Schedule;
  /**
   * May be set at any time; a fit takes it from its next submit of minibatches on.
   * @throws ConfigError for what is no number from 0 on; and, as in Keras, for any number where there is a schedule.
   */
  set learningRate(rate: LearningRate);
  /** Every trained weight shrinks by this share of itself times the learning rate before each step. 0 for none. */
  readonly weightDecay: number;
  /** What gradients are clipped to before each step. */
  readonly clip: Clip | undefined;
  /** How the weights are averaged behind each step. */
  readonly average: Average | undefined;
  /** @internal */
  readonly shader: OptimizerShader;
  /** Values of the shader's uniform `hyper`. @internal */
  readonly hyper: Readonly<Record<string, number>>;
  /** What the shader multiplies a gradient by at a learning rate and optimizer step t, counted from 1. @internal */
  stepSize(learningRate: number, t: number): number;
}

/** A limit of each value, of each weight's L2 norm, or of the norm of all gradients together. */
export interface Clip {
  /** What is limited: each value, the norm of each weight's gradient, or that of all gradients together. */
  readonly by: "value" | "norm" | "globalNorm";
  /** The most that stays as it is. */
  readonly limit: number;
}

/** An exponential moving average of the weights. */
export interface Average {
  /** m of average = m average + (1 - m) w. */
  readonly momentum: number;
  /** The average takes the weights' place every so many steps, and at the end of a fit; null for at the end alone. */
  readonly overwriteFrequency: number | null;
}

/** What all optimizers have in common. */
export interface OptimizerOptions {
  /** A number from 0 on, a schedule or a function of the steps done before. Default 1e-3 for Adam, .01 for SGD. */
  learningRate?: LearningRate;
  /** Decoupled weight decay, w -= w weightDecay learningRate, of all trained weights before the step. Default null: none. */
  weightDecay?: number | null;
  /** Each weight's gradient is scaled down to this L2 norm at most. Default null: any. */
  clipNorm?: number | null;
  /** All gradients together are scaled down to this L2 norm at most. Default null: any. */
  globalClipNorm?: number | null;
  /** Every value of a gradient is limited to this size. Default null: any. */
  clipValue?: number | null;
  /**
   * Averages the weights: m average + (1 - m) w behind each step, beginning as the weights after the first. The average
   * takes their place at the end of a fit. Validation sees the weights themselves. Default false.
   */
  useEma?: boolean;
  /** m of the average. Default .99. */
  emaMomentum?: number;
  /** The average takes the weights' place every so many steps too. Default null: at the end of a fit alone. */
  emaOverwriteFrequency?: number | null;
}

/** Of `optimizers.adam` and `optimizers.adamW`. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay of the mean gradient. Default .9. */
  beta1?: number;
  /** Decay of the mean squared gradient. Default .999. */
  beta2?: number;
  /** Added to sqrt(v). Default 1e-7. */
  epsilon?: number;
  /** Use the largest v so far. Default false. */
  amsgrad?: boolean;
}

/** Of `optimizers.sgd`. */
export interface SgdOptions extends OptimizerOptions {
  /** What stays of the velocity in a step, from 0 to below 1. Default 0. */
  momentum?: number;
  /** Steps by where the velocity leads, not by what it is. Default false. */
  nesterov?: boolean;
}

const commonKeys = [
  ...["learningRate", "weightDecay", "clipNorm", "globalClipNorm", "clipValue"],
  ...["useEma", "emaMomentum", "emaOverwriteFrequency"],
];
const adamKeys = ["beta1", "beta2", "epsilon", "amsgrad", ...commonKeys];

/** Optimizers by Keras' names and with its defaults. @namespace */
export const optimizers = {
  /**
   * Adam as Keras computes it (Kingma and Ba, 2015, algorithm 1 with the bias corrections in the step size; AMSGrad:
   * Reddi et al., 2018): m += (1 - beta1) (g - m), v += (1 - beta2) (g^2 - v), w -= rate sqrt(1 - beta2^t) / (1 -
   * beta1^t) m / (sqrt(v) + epsilon). The learning rate is 1e-3 by default.
   * @throws ConfigError for a setting that can't be used.
   */
  adam(options: AdamOptions = {}): Optimizer {
    checkOptions(options, adamKeys, "optimizers.adam");
    return adamOf("adam", options);
  },

  /**
   * Adam with decoupled weight decay, .004 by default (Loshchilov and Hutter, "Decoupled weight decay regularization",
   * 2019).
   * @throws as `adam`.
   */
  adamW(options: AdamOptions = {}): Optimizer {
    checkOptions(options, adamKeys, "optimizers.adamW");
    const { weightDecay = 0.004 } = options;
    return adamOf("adamw", { ...options, weightDecay });
  },

  /**
   * Stochastic gradient descent, as Keras computes it: w -= rate g; with momentum v = momentum v - rate g, w += v, and
   * w += momentum v - rate g in Nesterov's variant. The learning rate is .01 by default.
   * @throws ConfigError for a setting that can't be used.
   */
  sgd(options: SgdOptions = {}): Optimizer {
    checkOptions(options, ["momentum", "nesterov", ...commonKeys], "optimizers.sgd");
    const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
    below1("momentum", momentum);
    return optimizer(learningRate, options, {
      name: "sgd",
      config: { momentum, nesterov },
      shader: momentum > 0 ? optimizerShaders.momentum : optimizerShaders.sgd,
      hyper: { momentum, nesterov: nesterov ? 1 : 0 },
      stepSize: (rate) => rate,
    });
  },
};

function adamOf(name: "adam" | "adamw", options: AdamOptions): Optimizer {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false } = options;
  positive("epsilon", epsilon);
  below1("beta1", beta1);
  below1("beta2", beta2);
  return optimizer(learningRate, options, {
    name,
    config: { beta1, beta2, epsilon, amsgrad },
    shader: amsgrad ? optimizerShaders.amsgrad : optimizerShaders.adam,
    hyper: { oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2, epsilon },
    stepSize: (rate, t) => (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t),
  });
}

/** An optimizer with what all have in common. */
function optimizer(
  learningRate: LearningRate,
  options: OptimizerOptions,
  own: Pick<Optimizer, "name" | "config" | "shader" | "hyper" | "stepSize">,
): Optimizer {
  const { weightDecay = null, useEma = false, emaMomentum = 0.99, emaOverwriteFrequency = null } = options;
  const { clipNorm = null, globalClipNorm = null, clipValue = null } = options;
  if (weightDecay !== null && !(Number.isFinite(weightDecay) && weightDecay >= 0)) {
    throw new ConfigError(`weightDecay must be a number from 0 on, got ${show(weightDecay)}.`);
  }
  below1("emaMomentum", emaMomentum);
  if (emaOverwriteFrequency !== null && !(Number.isInteger(emaOverwriteFrequency) && emaOverwriteFrequency > 0)) {
    throw new ConfigError(`emaOverwriteFrequency must be a positive whole number, got ${show(emaOverwriteFrequency)}.`);
  }
  const averaging = { useEma, emaMomentum, emaOverwriteFrequency };
  let rate = checkedRate(learningRate);
  return {
    ...own,
    config: { ...own.config, weightDecay, clipNorm, globalClipNorm, clipValue, ...averaging },
    get learningRate(): number | Schedule {
      return rate;
    },
    set learningRate(given: LearningRate) {
      const next = checkedRate(given);
      if (typeof rate !== "number" && typeof next === "number") {
        throw new ConfigError(
          `The learning rate follows a schedule (${rate.name}) and can't be set to ${next}; give the optimizer a number ` +
            `to begin with, or another schedule.`,
        );
      }
      rate = next;
    },
    weightDecay: weightDecay ?? 0,
    clip: clipOf({ clipNorm, globalClipNorm, clipValue }),
    average: useEma ? { momentum: emaMomentum, overwriteFrequency: emaOverwriteFrequency } : undefined,
  };
}

const clippings = { clipNorm: "norm", globalClipNorm: "globalNorm", clipValue: "value" } as const;

function clipOf(limits: Readonly<Record<keyof typeof clippings, number | null>>): Clip | undefined {
  const given = Object.entries(limits).flatMap(([name, limit]) => (limit === null ? [] : [{ name, limit }]));
  const [first] = given;
  if (!first) return undefined;
  if (given.length > 1) {
    const all = given.map(({ name, limit }) => `${name} ${show(limit)}`).join(" and ");
    throw new ConfigError(`Only one of ${Object.keys(clippings).join(", ")} can be set, got ${all}.`);
  }
  positive(first.name, first.limit);
  return { by: clippings[first.name as keyof typeof clippings], limit: first.limit };
}

const byName = { adam: optimizers.adam, adamw: optimizers.adamW, sgd: optimizers.sgd };
/** An optimizer with its defaults. @useDeclaredType */
export type OptimizerName = keyof typeof byName;

/** @throws ConfigError with the names there are. */
export function optimizerOf(given: OptimizerName | string | Optimizer): Optimizer {
  if (typeof given === "object" && given !== null) return given;
  if (!Object.hasOwn(byName, given)) {
    throw new ConfigError(`Unknown optimizer ${JSON.stringify(given)}. Known: ${Object.keys(byName).join(", ")}.`);
  }
  return byName[given as OptimizerName]();
}

/** The learning rate behind so many optimizer steps. @throws ConfigError where a schedule gives none from 0 on. */
export function learningRateAt({ learningRate }: Optimizer, iterations: number): number {
  if (typeof learningRate === "number") return learningRate;
  const rate = learningRate.rateAt(iterations);
  if (!(Number.isFinite(rate) && rate >= 0)) {
    throw new ConfigError(
      `The schedule ${learningRate.name} gives a learning rate of ${show(rate)} at step ${iterations}; expected a number from 0 on.`,
    );
  }
  return rate;
}

/**
 * The steps of an epoch as kernels read them, [steps] of struct Step: all that changes from step to step is computed
 * here, in float64, once an epoch, and anew for the rest of one in which the learning rate is set.
 * @param iterations optimizer steps before the first of them.
 * @throws ConfigError where a schedule gives no number from 0 on.
 */
export function stepTable(optimizer: Optimizer, iterations: number, steps: number): ArrayBuffer {
  const table = new Uint8Array(steps * stepBytes);
  for (let i = 0; i < steps; i++) {
    const iteration = iterations + i;
    const rate = learningRateAt(optimizer, iteration);
    const step = {
      size: optimizer.stepSize(rate, iteration + 1),
      rate: rate * optimizer.weightDecay,
      average: iteration === 0 ? 0 : (optimizer.average?.momentum ?? 0), // the average begins as the weights
      iteration,
    };
    table.set(new Uint8Array(packStruct(stepStruct, step)), i * stepBytes);
  }
  return table.buffer;
}

function checkedRate(given: LearningRate): number | Schedule {
  if (typeof given === "function") return schedules.custom(given);
  if (typeof given === "object" && typeof given?.rateAt === "function") return given;
  if (!(Number.isFinite(given) && (given as number) >= 0)) {
    throw new ConfigError(`learningRate must be a number from 0 on, got ${show(given)}.`);
  }
  return given;
}

function positive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new ConfigError(`${name} must be a positive number, got ${show(value)}.`);
  }
}

function below1(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new ConfigError(`${name} must be at least 0 and below 1, got ${show(value)}.`);
}
