// Schedules of the learning rate against Keras' formulas (keras/optimizers/schedules/learning_rate_schedule.py).
import { describe, expect, it } from "vitest";
import { regularizers } from "../../src/nn/regularizers.ts";
import { schedules } from "../../src/nn/schedules.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });
const steps = [0, 1, 2, 3, 9, 10, 11, 14, 15, 16, 99, 100, 101, 1e6];

describe("exponentialDecay", () => {
  it.each([false, true])("multiplies by the rate once in decaySteps, staircase %s", (staircase) => {
    const options = { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.96, staircase };
    const schedule = schedules.exponentialDecay(options);
    for (const step of steps) {
      const exponent = staircase ? Math.floor(step / 10) : step / 10;
      expect(schedule.rateAt(step)).toBe(0.1 * 0.96 ** exponent);
    }
    expect(schedule.config).toEqual(options);
  });
});

describe("cosineDecay", () => {
  const decayed = (step: number, decaySteps: number, from: number, alpha: number) =>
    from * ((1 - alpha) * 0.5 * (1 + Math.cos((Math.PI * step) / decaySteps)) + alpha);

  it.each([0, 0.25])("goes down to alpha %d of the first rate and stays there", (alpha) => {
    const schedule = schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 15, alpha });
    for (const step of steps) {
      expect(schedule.rateAt(step)).toBeCloseTo(decayed(Math.min(step, 15), 15, 0.1, alpha), 15);
    }
    expect(schedule.rateAt(0)).toBe(0.1);
    expect(schedule.rateAt(15)).toBe(0.1 * alpha);
  });

  it("warms up to its target in a line, and decays from there", () => {
    const warming = { initialLearningRate: 0.01, decaySteps: 90, alpha: 0.1, warmupTarget: 0.5, warmupSteps: 10 };
    const schedule = schedules.cosineDecay(warming);
    for (const step of steps) {
      const rate = step < 10 ? 0.01 + 0.49 * (step / 10) : decayed(Math.min(step, 100) - 10, 90, 0.5, 0.1);
      expect(schedule.rateAt(step)).toBeCloseTo(rate, 15);
    }
    expect([schedule.rateAt(0), schedule.rateAt(10)]).toEqual([0.01, 0.5]);
    expect(schedule.config).toEqual(warming);
  });

  it("has no warm-up without a target, as in Keras", () => {
    const options = { initialLearningRate: 0.1, decaySteps: 15 };
    const [plain, other] = [schedules.cosineDecay(options), schedules.cosineDecay({ ...options, warmupSteps: 5 })];
    for (const step of steps) expect(other.rateAt(step)).toBe(plain.rateAt(step));
  });
});

describe("piecewiseConstantDecay", () => {
  it("holds a value up to its boundary, the last behind them all", () => {
    const schedule = schedules.piecewiseConstantDecay({ boundaries: [10, 15, 100], values: [1, 0.5, 0.25, 0] });
    expect(steps.map((step) => schedule.rateAt(step))).toEqual([
      1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0, 0,
    ]);
    expect(schedules.piecewiseConstantDecay({ boundaries: [], values: [0.5] }).rateAt(7)).toBe(0.5);
  });
});

describe("custom", () => {
  it("is the function", () => {
    const { name, rateAt } = schedules.custom((step) => step + 0.5);
    expect([name, rateAt(3)]).toEqual(["custom", 3.5]);
  });
});

type Options = Record<string, unknown>;
it.each<[keyof typeof schedules, Options, RegExp]>([
  [
    "exponentialDecay",
    { initialLearningRate: -1, decaySteps: 1, decayRate: 1 },
    /initialLearningRate must be a number f/,
  ],
  [
    "exponentialDecay",
    { initialLearningRate: 1, decaySteps: 0, decayRate: 1 },
    /decaySteps must be a positive number of/,
  ],
  [
    "exponentialDecay",
    { initialLearningRate: 1, decaySteps: 1 },
    /decayRate must be a number from 0 on, got undefined/,
  ],
  ["exponentialDecay", { decay_rate: 1 }, /unknown option "decay_rate"/],
  [
    "cosineDecay",
    { initialLearningRate: 1, decaySteps: Number.NaN },
    /decaySteps must be a positive number .* got NaN/,
  ],
  ["cosineDecay", { initialLearningRate: 1, decaySteps: 1, alpha: "1" }, /alpha must be a number from 0 on, got "1"/],
  [
    "cosineDecay",
    { initialLearningRate: 1, decaySteps: 1, warmupTarget: -1 },
    /warmupTarget must be a number from 0 on/,
  ],
  ["piecewiseConstantDecay", { boundaries: [1], values: [1] }, /one value more than boundaries, got 1 values and 1 b/],
  ["piecewiseConstantDecay", { boundaries: [2, 2], values: [1, 1, 1] }, /boundaries must ascend, got \[2,2\]/],
  [
    "piecewiseConstantDecay",
    { boundaries: [2], values: [1, Number.NaN] },
    /values\[1\] must be a number from 0 on, got NaN/,
  ],
  ["piecewiseConstantDecay", { boundaries: 2, values: [1] }, /boundaries must be a list, got 2/],
  ["custom", "1 / step" as unknown as Options, /expected a function of the step, got "1 \/ step"/],
])("%s refuses %o", (name, options, message) => {
  const make = schedules[name] as (options: never) => unknown;
  expect(() => make(options as never)).toThrow(configError(message));
});

describe("regularizers", () => {
  it("have Keras' defaults", () => {
    expect(regularizers.l1()).toEqual({ l1: 0.01, l2: 0 });
    expect(regularizers.l2()).toEqual({ l1: 0, l2: 0.01 });
    expect(regularizers.l1l2()).toEqual({ l1: 0, l2: 0 });
    expect(regularizers.l1l2({ l2: 0.5 })).toEqual({ l1: 0, l2: 0.5 });
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "0.1"])("refuse a factor of %s", (bad) => {
    const factor = bad as number;
    expect(() => regularizers.l1(factor)).toThrow(configError(/regularizers\.l1: l1 must be a number from 0 on, got /));
    expect(() => regularizers.l2(factor)).toThrow(configError(/regularizers\.l2: l2 must be a number from 0 on, got /));
    expect(() => regularizers.l1l2({ l1: factor })).toThrow(configError(/regularizers\.l1l2: l1 must be a number/));
  });
});
