// What stands in one cell of a table.

const emptyMarks = new Set(["", ".", "?", "na", "n/a", "#n/a", "nan", "null"]);

/** Whether a cell stands for nothing: empty, NA, NaN, null, "?" or ".". */
export function isEmptyCell(cell: string): boolean {
  return cell.length < 12 && emptyMarks.has(cell.trim().toLowerCase());
}

/** A cell's number; NaN for a cell that holds none. */
export function toNumber(cell: string, decimalComma: boolean): number {
  const text = cell.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  return decimalComma && /^[+-]?\d*,\d+$/.test(text) ? Number(text.replace(",", ".")) : Number.NaN;
}
