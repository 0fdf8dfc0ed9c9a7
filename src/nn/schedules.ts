// Learning rates that change from step to step, by Keras' names and formulas (keras/optimizers/schedules).
import { sinPi } from "../elementary.ts";
import { ConfigError, checkOptions, show } from "../errors.ts";

/** A learning rate as a function of the optimizer's steps, computed in float64 once an epoch for all of its steps. */
export interface Schedule {
  /** Which kind of schedule it is. */
  readonly name: "exponential_decay" | "cosine_decay" | "piecewise_constant_decay" | "custom";
  /** The settings; none of a custom function. */
  readonly config: Readonly<Record<string, number | boolean | null | readonly number[]>>;
  /** The learning rate of a step. @param step steps done before, from 0 and over all fits. */
  rateAt(step: number): number;
}

/** A number, a schedule, or a function of the steps done before. */
export type LearningRate = number | Schedule | ((step: number) => number);

/** Of `schedules.exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** Steps by which the rate is multiplied by `decayRate`. */
  decaySteps: number;
  /** What is left of the rate after `decaySteps`. */
  decayRate: number;
  /** Goes down once every `decaySteps` instead of a little with every step. Default false. */
  staircase?: boolean;
}

/** Of `schedules.cosineDecay`. */
export interface CosineDecayOptions {
  /** Where the decay begins, or the warm-up where there is one. */
  initialLearningRate: number;
  /** Steps of the decay, without those of the warm-up. */
  decaySteps: number;
  /** The rate at the end, as a share of that where the decay begins. Default 0. */
  alpha?: number;
  /** The rate that a linear warm-up reaches and the decay begins at. Default null: no warm-up. */
  warmupTarget?: number | null;
  /** Steps of the warm-up. Default 0. */
  warmupSteps?: number;
}

/** Of `schedules.piecewiseConstantDecay`. */
export interface PiecewiseConstantDecayOptions {
  /** Steps in ascending order. */
  boundaries: readonly number[];
  /** One more than boundaries; value i holds as long as step <= boundaries[i], the last behind them all. */
  values: readonly number[];
}

/** Schedules for an optimizer's `learningRate`. @namespace */
export const schedules = {
  /**
   * initialLearningRate decayRate^(step / decaySteps), the exponent rounded down where `staircase`.
   * @throws ConfigError for a rate below 0, or steps that are not positive.
   */
  exponentialDecay(options: ExponentialDecayOptions): Schedule {
    const what = "schedules.exponentialDecay";
    checkOptions(options, ["initialLearningRate", "decaySteps", "decayRate", "staircase"], what);
    const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
    checkNumbers(what, { initialLearningRate, decayRate });
    checkSteps(what, { decaySteps });
    return {
      name: "exponential_decay",
      config: { initialLearningRate, decaySteps, decayRate, staircase },
      rateAt(step) {
        const exponent = step / decaySteps;
        return initialLearningRate * decayRate ** (staircase ? Math.floor(exponent) : exponent);
      },
    };
  },

  /**
   * Half a period of a cosine (Loshchilov and Hutter, 2016), behind a linear warm-up where `warmupTarget` is given:
   * begin ((1 - alpha) (1 + cos(pi step / decaySteps)) / 2 + alpha), constant behind its end.
   * @throws ConfigError for numbers below 0, or steps that are not positive.
   */
  cosineDecay(options: CosineDecayOptions): Schedule {
    const what = "schedules.cosineDecay";
    checkOptions(options, ["initialLearningRate", "decaySteps", "alpha", "warmupTarget", "warmupSteps"], what);
    const { initialLearningRate, decaySteps, alpha = 0, warmupTarget = null, warmupSteps = 0 } = options;
    checkNumbers(what, { initialLearningRate, alpha, warmupSteps, ...(warmupTarget !== null && { warmupTarget }) });
    checkSteps(what, { decaySteps });
    const warming = warmupTarget === null ? 0 : warmupSteps;
    const begin = warmupTarget ?? initialLearningRate;
    return {
      name: "cosine_decay",
      config: { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps },
      rateAt(step) {
        if (step < warming) return initialLearningRate + (begin - initialLearningRate) * (step / warming);
        const done = (step - warming) / decaySteps;
        if (done >= 1) return begin * alpha;
        const cosine = sinPi(0.5 - done); // cos(pi done), the same bits in every engine
        return begin * ((1 - alpha) * 0.5 * (1 + cosine) + alpha);
      },
    };
  },

  /**
   * A constant up to each boundary.
   * @throws ConfigError for boundaries that do not ascend, or a number of values that is not one more than theirs.
   */
  piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): Schedule {
    const what = "schedules.piecewiseConstantDecay";
    checkOptions(options, ["boundaries", "values"], what);
    const { boundaries, values } = options;
    for (const [name, list] of Object.entries({ boundaries, values })) {
      if (!Array.isArray(list)) throw new ConfigError(`${what}: ${name} must be a list, got ${show(list)}.`);
      list.forEach((value, i) => void checkNumbers(what, { [`${name}[${i}]`]: value }));
    }
    if (values.length !== boundaries.length + 1) {
      throw new ConfigError(
        `${what}: expected one value more than boundaries, got ${values.length} values and ${boundaries.length} boundaries.`,
      );
    }
    const unordered = boundaries.findIndex((boundary, i) => i > 0 && boundary <= (boundaries[i - 1] as number));
    if (unordered >= 0) throw new ConfigError(`${what}: boundaries must ascend, got ${show(boundaries)}.`);
    return {
      name: "piecewise_constant_decay",
      config: { boundaries: [...boundaries], values: [...values] },
      rateAt(step) {
        const piece = boundaries.findIndex((boundary) => step <= boundary);
        return values.at(piece) as number;
      },
    };
  },

  /**
   * A function of the steps done before; it is called once for each step, at the beginning of an epoch. Files do not
   * hold it: training that goes on from one must be given the same function again.
   * @throws ConfigError for what is no function; the fit, where it gives no number from 0 on.
   */
  custom(rateAt: (step: number) => number): Schedule {
    if (typeof rateAt !== "function") {
      throw new ConfigError(`schedules.custom: expected a function of the step, got ${show(rateAt)}.`);
    }
    return { name: "custom", config: {}, rateAt };
  },
};

function checkNumbers(what: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new ConfigError(`${what}: ${name} must be a number from 0 on, got ${show(value)}.`);
    }
  }
}

function checkSteps(what: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(Number.isFinite(value) && value > 0)) {
      throw new ConfigError(`${what}: ${name} must be a positive number of steps, got ${show(value)}.`);
    }
  }
}
