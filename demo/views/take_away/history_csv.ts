import Papa from "papaparse";
import type { Logs } from "../../../src/index.ts";

/** A row for each epoch, from 1; a column for each name that any of them has, in the order they come. */
export function historyCsv(epochs: readonly Logs[]): string {
  const names = new Set(epochs.flatMap((logs) => Object.keys(logs)));
  const rows = epochs.map((logs, epoch) => ({ epoch: epoch + 1, ...logs }));
  return Papa.unparse(rows, { columns: ["epoch", ...names], newline: "\n" });
}
