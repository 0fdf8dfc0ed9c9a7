// Results as lines of text, and as JSON.
import type { Matrix } from "../data/matrix.ts";
import type { ClassificationReport, Gpu } from "../index.ts";
import { inDeno } from "./packages.ts";

/** loss: 0.0203 - acc: 0.9722 */
export function inWords(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${Math.abs(value) < 1e5 ? value.toFixed(4) : value.toPrecision(6)}`)
    .join(" - ");
}

export function shapeOf({ shape: [rows, columns] }: Matrix): string {
  return `${rows.toLocaleString("en-US")} rows of ${columns} features`;
}

/** llvmpipe, a software adapter, in Deno */
export function adapterInWords({ name, isSoftware }: Gpu["adapter"]): string {
  return `${name}${isSoftware ? ", a software adapter" : ""}, in ${inDeno ? "Deno" : "Node"}`;
}

export function whereItRan({ name, isSoftware }: Gpu["adapter"]) {
  return { runtime: inDeno ? "deno" : "node", adapter: { name, isSoftware } };
}

/** Seconds, or their milliseconds, to one decimal. */
export function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

/** Precision, recall and F1 of each class, and below them how many rows of each were taken for which. */
export function reportTable(report: ClassificationReport, names: readonly string[]): string {
  const figures = names.map((name, k) => [
    name,
    ...[report.precision, report.recall, report.f1].map((values) => (values[k] ?? 0).toFixed(4)),
    String(report.support[k]),
  ]);
  const confusion = report.confusionMatrix.map((counts, k) => [names[k] ?? String(k), ...counts.map(String)]);
  return [
    ...lines([["class", "precision", "recall", "f1", "rows"], ...figures]),
    `accuracy: ${report.accuracy.toFixed(4)} - macro f1: ${report.macroF1.toFixed(4)}`,
    "true class below, predicted class beside",
    ...lines([["", ...names], ...confusion]),
  ].join("\n");
}

/** Rows of cells with columns of equal width, the first to the left and the others to the right. */
export function lines(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
