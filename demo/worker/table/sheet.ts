// A file of separated values as columns of text.
import Papa from "papaparse";
import { toNumber } from "./cells.ts";

/** The largest file and the most cells that are read. */
export const limits = { bytes: 200e6, cells: 20e6 };

/** Every line of a file, column by column. */
export interface Sheet {
  /** The file's name. */
  readonly name: string;
  /** [columns][lines] text as it stands, without the quotes around it. */
  readonly columns: readonly (readonly string[])[];
  /** [lines] the number, from 1, of the file's line on which each begins. */
  readonly lines: readonly number[];
  /** Whether numbers may be written 1,5. */
  readonly decimalComma: boolean;
}

/** A sheet whose columns have names. */
export interface NamedSheet extends Sheet {
  /** [columns], no two alike. */
  readonly names: readonly string[];
}

/**
 * Reads a file. What separates its cells is guessed; empty lines are left out.
 * @throws Error that names the line of a quote that isn't closed or of a row of another length, and for a file that is
 * too large, empty, or no text in UTF-8.
 */
export async function readSheet(file: File): Promise<Sheet> {
  if (file.size > limits.bytes) {
    throw new Error(
      `${file.name} has ${inMillions(file.size)} MB; this page reads up to ${inMillions(limits.bytes)}. Take a part of its rows.`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} is no text in UTF-8. Save it as "CSV UTF-8" and open it again.`);
  }
  return parseSheet(text, file.name);
}

/** As `readSheet`, for text. */
export function parseSheet(text: string, name: string): Sheet {
  // Empty lines would mislead the guess. The rows are read with them, to know the line on which each begins.
  const { delimiter } = Papa.parse<string[]>(text, { preview: 1, skipEmptyLines: "greedy" }).meta;
  const columns: string[][] = [];
  const lines: number[] = [];
  const spansLines = text.includes('"');
  let line = 1;
  let fault: string | undefined;
  Papa.parse<string[]>(text, {
    delimiter,
    step: ({ data: row, errors }, parser) => {
      const isEmpty = row.length === 1 && row[0]?.trim() === "";
      if (!isEmpty) fault = faultOf(row, errors, columns.length) ?? addRow(row, columns);
      if (fault !== undefined) return parser.abort();
      if (!isEmpty) lines.push(line);
      line += spansLines ? row.reduce((sum, cell) => sum + lineBreaks(cell), 1) : 1;
    },
  });
  if (fault !== undefined) throw new Error(`${name}, line ${line}: ${fault}`);
  if (lines.length === 0) throw new Error(`${name} is empty.`);
  return { name, columns, lines, decimalComma: delimiter === ";" };
}

function faultOf(row: readonly string[], errors: readonly Papa.ParseError[], columns: number): string | undefined {
  const quotes = errors.find(({ type }) => type === "Quotes");
  if (quotes) return `${quotes.message}. Close each quoted cell, and double the quotes inside it.`;
  if (columns > 0 && row.length !== columns) {
    return `${row.length} cells, where the first line has ${columns}. All rows need the same number.`;
  }
  return undefined;
}

/** @returns what is wrong, if something is. */
function addRow(row: readonly string[], columns: string[][]): string | undefined {
  if (columns.length === 0) columns.push(...row.map(() => []));
  row.forEach((cell, c) => {
    columns[c]?.push(cell);
  });
  if (row.length * (columns[0]?.length ?? 0) <= limits.cells) return undefined;
  return `more than ${inMillions(limits.cells)} million cells; this page reads no more. Take a part of the rows or columns.`;
}

/** Whether the first line names the columns: its cells are no numbers and no two alike. */
export function hasHeader({ columns, decimalComma }: Sheet): boolean {
  const first = columns.map((cells) => cells[0]?.trim() ?? "");
  const isNamed = new Set(first).size === first.length && first.some((cell) => cell !== "");
  return isNamed && first.every((cell) => Number.isNaN(toNumber(cell, decimalComma))) && columns[0]!.length > 1;
}

/** Names from the first line, which then is no row, or numbers as names. Where names are alike, later ones are numbered. */
export function named(sheet: Sheet, header: boolean): NamedSheet {
  const taken = new Set<string>();
  const names = sheet.columns.map((cells, c) => {
    const given = (header && cells[0]?.trim()) || `column ${c + 1}`;
    let name = given;
    for (let i = 2; taken.has(name); i++) name = `${given} (${i})`;
    taken.add(name);
    return name;
  });
  if (!header) return { ...sheet, names };
  if (sheet.lines.length === 1) throw new Error(`${sheet.name} has a line of names, but no rows.`);
  return { ...sheet, names, columns: sheet.columns.map((cells) => cells.slice(1)), lines: sheet.lines.slice(1) };
}

function lineBreaks(cell: string): number {
  return cell.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function inMillions(count: number): string {
  return (count / 1e6).toFixed(0);
}
