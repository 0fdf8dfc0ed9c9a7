// What tests of random numbers compare draws with, in float64.

/** The standard normal distribution function: Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...), for |x| up to about 7. */
export function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The standard Cauchy distribution function. */
export function cauchyCdf(x: number): number {
  return 0.5 + Math.atan(x) / Math.PI;
}

/** Kolmogorov and Smirnov's D: the largest distance between the distribution of a sample and `cdf`. */
export function distance(values: Float64Array, cdf: (x: number) => number): number {
  const sorted = values.toSorted();
  let largest = 0;
  sorted.forEach((value, i) => {
    const p = cdf(value);
    largest = Math.max(largest, p - i / sorted.length, (i + 1) / sorted.length - p);
  });
  return largest;
}

/** Pearson's statistic of counts that should be equal. */
export function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
