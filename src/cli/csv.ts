import Papa from "papaparse";
import type { Table } from "../data/table.ts";
import { DataError, FormatError } from "../errors.ts";
import { readBytes } from "./files.ts";

/** V8's longest string, in characters; a longer file can't become text in one piece. */
const MAX_TEXT_LENGTH = 2 ** 29 - 24;

/** Reads a CSV file in UTF-8; its first line is the header, empty lines are skipped. The delimiter is guessed. */
export async function readTable(path: string): Promise<Table> {
  const bytes = await readBytes(path);
  if (bytes.length > MAX_TEXT_LENGTH) {
    throw new DataError(
      `${path}: ${bytes.length} bytes are more than the ${MAX_TEXT_LENGTH} a CSV file may have; split it.`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${path}: expected text in UTF-8, found other bytes. Save the file as UTF-8.`, { cause });
  }
  // Empty lines would mislead the guess. The rows themselves are read with them, to know the line each row starts on.
  const { delimiter } = Papa.parse<string[]>(text, { preview: 1, skipEmptyLines: "greedy" }).meta;
  const { data, errors } = Papa.parse<string[]>(text, { header: false, skipEmptyLines: false, delimiter });
  const fault = errors.find((error) => error.type === "Quotes");
  if (fault) {
    const line = countLines(text.slice(0, fault.index ?? 0));
    throw new FormatError(
      `${path}, line ${line}: ${fault.message}. Close each quoted cell, and double quotes inside it.`,
    );
  }
  const rows: string[][] = [];
  const lines: number[] = [];
  let line = 1;
  for (const row of data) {
    if (row.length > 1 || row[0]?.trim()) {
      rows.push(row);
      lines.push(line);
    }
    line += row.reduce((total, cell) => total + countLines(cell) - 1, 1);
  }
  const header = rows.shift();
  lines.shift();
  if (!header) throw new FormatError(`${path}: expected a header line with column names, but the file is empty.`);
  return { header, rows, lines };
}

function countLines(text: string): number {
  return text.includes("\n") || text.includes("\r") ? text.split(/\r\n|\r|\n/).length : 1;
}
