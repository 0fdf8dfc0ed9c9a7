// Rows with what a model says of them, as a table again.
import Papa from "papaparse";
import type { Predictions } from "./learner.ts";

/** Rows of text. */
export interface Listing {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Adds the columns "predicted" and, for classes, the score of each.
 * @param at the numbers of the rows that were predicted, in order; the others' new cells stay empty.
 */
export function withPredictions({ header, rows }: Listing, predictions: Predictions, at: readonly number[]): Listing {
  const added = predictions.task === "regression" ? ["predicted"] : ["predicted", ...scoreNames(predictions)];
  const taken = new Set(header);
  const names = added.map((name) => (taken.has(name) ? `${name} (model)` : name));
  const cells = new Map(at.map((row, i) => [row, cellsOf(predictions, i)]));
  const none = added.map(() => "");
  return { header: [...header, ...names], rows: rows.map((row, r) => [...row, ...(cells.get(r) ?? none)]) };
}

/** The bytes of a CSV file. */
export function toCsv({ header, rows }: Listing): Blob {
  return new Blob([Papa.unparse([header, ...rows]), "\r\n"], { type: "text/csv" });
}

type ClassPredictions = Extract<Predictions, { task: "classification" }>;

function scoreNames({ classes, scoreName }: ClassPredictions): string[] {
  return classes.map((name) => `${scoreName} ${name}`);
}

function cellsOf(predictions: Predictions, row: number): string[] {
  if (predictions.task === "regression") return [inDigits(predictions.values[row]!)];
  const { classes, indices, scores } = predictions;
  const own = scores.data.subarray(row * classes.length, (row + 1) * classes.length);
  return [String(classes[indices[row]!]), ...Array.from(own, inDigits)];
}

/** As many digits as a float32 has. */
function inDigits(value: number): string {
  return String(Number(value.toPrecision(7)));
}
