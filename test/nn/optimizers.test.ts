// Optimizers by their names, their settings, and the table of an epoch's steps.
import { describe, expect, it } from "vitest";
import { optimizerOf, optimizers, stepTable } from "../../src/nn/optimizers.ts";
import { schedules } from "../../src/nn/schedules.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });
/** Names that are no names; the second is one of every object. */
const strangers = ["rmsprop", "constructor", "", undefined, null, 5];

/** A table as the kernels read it. */
function steps(table: ArrayBuffer) {
  const bytes = new DataView(table);
  return Array.from({ length: table.byteLength / 16 }, (_, i) => ({
    size: bytes.getFloat32(i * 16, true),
    rate: bytes.getFloat32(i * 16 + 4, true),
    average: bytes.getFloat32(i * 16 + 8, true),
    iteration: bytes.getUint32(i * 16 + 12, true),
  }));
}

describe("optimizerOf", () => {
  it.each(strangers)("refuses %s and lists the optimizers", (name) => {
    expect(() => optimizerOf(name as string)).toThrow(configError(/Unknown optimizer .*\. Known: adam, adamw, sgd\./));
  });

  it("has Keras' defaults", () => {
    const common = {
      ...{ weightDecay: null, clipNorm: null, globalClipNorm: null, clipValue: null },
      ...{ useEma: false, emaMomentum: 0.99, emaOverwriteFrequency: null },
    };
    const adam = optimizerOf("adam");
    expect(adam.learningRate).toBe(1e-3);
    expect(adam.config).toEqual({ beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false, ...common });
    const sgd = optimizerOf("sgd");
    expect(sgd.learningRate).toBe(0.01);
    expect(sgd.config).toEqual({ momentum: 0, nesterov: false, ...common });
    const adamw = optimizerOf("adamw");
    expect(adamw.learningRate).toBe(1e-3);
    expect(adamw.config).toEqual({ ...adam.config, weightDecay: 0.004 });
  });

  it.each([-1e-3, Number.NaN, Number.POSITIVE_INFINITY])("refuses a learning rate of %d", (learningRate) => {
    const message = configError(new RegExp(`learningRate must be a number from 0 on, got ${learningRate}`));
    expect(() => optimizers.adam({ learningRate })).toThrow(message);
    expect(() => optimizers.sgd({ learningRate })).toThrow(message);
  });

  it.each([-0.1, 1, 2, Number.NaN])("refuses a decay of %d", (decay) => {
    expect(() => optimizers.adam({ beta1: decay })).toThrow(configError(/beta1 must be at least 0 and below 1/));
    expect(() => optimizers.adam({ beta2: decay })).toThrow(configError(/beta2 must be at least 0 and below 1/));
    expect(() => optimizers.sgd({ momentum: decay })).toThrow(configError(/momentum must be at least 0 and below 1/));
  });

  it("steps as Keras' Adam does, with the learning rate of the moment", () => {
    const adam = optimizers.adam({ learningRate: 0.1 });
    const sizes = (iterations: number) => steps(stepTable(adam, iterations, 2)).map(({ size }) => size);
    const expected = (rate: number, t: number) => (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    expect(sizes(0)).toEqual([1, 2].map((t) => Math.fround(expected(0.1, t))));
    expect(sizes(9)).toEqual([10, 11].map((t) => Math.fround(expected(0.1, t))));
    adam.learningRate = 0.2;
    expect(sizes(9)).toEqual([10, 11].map((t) => Math.fround(expected(0.2, t))));
  });
});

describe("settings that all optimizers have", () => {
  const makers = Object.entries(optimizers);

  it.each(makers)("%s refuses two ways to clip, and bad values of each setting", (_, make) => {
    const both = /Only one of clipNorm, globalClipNorm, clipValue can be set, got clipNorm 1 and clipValue 0\.5\./;
    expect(() => make({ clipNorm: 1, clipValue: 0.5 })).toThrow(configError(both));
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1" as unknown as number]) {
      for (const name of ["clipNorm", "globalClipNorm", "clipValue"]) {
        expect(() => make({ [name]: bad })).toThrow(configError(new RegExp(`${name} must be a positive number, got `)));
      }
    }
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = new RegExp(`weightDecay must be a number from 0 on, got ${bad}`);
      expect(() => make({ weightDecay: bad })).toThrow(configError(message));
    }
    for (const bad of [-0.1, 1, Number.NaN]) {
      expect(() => make({ useEma: true, emaMomentum: bad })).toThrow(configError(/emaMomentum must be at least 0 and/));
    }
    for (const bad of [0, -2, 1.5, Number.NaN]) {
      const message = /emaOverwriteFrequency must be a positive whole number, got /;
      expect(() => make({ useEma: true, emaOverwriteFrequency: bad })).toThrow(configError(message));
    }
    expect(() => make({ weigthDecay: 1 } as object)).toThrow(configError(/unknown option "weigthDecay"/));
  });

  it.each(makers)("%s keeps none of them by default but AdamW's decay", (name, make) => {
    const { clip, average, weightDecay } = make();
    expect([clip, average, weightDecay]).toEqual([undefined, undefined, name === "adamW" ? 0.004 : 0]);
    expect(make({ weightDecay: null }).weightDecay).toBe(0);
  });
});

