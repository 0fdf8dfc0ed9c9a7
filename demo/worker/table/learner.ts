// The library's estimators, by name, with predictions of one form.
import {
  type ClassScores,
  type FitEstimatorOptions,
  type Gpu,
  type Label,
  type MatrixLike,
  QuasiLogisticRegression,
  QuasiRidge,
  QuasiSVC,
  QuasiSVR,
} from "../../../src/index.ts";
import type { LearnerOptions } from "./methods.ts";

const estimators = { QuasiSVC, QuasiLogisticRegression, QuasiRidge, QuasiSVR };

export type Learner = QuasiSVC | QuasiLogisticRegression | QuasiRidge | QuasiSVR;

/** One for each row. */
export type Predictions =
  | {
      readonly task: "classification";
      readonly classes: readonly Label[];
      /** [rows] indices of classes. */
      readonly indices: number[];
      /** Probabilities, or values of the decision function. */
      readonly scores: ClassScores;
      readonly scoreName: "probability" | "score";
    }
  | { readonly task: "regression"; readonly values: Float32Array };

/** @throws ConfigError for an option that can't be used. */
export function makeLearner(given: LearnerOptions, gpu: Gpu): Learner {
  const { method, C, alpha, epsilon, nComponents, kernel, gamma, epochs, seed } = given;
  const options = { nComponents, kernel, gamma, epochs, seed, gpu };
  switch (method) {
    case "svc":
      return new QuasiSVC({ ...options, C });
    case "logistic":
      return new QuasiLogisticRegression({ ...options, C });
    case "ridge":
      return new QuasiRidge({ ...options, alpha });
    case "svr":
      return new QuasiSVR({ ...options, C, epsilon });
  }
}

/** @throws FormatError for a file that doesn't hold such an estimator. */
export function loadLearner(estimator: string, bytes: Uint8Array, gpu: Gpu): Learner {
  if (!Object.hasOwn(estimators, estimator)) {
    throw new Error(`The file holds a ${estimator}, which this page doesn't know.`);
  }
  return estimators[estimator as keyof typeof estimators].load(bytes, { gpu });
}

/** Trains; targets are labels for a classifier, numbers for a regressor. */
export async function fitLearner(
  learner: Learner,
  x: MatrixLike,
  y: readonly Label[],
  options: FitEstimatorOptions,
): Promise<void> {
  if (isRegressor(learner)) await learner.fit(x, y as readonly number[], options);
  else await learner.fit(x, y, options);
}

export async function predictWith(learner: Learner, x: MatrixLike): Promise<Predictions> {
  if (isRegressor(learner)) return { task: "regression", values: await learner.predict(x) };
  const isLogistic = learner instanceof QuasiLogisticRegression;
  const scores = await (isLogistic ? learner.predictProba(x) : learner.decisionFunction(x));
  const [rows, count] = scores.shape;
  const indices = Array.from({ length: rows }, (_, row) => {
    const own = scores.data.subarray(row * count, (row + 1) * count);
    return own.indexOf(Math.max(...own));
  });
  const scoreName = isLogistic ? "probability" : "score";
  return { task: "classification", classes: learner.classes, indices, scores, scoreName };
}

/** The share of labels that are predicted, or R2 of numbers. */
export async function scoreWith(learner: Learner, x: MatrixLike, y: readonly Label[]): Promise<number> {
  return isRegressor(learner) ? learner.score(x, y as readonly number[]) : learner.score(x, y);
}

export function scoreName(learner: Learner): "accuracy" | "R2" {
  return isRegressor(learner) ? "R2" : "accuracy";
}

/** Whether targets are numbers: of a regression, or of classes that are named by numbers. */
export function predictsNumbers(learner: Learner): boolean {
  return isRegressor(learner) || typeof learner.classes[0] === "number";
}

function isRegressor(learner: Learner): learner is QuasiRidge | QuasiSVR {
  return learner instanceof QuasiRidge || learner instanceof QuasiSVR;
}
