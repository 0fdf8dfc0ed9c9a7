// How well a classifier tells each class from the others.
import { DataError } from "../errors.ts";

/** Figures by class; a quotient without anything to divide by is 0, as in scikit-learn's classification_report. */
export interface ClassificationReport {
  /** [true class][predicted class] numbers of rows. */
  readonly confusionMatrix: number[][];
  /** Of the rows predicted to be of a class, the share that is. */
  readonly precision: number[];
  /** Of the rows of a class, the share predicted to be. */
  readonly recall: number[];
  /** The harmonic mean of precision and recall. */
  readonly f1: number[];
  /** Rows of each class. */
  readonly support: number[];
  /** The share of rows predicted right. */
  readonly accuracy: number;
  /** The plain mean of f1 over the classes. */
  readonly macroF1: number;
}

/**
 * Compares true classes [rows] with predicted ones [rows].
 * @param classes how many there are; each is a whole number from 0 to classes - 1.
 * @throws DataError for lists of different lengths, or a class out of range.
 */
export function classificationReport(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ClassificationReport {
  if (labels.length !== predicted.length) {
    throw new DataError(`classificationReport: ${labels.length} labels, but ${predicted.length} predictions.`);
  }
  const confusionMatrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < labels.length; row++) {
    const counts = confusionMatrix[classAt(labels, row, classes, "label")] as number[];
    const found = classAt(predicted, row, classes, "prediction");
    counts[found] = (counts[found] as number) + 1;
  }
  const right = confusionMatrix.map((counts, c) => counts[c] as number);
  const support = confusionMatrix.map(sum);
  const found = right.map((_, c) => sum(confusionMatrix.map((counts) => counts[c] as number)));
  const f1 = right.map((n, c) => share(2 * n, (support[c] as number) + (found[c] as number)));
  return {
    confusionMatrix,
    precision: right.map((n, c) => share(n, found[c] as number)),
    recall: right.map((n, c) => share(n, support[c] as number)),
    f1,
    support,
    accuracy: share(sum(right), labels.length),
    macroF1: share(sum(f1), classes),
  };
}

function classAt(list: ArrayLike<number>, row: number, classes: number, what: string): number {
  const value = list[row] as number;
  if (Number.isInteger(value) && value >= 0 && value < classes) return value;
  throw new DataError(
    `classificationReport: row ${row} has the ${what} ${value}; expected a whole number from 0 to ${classes - 1}.`,
  );
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
