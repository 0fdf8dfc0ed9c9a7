import { expect, test } from "vitest";
import { lossFor, metricsFor, optimizerFor } from "../../src/cli/optimizer.ts";
import type { OptimizerSettings } from "../../src/cli/training_options.ts";
import { ConfigError } from "../../src/errors.ts";

const plain: OptimizerSettings = { optimizer: "adam", schedule: "constant", warmupSteps: 0, decayRate: 0.9 };

function rates(settings: Partial<OptimizerSettings>, steps: readonly number[]) {
  const { learningRate } = optimizerFor({ ...plain, ...settings }, 10, 4);
  return steps.map((step) => (typeof learningRate === "number" ? learningRate : learningRate.rateAt(step)));
}

test("learning rates are the optimizers' own without an option", () => {
  expect(rates({}, [0])).toEqual([1e-3]);
  expect(rates({ optimizer: "adamw" }, [0])).toEqual([1e-3]);
  expect(rates({ optimizer: "sgd" }, [0])).toEqual([1e-2]);
  expect(rates({ learningRate: 0.5 }, [0, 39])).toEqual([0.5, 0.5]);
});

test("a schedule goes over all epochs, behind the warm-up", () => {
  const close = (found: number[], expected: number[]) => {
    expected.forEach((value, i) => void expect(found[i]).toBeCloseTo(value, 12));
  };
  close(rates({ learningRate: 1, schedule: "cosine" }, [0, 20, 40]), [1, 0.5, 0]);
  close(rates({ learningRate: 1, schedule: "cosine", warmupSteps: 8 }, [0, 2, 8, 24, 40]), [0, 0.25, 1, 0.5, 0]);
  close(rates({ learningRate: 1, schedule: "exponential", decayRate: 0.25 }, [0, 5, 10, 20]), [1, 0.5, 0.25, 0.0625]);
  close(rates({ learningRate: 1, schedule: "exponential", warmupSteps: 4 }, [1, 4, 14]), [0.25, 1, 0.9]);
  close(rates({ learningRate: 2, warmupSteps: 4 }, [0, 1, 4, 30]), [0, 0.5, 2, 2]);
});

test("weight decay and averaging reach the optimizer", () => {
  const { weightDecay, average, name } = optimizerFor({ ...plain, optimizer: "sgd", weightDecay: 0.1, ema: 0.9 }, 1, 1);
  expect({ weightDecay, average, name }).toEqual({
    weightDecay: 0.1,
    average: { momentum: 0.9, overwriteFrequency: null },
    name: "sgd",
  });
  expect(optimizerFor({ ...plain, optimizer: "adamw" }, 1, 1).weightDecay).toBe(0.004);
  expect(optimizerFor(plain, 1, 1).average).toBeUndefined();
});

test("cross-entropies take logits; widths of errors are in the column's units", () => {
  expect(lossFor({ loss: "categorical_crossentropy" }).config).toEqual({ fromLogits: true });
  expect(lossFor({ loss: "binary_crossentropy", labelSmoothing: 0.1 }).config).toEqual({
    fromLogits: true,
    labelSmoothing: 0.1,
  });
  const target = { name: "price", mean: 100, scale: 20 };
  expect(lossFor({ loss: "epsilon_insensitive", epsilon: 5 }, target).config).toEqual({ epsilon: 0.25 });
  expect(lossFor({ loss: "huber", delta: 40 }, target).config).toEqual({ delta: 2 });
  expect(lossFor({ loss: "huber" }, target).config).toEqual({ delta: 1 });
  expect(() => lossFor({ loss: "hinge", labelSmoothing: 0.1 })).toThrow(ConfigError);
});

test("metrics suit the outputs", () => {
  expect(metricsFor(3, undefined)).toEqual(["acc"]);
  expect(metricsFor(1, undefined)).toEqual([]);
  expect(metricsFor(1, { name: "y", mean: 0, scale: 1 })).toHaveLength(3);
});
