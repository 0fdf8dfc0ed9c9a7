// Weights for classes, as weights of rows.
import { ConfigError, DataError, show } from "../errors.ts";
import type { Targets } from "./targets.ts";

/** A weight for each label: by label, or in the order of the labels from 0. */
export type LabelWeights = Readonly<Record<number, number>> | readonly number[];

/**
 * Each row's weight times that of its class, as Keras multiplies them.
 * Classes are labels, the 1 of one-hot rows, or the whole numbers of a single output.
 * @param weights the rows' own, 1 for all where undefined.
 * @throws ConfigError for weights that are not finite numbers, DataError for a row whose class has none, or that has no
 * class.
 */
export function classWeights(targets: Targets, given: LabelWeights, weights?: Float32Array): Float32Array {
  if (typeof given !== "object" || given === null) {
    throw new ConfigError(`classWeight: expected { label: weight } or a list of weights, got ${show(given)}.`);
  }
  const byLabel = new Map(Object.entries(given).map(([label, weight]) => [Number(label), weight as number]));
  for (const [label, weight] of byLabel) {
    if (Number.isInteger(label) && Number.isFinite(weight)) continue;
    throw new ConfigError(
      `classWeight: expected a finite number for each whole-numbered label, got ${show(weight)} for ${show(label)}.`,
    );
  }
  return Float32Array.from({ length: targets.rows }, (_, row) => {
    const label = classOf(targets, row);
    const weight = byLabel.get(label);
    if (weight === undefined) {
      throw new DataError(
        `classWeight: row ${row} is of class ${label}, which has no weight; there are weights for ${[...byLabel.keys()].join(", ")}.`,
      );
    }
    return weight * (weights ? (weights[row] as number) : 1);
  });
}

function classOf(targets: Targets, row: number): number {
  if (targets.kind === "labels") return targets.labels[row] as number;
  const { outputs } = targets;
  const values = targets.values.subarray(row * outputs, (row + 1) * outputs);
  if (outputs === 1) {
    const value = values[0] as number;
    if (Number.isInteger(value)) return value;
    throw new DataError(`classWeight: row ${row} has the target ${value}; a class is a whole number.`);
  }
  const label = values.indexOf(1);
  if (label < 0 || values.some((value, output) => value !== 0 && output !== label)) {
    throw new DataError(
      `classWeight: the targets of row ${row} are [${values.join(", ")}]; only labels and one-hot rows, a single 1 among ` +
        `zeros, are of a class. Give sampleWeight instead.`,
    );
  }
  return label;
}
