// From the cells of a table to the numbers that a model takes.
import { isEmptyCell, toNumber } from "./cells.ts";
import type { NamedSheet } from "./sheet.ts";
import type { Column } from "./suggest.ts";

/** What becomes of empty cells: their rows are left out, or the column's mean stands for them. */
export type Empties = "drop" | "fill";

/** A column that a model takes. */
export type Input =
  | {
      readonly type: "number";
      readonly name: string;
      /** Of the training rows; stands for empty cells. */
      readonly mean: number;
    }
  | {
      readonly type: "text";
      readonly name: string;
      /** Each becomes an input of its own: 1 where the cell holds it, else 0. */
      readonly values: readonly string[];
    };

/** How rows become inputs, as it was found on the training rows; it is kept with the model. */
export interface Encoding {
  readonly inputs: readonly Input[];
  readonly empties: Empties;
}

/** Rows [n, width] of inputs. */
export interface Encoded {
  readonly x: { readonly data: Float32Array; readonly shape: readonly [rows: number, width: number] };
  /** Cells with a text that no training row has; they are 0 in all of the column's inputs. */
  readonly unknown: number;
}

/** The rows without an empty cell in these columns, in order. */
export function completeRows({ columns, lines }: NamedSheet, among: readonly number[]): number[] {
  return lines.flatMap((_, row) => (among.some((c) => isEmptyCell(columns[c]![row]!)) ? [] : [row]));
}

/**
 * How the chosen columns of the training rows become inputs: means of numbers, values of texts by code unit.
 * @throws Error that names line and column of a cell that can't be read.
 */
export function findEncoding(
  sheet: NamedSheet,
  described: readonly Column[],
  chosen: readonly number[],
  rows: readonly number[],
  empties: Empties,
): Encoding {
  const inputs = chosen.map((c): Input => {
    const { name, type } = described[c]!;
    const filled = rows.filter((row) => !isEmptyCell(sheet.columns[c]![row]!));
    if (type === "text") {
      const values = [...new Set(filled.map((row) => sheet.columns[c]![row]!.trim()))].sort();
      return { type, name, values };
    }
    const sum = filled.reduce((total, row) => total + numberAt(sheet, c, row), 0);
    return { type, name, mean: filled.length === 0 ? 0 : sum / filled.length };
  });
  return { inputs, empties };
}

/** Numbers that a row becomes. */
export function widthOf({ inputs }: Encoding): number {
  return inputs.reduce((sum, input) => sum + (input.type === "text" ? input.values.length : 1), 0);
}

/**
 * The columns that a model takes, found by name.
 * @throws Error that names those that are missing.
 */
export function columnsFor({ inputs }: Encoding, { name, names }: NamedSheet): number[] {
  const missing = inputs.filter((input) => !names.includes(input.name));
  if (missing.length > 0) {
    const list = (all: readonly string[]) => all.map((each) => `"${each}"`).join(", ");
    throw new Error(
      `${name}: the model takes columns that are missing: ${list(missing.map((input) => input.name))}. ` +
        `The file has ${list(names)}.`,
    );
  }
  return inputs.map((input) => names.indexOf(input.name));
}

/**
 * Rows of a table as a model takes them. Empty cells are the mean, or 0 in all inputs of a text.
 * @throws Error that names line and column of a cell that can't be read.
 */
export function encode(sheet: NamedSheet, encoding: Encoding, rows: readonly number[]): Encoded {
  const width = widthOf(encoding);
  const data = new Float32Array(rows.length * width);
  let unknown = 0;
  let at = 0;
  columnsFor(encoding, sheet).forEach((c, i) => {
    const cells = sheet.columns[c]!;
    const input = encoding.inputs[i]!;
    if (input.type === "number") {
      rows.forEach((row, n) => {
        data[n * width + at] = isEmptyCell(cells[row]!) ? input.mean : numberAt(sheet, c, row);
      });
      at++;
      return;
    }
    const indices = new Map(input.values.map((value, index) => [value, index]));
    rows.forEach((row, n) => {
      const index = indices.get(cells[row]!.trim());
      if (index !== undefined) data[n * width + at + index] = 1;
      else if (!isEmptyCell(cells[row]!)) unknown++;
    });
    at += input.values.length;
  });
  return { x: { data, shape: [rows.length, width] }, unknown };
}

/** @throws Error that names line and column of a cell that holds no number, or one too large for float32. */
export function numberAt({ name, names, columns, lines, decimalComma }: NamedSheet, c: number, row: number): number {
  const cell = columns[c]![row]!;
  const value = toNumber(cell, decimalComma);
  if (Number.isFinite(Math.fround(value))) return value;
  throw new Error(`${name}, line ${lines[row]}, column "${names[c]}": expected a number, found "${cell}".`);
}
