// What columns are taken for unless the user says otherwise.

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

/** Different values are counted up to here. */
export const manyValues = 1000;
/** Text columns with more values are no inputs by default, and whole numbers with more no classes. */
export const fewValues = 20;

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
