// Labels of any kind as indices of sorted classes.
import { DataError, show } from "../../errors.ts";

/** What names a class. The labels of one model are all strings or all numbers. */
export type Label = string | number;

/** One label a row. */
export type Labels =
  | readonly Label[]
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/**
 * The classes in scikit-learn's order: numbers by value, strings by code unit.
 * @throws DataError for fewer than two classes, a mixture of strings and numbers, NaN, infinity or anything else.
 */
export function classesOf(labels: Labels, what: string): Label[] {
  const classes = [...new Set<Label>(labels)];
  const [first] = classes;
  const wrong = classes.find((label) => typeof label !== typeof first || !isLabel(label));
  if (wrong !== undefined || !isLabel(first)) {
    throw new DataError(
      `${what}: labels must be all strings or all finite numbers, got ${show(first)}${wrong === undefined ? "" : ` and ${show(wrong)}`}.`,
    );
  }
  if (classes.length < 2) throw new DataError(`${what}: expected at least 2 classes, found only ${show(first)}.`);
  return typeof first === "number" ? classes.sort((a, b) => Number(a) - Number(b)) : classes.sort();
}

/** [rows] indices into the classes. @throws DataError that names the row of a label not among them, or a wrong length. */
export function labelIndices(labels: Labels, classes: readonly Label[], rows: number, what: string): Uint32Array {
  if (labels.length !== rows) {
    throw new DataError(`${what}: expected one label for each of the ${rows} rows of X, got ${labels.length}.`);
  }
  const index = new Map(classes.map((label, i) => [label, i]));
  return Uint32Array.from(labels as ArrayLike<Label>, (label, row) => {
    const i = index.get(label);
    if (i === undefined) {
      throw new DataError(
        `${what}: row ${row} has label ${show(label)}; the classes are ${classes.map(show).join(", ")}.`,
      );
    }
    return i;
  });
}

function isLabel(label: unknown): label is Label {
  return typeof label === "string" || (typeof label === "number" && Number.isFinite(label));
}