describe("a learning rate", () => {
  it("may be 0, as in Keras: nothing is learned", () => {
    const adam = optimizers.adam({ learningRate: 0 });
    expect(steps(stepTable(adam, 0, 2)).map(({ size }) => size)).toEqual([0, 0]);
    const sgd = optimizers.sgd();
    sgd.learningRate = 0;
    expect(steps(stepTable(sgd, 0, 2)).map(({ size }) => size)).toEqual([0, 0]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "1", null, {}])("is not set to %s", (bad) => {
    const adam = optimizers.adam();
    const message = configError(/learningRate must be a number from 0 on, got /);
    expect(() => {
      adam.learningRate = bad as number;
    }).toThrow(message);
    expect(adam.learningRate).toBe(1e-3);
  });

  it("that follows a schedule is replaced by another schedule, not by a number", () => {
    const optimizer = optimizers.sgd({ learningRate: (step) => 1 / (step + 1) });
    expect(() => {
      optimizer.learningRate = 0.5;
    }).toThrow(configError(/follows a schedule \(custom\) and can't be set to 0\.5/));
    expect(steps(stepTable(optimizer, 0, 3)).map(({ size }) => size)).toEqual([1, 0.5, Math.fround(1 / 3)]);
    optimizer.learningRate = schedules.piecewiseConstantDecay({ boundaries: [1], values: [0.5, 0.25] });
    expect(steps(stepTable(optimizer, 0, 3)).map(({ size }) => size)).toEqual([0.5, 0.5, 0.25]);
  });
});

describe("the table of an epoch's steps", () => {
  it("holds the decay at the scheduled rate, not at Adam's step size, and counts on over epochs", () => {
    const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5 });
    const table = steps(stepTable(optimizers.adamW({ learningRate, weightDecay: 0.25 }), 3, 3));
    expect(table.map(({ rate }) => rate)).toEqual([2 ** -6, 2 ** -7, 2 ** -8]);
    expect(table.map(({ iteration }) => iteration)).toEqual([3, 4, 5]);
  });

  it("has an average that begins as the weights at the very first step", () => {
    const optimizer = optimizers.sgd({ useEma: true, emaMomentum: 0.75 });
    expect(steps(stepTable(optimizer, 0, 3)).map(({ average }) => average)).toEqual([0, 0.75, 0.75]);
    expect(steps(stepTable(optimizer, 3, 2)).map(({ average }) => average)).toEqual([0.75, 0.75]);
    expect(steps(stepTable(optimizers.sgd(), 3, 1)).map(({ average, rate }) => [average, rate])).toEqual([[0, 0]]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, undefined])("refuses a rate of %s, naming the step", (bad) => {
    const optimizer = optimizers.adam({ learningRate: (step) => (step < 7 ? 0 : (bad as number)) });
    expect(steps(stepTable(optimizer, 0, 7)).map(({ size }) => size)).toEqual(Array(7).fill(0));
    const message = new RegExp(
      `schedule custom gives a learning rate of ${bad} at step 7; expected a number from 0 on`,
    );
    expect(() => stepTable(optimizer, 5, 4)).toThrow(configError(message));
  });
});
