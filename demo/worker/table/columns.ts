// What the columns of a table hold, and what they are taken for unless the user says otherwise.
import { isEmptyCell, type NamedSheet, toNumber } from "./sheet.ts";

/** What is predicted: one of several classes, or a number. */
export type Task = "classification" | "regression";

/** What one column holds. */
export interface Column {
  readonly name: string;
  /** "number" where every cell that isn't empty holds one. */
  readonly type: "number" | "text";
  /** Different values, counted up to `manyValues`. */
  readonly distinct: number;
  /** Cells with nothing in them. */
  readonly empty: number;
  /** Whether all its numbers are whole. */
  readonly isWhole: boolean;
  /** Why it can't be an input, or is none by default. */
  readonly doubt?: string;
  /** Whether it can be an input. */
  readonly isUsable: boolean;
}

export const manyValues = 1000;
/** The most values of a text column that become inputs of their own. */
const mostInputs = 256;
/** Text columns with more values than this are no inputs by default. */
const fewValues = 20;
/** The most classes. */
export const mostClasses = 100;

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
    return doubted(`${filled - counts.numbers} of its cells are no numbers, first ${found}`);
  }
  const different = `${values.size === manyValues ? `${manyValues} or more` : values.size} different texts`;
  if (values.size > mostInputs) return unusable(different);
  return values.size > fewValues || values.size > filled / 2 ? doubted(different) : { ...column, isUsable: true };
}

/** The column that is predicted unless another is chosen: one with a telling name, else the last that isn't empty. */
export function suggestLabel(columns: readonly Column[]): number {
  const telling = ["label", "class", "target", "species", "y"];
  const names = columns.map(({ name }) => name.toLowerCase());
  const index = telling.map((name) => names.indexOf(name)).find((i) => i >= 0);
  const last = columns.findLastIndex(({ distinct }) => distinct > 1);
  return index ?? Math.max(0, last);
}

/** The columns that are inputs unless others are chosen. */
export function suggestInputs(columns: readonly Column[], label: number): number[] {
  return columns.flatMap(({ isUsable, doubt }, c) => (c !== label && isUsable && doubt === undefined ? [c] : []));
}

/** Text names classes, and so do a few whole numbers; other numbers are predicted as numbers. */
export function suggestTask({ type, isWhole, distinct }: Column): Task {
  return type === "text" || (isWhole && distinct <= fewValues) ? "classification" : "regression";
}
