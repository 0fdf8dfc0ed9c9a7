// A profile as lines of text.
import type { KernelTime } from "../index.ts";

/** One line for each kernel: its share of the GPU's time, its milliseconds, its dispatches and the time of each. */
export function profileTable(kernels: readonly KernelTime[]): string {
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = kernels.map(({ label, dispatches, milliseconds }) => [
    `${total > 0 ? ((100 * milliseconds) / total).toFixed(1) : "0.0"}%`,
    `${milliseconds.toFixed(1)} ms`,
    `${dispatches} x`,
    `${(milliseconds / dispatches).toFixed(3)} ms`,
    label,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `         ${row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")}`);
  return [`profile  ${total.toFixed(1)} ms on the GPU`, ...lines].join("\n");
}
