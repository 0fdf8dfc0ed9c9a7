// scikit-learn's strength of regularization as the l2 of a Dense layer on our features.
//
// Their features are phi = sqrt(2 / D) z, so that phi . phi' approximates the kernel; ours are z = cos(...). The same
// function has w . z = v . phi, v = sqrt(D / 2) w, and so |v|^2 = (D / 2) |w|^2. Our loss is a mean over n rows and
// K outputs; theirs is a sum. The intercept is not regularized.

interface Sizes {
  /** n, the rows of a fit. */
  readonly rows: number;
  /** D, the random features. */
  readonly features: number;
  /** K, over which the loss takes its mean; 1 for cross-entropy, which is one number a row. */
  readonly outputs: number;
}

/**
 * For 1/2 |v|^2 + C sum(loss) (scikit-learn's SVC, LinearSVC, SVR and LogisticRegression), one such problem for each
 * output: divided by n C K it is mean(loss) + D / (4 n C K) |w|^2.
 */
export function l2OfC(C: number, { rows, features, outputs }: Sizes): number {
  return features / (4 * rows * C * outputs);
}

/** For sum((y - f)^2) + alpha |v|^2 (scikit-learn's Ridge): mean((y - f)^2) + alpha D / (2 n K) |w|^2. */
export function l2OfAlpha(alpha: number, { rows, features, outputs }: Sizes): number {
  return (alpha * features) / (2 * rows * outputs);
}
