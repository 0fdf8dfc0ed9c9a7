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

type Bounds = (outputs: Outputs) => RowBounds;

/** Targets y (1 - s) + s / parts are off by as much as the rest of a term is allowed to be. */
function smoothed(bounds: Bounds, s: number, parts?: number): Bounds {
  return ({ p, dp, y }) => {
    const { value, gradient } = bounds({ p, dp, y: y.map((one) => one * (1 - s) + s / (parts ?? y.length)) });
    return { value: 2 * value, gradient: gradient.map((g) => 2 * g) };
  };
}

/** Of a mean of functions of the errors p - y: `value` and `slope` of a function, and how fast the slope changes. */
function ofErrors(value: (e: number) => number, slope: (e: number) => number, curvature: number): Bounds {
  return ({ p, dp, y }) => {
    const sizes = p.map((one, c) => Math.abs(one - y[c]!));
    const moved = p.map((one, c) => dp[c]! + epsilon * (Math.abs(one) + Math.abs(y[c]!) + 1));
    const n = p.length;
    return {
      value: sum(sizes.map((e, c) => (slope(e) + moved[c]!) * moved[c]! + sumBound(n) * value(e))) / n,
      gradient: sizes.map((e, c) => (curvature * moved[c]! + 4 * epsilon * slope(e)) / n),
    };
  };
}

const huber = (delta: number) =>
  ofErrors(
    (e) => delta * (e + delta),
    () => delta,
    1,
  );
const epsilonInsensitive = ofErrors(
  (e) => e,
  () => 1,
  0,
);

const binaryCrossentropy: Bounds = ({ p, dp, y }) => {
  const n = p.length;
  // Of p and of 1 - p, which rounds: its size, and how far it may be off as a share of that.
  const sides = p.map((value, c) => [
    { q: value, y: y[c]!, off: dp[c]! / value },
    { q: 1 - value, y: 1 - y[c]!, off: (dp[c]! + epsilon) / (1 - value) },
  ]);
  const terms = sides.flat().map(({ q, y, off }) => {
    const log = Math.abs(Math.log(q));
    return Math.abs(y) * (logError(q) + off + sumBound(2 * n) * log) + epsilon * log;
  });
  return {
    value: sum(terms) / n,
    gradient: sides.map(
      (both) => sum(both.map(({ q, y, off }) => ((Math.abs(y) + epsilon) / q) * (off + 8 * epsilon))) / n,
    ),
  };
};

const binaryCrossentropyLogits: Bounds = ({ p, dp, y }) => {
  const n = p.length;
  const rows = p.map((x, c) => {
    const e = Math.exp(-Math.abs(x));
    const share = e / (1 + e);
    const expError = (3 + 2 * Math.abs(x)) * epsilon + dp[c]!;
    const side = x >= 0 ? 1 - y[c]! : y[c]!;
    const size = Math.abs(x * side) + Math.log1p(e);
    return {
      value:
        dp[c]! * Math.abs(side) +
        share * expError +
        epsilon * (1 + Math.abs(x)) +
        logError(1 + e) +
        sumBound(2 * n) * size,
      gradient: (2 * share * expError + epsilon * (5 + 3 * Math.abs(y[c]!))) / n,
    };
  });
  return { value: sum(rows.map(({ value }) => value)) / n, gradient: rows.map(({ gradient }) => gradient) };
};

const bounds = {
  hinge({ p, dp, y }: Outputs) {
    const sizes = p.map((value, c) => 1 + Math.abs(y[c]! * value));
    const carried = p.map((_, c) => Math.abs(y[c]!) * dp[c]!);
    return {
      value: (sum(carried) + sumBound(p.length) * sum(sizes)) / p.length,
      gradient: y.map((value) => (4 * epsilon * Math.abs(value)) / p.length),
    };
  },

  squared_hinge({ p, dp, y }: Outputs) {
    const sizes = p.map((value, c) => 1 + Math.abs(y[c]! * value));
    const errors = p.map((_, c) => Math.abs(y[c]!) * dp[c]! + epsilon * sizes[c]!);
    return {
      value: sum(sizes.map((size, c) => 2 * size * errors[c]! + sumBound(p.length) * size ** 2)) / p.length,
      gradient: sizes.map((size, c) => (2 * Math.abs(y[c]!) * (errors[c]! + 4 * epsilon * size)) / p.length),
    };
  },

  categorical_hinge({ p, dp, y }: Outputs) {
    const wrong = p.map((value, c) => Math.abs((1 - y[c]!) * value));
    const right = p.map((value, c) => Math.abs(y[c]! * value));
    const carried = Math.max(...dp.map((d, c) => Math.abs(1 - y[c]!) * d)) + sum(dp.map((d, c) => Math.abs(y[c]!) * d));
    return {
      value: carried + sumBound(p.length) * (sum(right) + Math.max(...wrong) + 1),
      gradient: y.map((value) => 6 * epsilon * (Math.abs(1 - value) + Math.abs(value))),
    };
  },

  categorical_crossentropy({ p, dp, y }: Outputs) {
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

  categorical_crossentropy_logits({ p, dp, y }: Outputs) {
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

  mean_squared_error({ p, dp, y }: Outputs) {
    const sizes = p.map((value, c) => Math.abs(value - y[c]!));
    const errors = p.map((value, c) => dp[c]! + epsilon * (Math.abs(value) + Math.abs(y[c]!)));
    return {
      value: sum(sizes.map((size, c) => 2 * size * errors[c]! + sumBound(p.length) * size ** 2)) / p.length,
      gradient: sizes.map((size, c) => (2 * (errors[c]! + 4 * epsilon * size)) / p.length),
    };
  },
} satisfies Record<string, Bounds>;

export const lossBounds: Record<LossName, Bounds> = {
  ...bounds,
  "categorical_crossentropy smoothed": smoothed(bounds.categorical_crossentropy, 0.1),
  "categorical_crossentropy_logits smoothed": smoothed(bounds.categorical_crossentropy_logits, 0.3),
  binary_crossentropy: binaryCrossentropy,
  "binary_crossentropy smoothed": smoothed(binaryCrossentropy, 0.3, 2),
  binary_crossentropy_logits: binaryCrossentropyLogits,
  "binary_crossentropy_logits smoothed": smoothed(binaryCrossentropyLogits, 0.1, 2),
  mean_absolute_error: epsilonInsensitive,
  huber: huber(1),
  "huber of 0.25": huber(0.25),
  epsilon_insensitive: epsilonInsensitive,
  "epsilon_insensitive of 0.5": epsilonInsensitive,
  squared_epsilon_insensitive: ofErrors(
    (e) => e ** 2,
    (e) => 2 * e,
    2,
  ),
};
