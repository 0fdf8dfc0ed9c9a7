// Predictions for files that come after the training.
import { isEmptyCell, toNumber } from "./cells.ts";
import { columnsFor, completeRows, type Encoding, encode } from "./encoding.ts";
import { type Learner, predictsNumbers, predictWith, scoreName, scoreWith } from "./learner.ts";
import type { PredictedInfo } from "./messages.ts";
import type { Source } from "./model_file.ts";
import { type PictureFile, type PictureForm, pixelsOf, readPictures } from "./pictures.ts";
import { type Listing, toCsv, withPredictions } from "./predictions.ts";
import { labelAt, listingOf } from "./problem.ts";
import { type NamedSheet, named, type Sheet } from "./sheet.ts";

const previewRows = 8;

/** Predicts the rows of a table. @throws Error that names what columns or cells are not as in training. */
export async function predictSheet(
  learner: Learner,
  { label, encoding }: Extract<Source, { kind: "table" }>,
  opened: Sheet,
): Promise<PredictedInfo> {
  const sheet = namedFor(opened, encoding);
  const all = [...sheet.lines.keys()];
  const rows = encoding.empties === "drop" ? completeRows(sheet, columnsFor(encoding, sheet)) : all;
  if (rows.length === 0) throw new Error(`${sheet.name}: no row is without an empty cell.`);
  const { x, unknown } = encode(sheet, encoding, rows);
  const listing = withPredictions(listingOf(sheet, all), await predictWith(learner, x), rows);
  const known = truthOf(sheet, sheet.names.indexOf(label), rows, predictsNumbers(learner));
  const score = known && { name: scoreName(learner), value: await scoreWith(learner, x, known) };
  const leftOut = all.length - rows.length;
  return { kind: "table", ...infoOf(sheet.name, listing), leftOut, unknown, ...(score && { score }) };
}

/** Predicts pictures. @throws Error where none could be read. */
export async function predictPictures(
  learner: Learner,
  form: PictureForm,
  files: readonly PictureFile[],
): Promise<PredictedInfo> {
  const { pixels, files: read } = await readPictures(files, form);
  if (read.length === 0) throw new Error(`None of ${files.length} files is a picture.`);
  const x = { data: pixels, shape: [read.length, pixelsOf(form)], unit: 1 / 255 } as const;
  const listing = { header: ["file"], rows: read.map(({ file }) => [file.name]) };
  const predicted = withPredictions(listing, await predictWith(learner, x), [...read.keys()]);
  return { kind: "pictures", ...infoOf("pictures", predicted), leftOut: files.length - read.length, unknown: 0 };
}

/** The sheet with names in its first line if the model's columns are among them, else with numbers as names. */
function namedFor(sheet: Sheet, encoding: Encoding): NamedSheet {
  const numbered = named(sheet, false);
  const fits = encoding.inputs.every(({ name }) => numbered.names.includes(name));
  return fits ? numbered : named(sheet, true);
}

/** What is true of these rows, where column c says it of all. */
function truthOf(sheet: NamedSheet, c: number, rows: readonly number[], asNumber: boolean) {
  const cells = sheet.columns[c];
  const isKnown = (cell: string) =>
    !isEmptyCell(cell) && !(asNumber && Number.isNaN(toNumber(cell, sheet.decimalComma)));
  if (!cells || !rows.every((row) => isKnown(cells[row]!))) return undefined;
  return rows.map((row) => labelAt(sheet, c, row, asNumber));
}

function infoOf(name: string, listing: Listing) {
  const { header, rows } = listing;
  return { name, rows: rows.length, header, preview: rows.slice(0, previewRows), csv: toCsv(listing) };
}
