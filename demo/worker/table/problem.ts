// What there is to learn: rows with what is known of them, in a part that trains and a part that tests.
import type { Label, Matrix } from "../../../src/index.ts";
import { completeRows, encode, findEncoding, numberAt } from "./encoding.ts";
import type { Choices } from "./messages.ts";
import type { Source } from "./model_file.ts";
import { type Pictures, pixelsOf } from "./pictures.ts";
import type { Listing } from "./predictions.ts";
import type { NamedSheet } from "./sheet.ts";
import { splitRows } from "./split.ts";
import type { Column } from "./suggest.ts";

/** The most classes. */
const mostClasses = 100;

export interface Part {
  /** [rows, width] */
  readonly x: Matrix;
  /** [rows] classes or numbers. */
  readonly y: readonly Label[];
  /** Row numbers in the table, or of the pictures. */
  readonly rows: readonly number[];
}

export interface Problem {
  readonly name: string;
  /** What is predicted. */
  readonly label: string;
  readonly source: Source;
  readonly train: Part;
  readonly test: Part;
  /** Rows that have empty cells. */
  readonly leftOut: number;
  /** The test rows as they were in the file. */
  readonly listing: Listing;
}

/** @throws Error that says what can't be learned, or names line and column of a cell that can't be read. */
export function tableProblem(sheet: NamedSheet, columns: readonly Column[], choices: Choices): Problem {
  const { label, inputs, empties, task } = choices;
  if (inputs.length === 0) throw new Error("No column is chosen as an input. Choose at least one.");
  const { name, type } = columns[label]!;
  const asNumber = type === "number" || task === "regression";
  const rows = completeRows(sheet, empties === "drop" ? [label, ...inputs] : [label]);
  const labels = new Map(rows.map((row) => [row, labelAt(sheet, label, row, asNumber)]));
  const targets = (of: readonly number[]) => of.map((row) => labels.get(row)!);
  if (task === "classification") checkClasses(new Set(labels.values()), `The column "${name}"`);
  const split = splitRows(rows, choices.testShare, choices.seed, task === "classification" ? targets(rows) : undefined);
  checkSplit(split, rows.length);
  const encoding = findEncoding(sheet, columns, inputs, split.train, empties);
  const part = (of: readonly number[]): Part => ({ x: encode(sheet, encoding, of).x, y: targets(of), rows: of });
  return {
    name: sheet.name,
    label: name,
    source: { kind: "table", label: name, encoding },
    train: part(split.train),
    test: part(split.test),
    leftOut: sheet.lines.length - rows.length,
    listing: listingOf(sheet, split.test),
  };
}

/** @throws Error where there are too few classes or pictures. */
export function picturesProblem(pictures: Pictures, name: string, choices: Choices): Problem {
  const { files, form, pixels } = pictures;
  const folders = files.map(({ folder }) => folder);
  checkClasses(new Set(folders), "The folder");
  const split = splitRows([...files.keys()], choices.testShare, choices.seed, folders);
  checkSplit(split, files.length);
  const size = pixelsOf(form);
  const part = (rows: readonly number[]): Part => {
    const data = new Uint8Array(rows.length * size);
    rows.forEach((row, i) => {
      data.set(pixels.subarray(row * size, (row + 1) * size), i * size);
    });
    return { x: { data, shape: [rows.length, size], unit: 1 / 255 }, y: rows.map((row) => folders[row]!), rows };
  };
  return {
    name,
    label: "class",
    source: { kind: "pictures", form },
    train: part(split.train),
    test: part(split.test),
    leftOut: 0,
    listing: { header: ["file", "folder"], rows: split.test.map((row) => [files[row]!.file.name, folders[row]!]) },
  };
}

/** Rows of a table as they stand in its file. */
export function listingOf({ names, columns }: NamedSheet, rows: readonly number[]): Listing {
  return { header: names, rows: rows.map((row) => columns.map((cells) => cells[row]!)) };
}

/** The class of a row, or its number. @throws Error that names the cell's line and column where it holds no number. */
export function labelAt(sheet: NamedSheet, c: number, row: number, asNumber: boolean): Label {
  return asNumber ? numberAt(sheet, c, row) : sheet.columns[c]![row]!.trim();
}

function checkClasses({ size }: ReadonlySet<Label>, what: string): void {
  if (size < 2) throw new Error(`${what} has ${size === 0 ? "no class" : "only one class"}; expected at least 2.`);
  if (size <= mostClasses) return;
  throw new Error(
    `${what} has ${size} classes; this page takes up to ${mostClasses}. Predict a number instead, or another column.`,
  );
}

function checkSplit({ train, test }: { train: readonly number[]; test: readonly number[] }, rows: number): void {
  if (train.length > 0 && test.length > 0) return;
  throw new Error(
    `${rows} rows are too few to leave some for testing. Empty cells leave rows out; they can be filled instead.`,
  );
}
