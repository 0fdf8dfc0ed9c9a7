// How far float32 may be from the twins of losses.ts, by WGSL's accuracy: + - * round correctly, / is within 2.5 units
// in the last place, exp within 3 + 2 |x|, log within 3 or, on [0.5, 2], within 2^-21.
import { epsilon, sumBound } from "./bounds.ts";
import { type LossName, sum } from "./losses.ts";

interface Outputs {
  readonly p: readonly number[];
  /** How far each of p may be off already. */
  readonly dp: readonly number[];
  readonly y: readonly number[];
}

/** Bounds of a row's loss and of its gradient. */
export interface RowBounds {
  value: number;
  gradient: number[];
}

const logError = (total: number) => 2 ** -21 + 3 * epsilon * Math.abs(Math.log(total));

export const lossBounds: Record<LossName, (outputs: Outputs) => RowBounds> = {
  hinge({ p, dp, y }) {
    const sizes = p.map((value, c) => 1 + Math.abs(y[c]! * value));
    const carried = p.map((_, c) => Math.abs(y[c]!) * dp[c]!);
    return {
      value: (sum(carried) + sumBound(p.length) * sum(sizes)) / p.length,
      gradient: y.map((value) => (4 * epsilon * Math.abs(value)) / p.length),
    };
  },

  squared_hinge({ p, dp, y }) {
    const sizes = p.map((value, c) => 1 + Math.abs(y[c]! * value));
    const errors = p.map((_, c) => Math.abs(y[c]!) * dp[c]! + epsilon * sizes[c]!);
    return {
      value: sum(sizes.map((size, c) => 2 * size * errors[c]! + sumBound(p.length) * size ** 2)) / p.length,
      gradient: sizes.map((size, c) => (2 * Math.abs(y[c]!) * (errors[c]! + 4 * epsilon * size)) / p.length),
    };
  },

  categorical_hinge({ p, dp, y }) {
    const wrong = p.map((value, c) => Math.abs((1 - y[c]!) * value));
    const right = p.map((value, c) => Math.abs(y[c]! * value));
    const carried = Math.max(...dp.map((d, c) => Math.abs(1 - y[c]!) * d)) + sum(dp.map((d, c) => Math.abs(y[c]!) * d));
    return {
      value: carried + sumBound(p.length) * (sum(right) + Math.max(...wrong) + 1),
      gradient: y.map((value) => 6 * epsilon * (Math.abs(1 - value) + Math.abs(value))),
    };
  },

  categorical_crossentropy({ p, dp, y }) {
    const total = sum(p);
    const totalError = sumBound(p.length) + sum(dp) / total;
    const logs = p.map((value) => Math.abs(Math.log(value / total)));
    const qErrors = p.map((value, c) => totalError + dp[c]! / value + 3 * epsilon);
    const sumOfTargets = sum(y.map(Math.abs));
    const terms = p.map((value, c) => Math.abs(y[c]!) * (qErrors[c]! + logError(value / total)));
    return {
      value: sum(terms) + sumBound(p.length) * sum(logs.map((log, c) => Math.abs(y[c]!) * log)),
      gradient: p.map((value, c) => {
        const direct = Math.abs(y[c]!) / (value / total);
        const difference = direct * (qErrors[c]! + 4 * epsilon) + sumBound(p.length) * sumOfTargets;
        return (difference + (direct + sumOfTargets) * (totalError + 6 * epsilon)) / total;
      }),
    };
  },

  categorical_crossentropy_logits({ p, dp, y }) {
    const largest = Math.max(...p);
    const range = largest - Math.min(...p);
    const exponentials = p.map((value) => Math.exp(value - largest));
    const total = sum(exponentials);
    const expError = (3 + 3 * range + Math.abs(largest)) * epsilon + 2 * Math.max(...dp);
    const totalError = expError + sumBound(p.length);
    const size = largest - Math.min(...p) + Math.log(total);
    const sumOfTargets = sum(y.map(Math.abs));
    const logTotalError = totalError + logError(total);
    return {
      value: sumOfTargets * (logTotalError + 2 * Math.max(...dp) + (sumBound(p.length) + 2 * epsilon) * (size + 1)),
      gradient: exponentials.map((e, c) => {
        const softmaxError = (e / total) * (expError + totalError + sumBound(p.length) + 4 * epsilon);
        return sumOfTargets * softmaxError + 3 * epsilon * Math.abs(y[c]!);
      }),
    };
  },

  mean_squared_error({ p, dp, y }) {
    const sizes = p.map((value, c) => Math.abs(value - y[c]!));
    const errors = p.map((value, c) => dp[c]! + epsilon * (Math.abs(value) + Math.abs(y[c]!)));
    return {
      value: sum(sizes.map((size, c) => 2 * size * errors[c]! + sumBound(p.length) * size ** 2)) / p.length,
      gradient: sizes.map((size, c) => (2 * (errors[c]! + 4 * epsilon * size)) / p.length),
    };
  },
};
