// How far the kernel of random features is from the kernel it stands for.

export interface Kernel {
  readonly name: "gaussian" | "laplacian";
  /** s */
  readonly scale: number;
}

/** Errors |(2/D) z z' - k(x, x')| over all pairs of a sample. */
export interface KernelError {
  /** D */
  readonly features: number;
  readonly mean: number;
  /** Not exceeded by 95 of 100 pairs. */
  readonly high: number;
  /** The mean that is expected of D independent directions. */
  readonly expected: number;
}

/** exp(-|x - y|^2 / (2 s^2)), or exp(-|x - y|_1 / s). */
export function exactKernel({ name, scale }: Kernel, x: ArrayLike<number>, y: ArrayLike<number>): number {
  let distance = 0;
  for (let i = 0; i < x.length; i++) {
    const difference = (x[i] as number) - (y[i] as number);
    distance += name === "gaussian" ? difference * difference : Math.abs(difference);
  }
  return Math.exp(name === "gaussian" ? -distance / (2 * scale * scale) : -distance / scale);
}

/** 16, 32, 64 and so on up to D, and D itself. */
export function featureCounts(most: number): number[] {
  const counts: number[] = [];
  for (let count = 16; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

/**
 * The errors for growing numbers of features, all from one set of features: its first columns are a set of that size.
 * @param rows the sample, [n] rows of inputs.
 * @param z features [n, D] of these rows, row after row, without the factor sqrt(2 / D).
 * @param counts numbers of features, rising, up to D.
 */
export function kernelErrors(
  kernel: Kernel,
  rows: readonly ArrayLike<number>[],
  z: Float32Array,
  counts: readonly number[],
): KernelError[] {
  const features = z.length / rows.length;
  const errors: number[][] = counts.map(() => []);
  let spread = 0;
  rows.forEach((x, a) => {
    for (let b = 0; b < a; b++) {
      const exact = exactKernel(kernel, x, rows[b] as ArrayLike<number>);
      spread += Math.sqrt(variance(kernel, exact));
      let dot = 0;
      let column = 0;
      counts.forEach((count, i) => {
        for (; column < count; column++) {
          dot += (z[a * features + column] as number) * (z[b * features + column] as number);
        }
        errors[i]?.push(Math.abs((2 / count) * dot - exact));
      });
    }
  });
  return counts.map((count, i) => {
    const sorted = (errors[i] as number[]).sort((a, b) => a - b);
    const mean = sorted.reduce((sum, error) => sum + error, 0) / sorted.length;
    const high = sorted[Math.ceil(0.95 * sorted.length) - 1] as number;
    // The mean of |e| of a normal e is sqrt(2 / pi) times its deviation.
    return { features: count, mean, high, expected: (Math.sqrt(2 / (Math.PI * count)) * spread) / sorted.length };
  });
}

/**
 * Of one feature's product 2 cos(u x + b) cos(u y + b) = cos(u (x - y)) + cos(u (x + y) + 2 b): of the first term
 * (1 + k(2 (x - y))) / 2 - k^2, of the second 1/2, since b is uniform (Sutherland and Schneider, "On the Error of Random
 * Fourier Features", 2015). k at twice the distance is k^4 for the gaussian kernel, k^2 for the laplacian.
 */
function variance({ name }: Kernel, k: number): number {
  return 1 + k ** (name === "gaussian" ? 4 : 2) / 2 - k * k;
}
