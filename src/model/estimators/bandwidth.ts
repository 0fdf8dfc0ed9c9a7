// The bandwidth of a kernel, from scikit-learn's gamma.
import type { Matrix } from "../../data/matrix.ts";
import { ConfigError, show } from "../../errors.ts";
import { permutation, randomStream, type Seed } from "../../random.ts";

/** "gaussian" is exp(-gamma |x - y|^2), "laplacian" exp(-gamma |x - y|_1). */
export type KernelName = "gaussian" | "laplacian";

/**
 * A positive number, or what it is measured by on the rows after scaling, with d columns:
 * "scale": 1 / (d Var X) as in scikit-learn, Var over all values; for "laplacian" 1 / (d sqrt(Var X)).
 * "median": 1 / (2 m^2) with m the median distance of two rows; for "laplacian" 1 / m, in the 1-norm.
 */
export type Gamma = "scale" | "median" | number;

/** Rows whose distances the median is taken of. */
const medianRows = 400;

/** @throws ConfigError for anything else. */
export function checkGamma(gamma: Gamma, what: string): void {
  const isNumber = typeof gamma === "number" && Number.isFinite(gamma) && gamma > 0;
  if (gamma !== "scale" && gamma !== "median" && !isNumber) {
    throw new ConfigError(`${what}: gamma must be "scale", "median" or a positive number, got ${show(gamma)}.`);
  }
}

/** gamma as a number, for rows x [n, d]; 1 where all values are equal, as in scikit-learn. */
export function gammaOf(x: Matrix, kernel: KernelName, gamma: Gamma, seed: Seed): number {
  if (typeof gamma === "number") return gamma;
  const distance = gamma === "median" ? medianDistance(x, kernel, seed) : 0;
  // Where more than half of the rows are equal, their median says nothing.
  if (distance > 0) return kernel === "gaussian" ? 1 / (2 * distance ** 2) : 1 / distance;
  const spread = variance(x);
  if (spread === 0) return 1;
  return 1 / (x.shape[1] * (kernel === "gaussian" ? spread : Math.sqrt(spread)));
}

/** The s of the feature map: exp(-|x - y|^2 / (2 s^2)), or exp(-|x - y|_1 / s). */
export function scaleOf(gamma: number, kernel: KernelName): number {
  return kernel === "gaussian" ? 1 / Math.sqrt(2 * gamma) : 1 / gamma;
}

/** The variance of all values, in float64. */
function variance({ data, unit = 1 }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  const mean = sum / data.length;
  let squares = 0;
  for (let i = 0; i < data.length; i++) squares += ((data[i] as number) - mean) ** 2;
  return (squares / data.length) * unit ** 2;
}

/** The median over all pairs of a seeded sample of rows. */
function medianDistance({ data, shape: [rows, columns], unit = 1 }: Matrix, kernel: KernelName, seed: Seed): number {
  const sample = permutation(randomStream(seed, "gamma.median"), rows).subarray(0, medianRows);
  const power = kernel === "gaussian" ? 2 : 1;
  const sums: number[] = [];
  sample.forEach((a, i) => {
    for (const b of sample.subarray(0, i)) {
      let sum = 0;
      for (let c = 0; c < columns; c++) {
        sum += Math.abs((data[a * columns + c] as number) - (data[b * columns + c] as number)) ** power;
      }
      sums.push(sum);
    }
  });
  if (sums.length === 0) return 0;
  const sorted = Float64Array.from(sums).sort();
  const half = sorted.length >> 1;
  const middle = sorted.length % 2 ? [half] : [half - 1, half];
  const distances = middle.map((i) => (sorted[i] as number) ** (1 / power) * unit);
  return distances.reduce((a, b) => a + b) / distances.length;
}
