// What the columns of a table hold.
import { isEmptyCell, toNumber } from "./cells.ts";
import type { NamedSheet } from "./sheet.ts";
import { type Column, fewValues, manyValues } from "./suggest.ts";

/** The most values of a text column that become inputs of their own. */
const mostInputs = 256;

/** What each column holds. */
export function describeColumns(sheet: NamedSheet): Column[] {
  return sheet.names.map((_, c) => describeColumn(sheet, c));
}

function describeColumn({ names, columns, lines, decimalComma }: NamedSheet, index: number): Column {
  const cells = columns[index]!;
  const name = names[index]!;
  const values = new Set<string>();
  const counts = { empty: 0, numbers: 0, whole: 0, consecutive: 0 };
  let previous = Number.NaN;
  let firstText = -1;
  cells.forEach((cell, row) => {
    if (isEmptyCell(cell)) {
      counts.empty++;
      return;
    }
    if (values.size < manyValues) values.add(cell.trim());
    const value = toNumber(cell, decimalComma);
    if (Number.isNaN(value)) {
      if (firstText < 0) firstText = row;
      return;
    }
    counts.numbers++;
    if (Number.isInteger(value)) counts.whole++;
    if (value === previous + 1) counts.consecutive++;
    previous = value;
  });
  const filled = cells.length - counts.empty;
  const type = filled > 0 && counts.numbers === filled ? "number" : "text";
  const column = { name, type, distinct: values.size, empty: counts.empty, isWhole: counts.whole === filled } as const;
  const unusable = (doubt: string) => ({ ...column, doubt, isUsable: false });
  const doubted = (doubt: string) => ({ ...column, doubt, isUsable: true });
  if (filled === 0) return unusable("empty");
  if (values.size === 1) return doubted("the same in all rows");
  if (type === "number") {
    const isCount = cells.length > 2 && counts.consecutive === cells.length - 1;
    return isCount ? doubted("numbers the rows") : { ...column, isUsable: true };
  }
  if (counts.numbers > filled / 2) {
    const found = `"${cells[firstText]}" on line ${lines[firstText]}`;
    const doubt = `${filled - counts.numbers} of its cells are no numbers, first ${found}`;
    return values.size > mostInputs ? unusable(doubt) : doubted(doubt);
  }
  const different = `${values.size === manyValues ? `${manyValues} or more` : values.size} different texts`;
  if (values.size > mostInputs) return unusable(different);
  return values.size > fewValues || values.size > filled / 2 ? doubted(different) : { ...column, isUsable: true };
}
