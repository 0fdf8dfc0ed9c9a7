import { DataError } from "../errors.ts";
import type { Matrix } from "./matrix.ts";

/** A parsed table of text cells, such as a CSV file. Names and class labels are taken without surrounding spaces. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
  /** The line of the file each row starts on. Default: row i on line i + 2, the header being line 1. */
  readonly lines?: readonly number[];
}

export interface ClassificationTable {
  /** [rows, features] f32 */
  readonly x: Matrix;
  /** [rows], indices into classNames */
  readonly labels: Int32Array;
  /** Sorted: as numbers if all are numbers, else by code unit. */
  readonly classNames: string[];
  readonly featureNames: string[];
}

export interface RegressionTable {
  /** [rows, features] f32 */
  readonly x: Matrix;
  /** [rows] f32 */
  readonly values: Float32Array;
  readonly featureNames: string[];
}

export interface FeatureChoice {
  /** The model's feature columns, looked up by name; other columns are ignored. */
  readonly featureNames?: readonly string[] | undefined;
  /** The number of features the model takes. Without names, all columns but the label's are taken, in their order. */
  readonly columns: number;
  /** Left out where features are taken by position. The table need not have it. */
  readonly labelColumn?: string | undefined;
}

/**
 * Reads every column but the label's as a feature.
 * @param what names the table in error messages, for instance its file.
 */
export function tableToClassification(table: Table, labelColumn: string, what: string): ClassificationTable {
  const { names, labelIndex, features } = columnsOf(table, labelColumn, what);
  const cells = labelCells(table, labelIndex, what);
  const classNames = sortClasses(new Set(cells), labelColumn, what);
  const index = new Map(classNames.map((name, i) => [name, i]));
  return {
    x: readColumns(table, features, what),
    labels: Int32Array.from(cells, (cell) => index.get(cell) ?? 0),
    classNames,
    featureNames: features.map((i) => names[i] ?? ""),
  };
}

/**
 * Reads every column but the label's as a feature, and the label's as numbers.
 * @param what names the table in error messages, for instance its file.
 */
export function tableToRegression(table: Table, labelColumn: string, what: string): RegressionTable {
  const { names, labelIndex, features } = columnsOf(table, labelColumn, what);
  return {
    x: readColumns(table, features, what),
    values: readColumns(table, [labelIndex], what).data as Float32Array,
    featureNames: features.map((i) => names[i] ?? ""),
  };
}

/** The label column as numbers, [rows] f32. */
export function valuesOf(table: Table, labelColumn: string, what: string): Float32Array {
  const labelIndex = labelIndexOf(checkHeader(table, what), labelColumn, what);
  checkRows(table, what);
  return readColumns(table, [labelIndex], what).data as Float32Array;
}

/** The features a trained model takes, [rows, columns] f32: by name where its names are known, else by position. */
export function tableToFeatures(table: Table, choice: FeatureChoice, what: string): Matrix {
  const names = checkHeader(table, what);
  const { featureNames, columns, labelColumn } = choice;
  let features: number[];
  if (featureNames) {
    features = featureNames.map((name) => names.indexOf(name));
    const missing = featureNames.filter((_, i) => features[i] === -1);
    if (missing.length > 0) {
      throw new DataError(
        `${what}: the model's feature columns ${quoted(missing)} are missing; the columns are ${quoted(names)}. ` +
          `Name them in the header as in the training data.`,
      );
    }
  } else {
    features = names.map((_, i) => i).filter((i) => names[i] !== labelColumn?.trim());
  }
  if (features.length !== columns) {
    throw new DataError(
      `${what}: the model takes ${columns} features, but there are ${features.length} feature columns: ` +
        `${quoted(features.map((i) => names[i] ?? ""))}. Give the same columns as in training.`,
    );
  }
  checkRows(table, what);
  return readColumns(table, features, what);
}

/** The label column as indices into a model's class names. */
export function labelsOf(table: Table, labelColumn: string, classNames: readonly string[], what: string): Int32Array {
  const labelIndex = labelIndexOf(checkHeader(table, what), labelColumn, what);
  checkRows(table, what);
  const index = new Map(classNames.map((name, i) => [name, i]));
  return Int32Array.from(labelCells(table, labelIndex, what), (cell, row) => {
    const label = index.get(cell);
    if (label === undefined) {
      throw new DataError(
        `${what}, line ${lineOf(table, row)}, column "${labelColumn}": the model does not know the class "${cell}". ` +
          `Its classes are ${quoted(classNames)}.`,
      );
    }
    return label;
  });
}

/** The label's column and all others, the features, of a table whose rows are whole. */
function columnsOf(table: Table, labelColumn: string, what: string) {
  const names = checkHeader(table, what);
  const labelIndex = labelIndexOf(names, labelColumn, what);
  const features = names.map((_, i) => i).filter((i) => i !== labelIndex);
  if (features.length === 0) {
    throw new DataError(`${what}: expected at least one feature column beside the label "${labelColumn}", found none.`);
  }
  checkRows(table, what);
  return { names, labelIndex, features };
}

function checkHeader(table: Table, what: string): string[] {
  const names = table.header.map((name) => name.trim());
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new DataError(
      `${what}: the column name "${repeated}" stands more than once in the header; names must differ. ` +
        `Is line 1 a header at all?`,
    );
  }
  return names;
}

function labelIndexOf(names: readonly string[], labelColumn: string, what: string): number {
  const index = names.indexOf(labelColumn.trim());
  if (index === -1) {
    throw new DataError(`${what}: there is no label column "${labelColumn}". The columns are ${quoted(names)}.`);
  }
  return index;
}

function checkRows(table: Table, what: string): void {
  if (table.rows.length === 0) throw new DataError(`${what}: expected at least one row below the header, found none.`);
  table.rows.forEach((row, i) => {
    if (row.length !== table.header.length) {
      throw new DataError(
        `${what}, line ${lineOf(table, i)}: expected ${table.header.length} cells as in the header, found ${row.length}.`,
      );
    }
  });
}

function labelCells(table: Table, column: number, what: string): string[] {
  return table.rows.map((row, i) => {
    const cell = row[column]?.trim() ?? "";
    if (cell === "") {
      throw new DataError(
        `${what}, line ${lineOf(table, i)}, column "${table.header[column]?.trim()}": the label is empty. ` +
          `Fill it in or drop the row.`,
      );
    }
    return cell;
  });
}

function sortClasses(classes: ReadonlySet<string>, labelColumn: string, what: string): string[] {
  const names = [...classes];
  if (names.length < 2) {
    throw new DataError(`${what}, column "${labelColumn}": expected at least 2 classes, found only ${quoted(names)}.`);
  }
  if (!names.every((name) => Number.isFinite(Number(name)))) return names.sort(); // by code unit
  names.sort((a, b) => Number(a) - Number(b));
  const same = names.findIndex((name, i) => i > 0 && Number(name) === Number(names[i - 1]));
  if (same > 0) {
    throw new DataError(
      `${what}, column "${labelColumn}": the classes ${quoted(names.slice(same - 1, same + 1))} are the same number ` +
        `written differently. Write each class in one way.`,
    );
  }
  return names;
}

function readColumns(table: Table, columns: readonly number[], what: string): Matrix {
  const data = new Float32Array(table.rows.length * columns.length);
  let i = 0;
  table.rows.forEach((row, r) => {
    for (const column of columns) {
      const cell = row[column] ?? "";
      data[i] = Number(cell);
      // Number("") is 0, so zeros need a second look; an overflow of float32 shows as infinity here.
      if (!Number.isFinite(data[i]) || (data[i] === 0 && cell.trim() === "")) {
        throw new DataError(
          `${what}, line ${lineOf(table, r)}, column "${table.header[column]?.trim()}": expected a finite float32 ` +
            `number, found ${cell.trim() === "" ? "an empty cell" : JSON.stringify(cell)}. ` +
            `Replace it, or drop the row or the column.`,
        );
      }
      i++;
    }
  });
  return { data, shape: [table.rows.length, columns.length] };
}

function lineOf(table: Table, row: number): number {
  return table.lines?.[row] ?? row + 2;
}

/** At most 20 names, so that a wide table does not drown the message. */
function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return shown.join(", ") + (names.length > shown.length ? `, ... (${names.length} in all)` : "");
}

/** Per column of the values `data * unit`; scale is the population's standard deviation. */
export interface Standardization {
  /** [columns] */
  readonly mean: Float32Array;
  /** [columns], above 0 */
  readonly scale: Float32Array;
}

/**
 * Mean and standard deviation of each column, accumulated in float64. A constant column gets scale 1:
 * `data`'s 24-bit values sum exactly (below 2^29 rows), so its mean is exact and its deviation exactly 0.
 */
export function standardization(x: Matrix): Standardization {
  const [rows, columns] = x.shape;
  const unit = x.unit ?? 1;
  const mean = new Float64Array(columns); // of `data`, without the unit
  forEachValue(x, (value, column) => {
    mean[column] = (mean[column] ?? 0) + value;
  });
  for (let column = 0; column < columns; column++) mean[column] = (mean[column] ?? 0) / rows;
  const squares = new Float64Array(columns);
  forEachValue(x, (value, column) => {
    squares[column] = (squares[column] ?? 0) + (value - (mean[column] ?? 0)) ** 2;
  });
  return {
    mean: Float32Array.from(mean, (value) => value * unit),
    // || 1 after rounding, so that a deviation too small for float32 does not become a division by 0.
    scale: Float32Array.from(squares, (total) => Math.fround(unit * Math.sqrt(total / rows)) || 1),
  };
}

/** (x - mean) / scale as a new matrix [rows, columns] f32. */
export function standardize(x: Matrix, { mean, scale }: Standardization): Matrix {
  const [rows, columns] = x.shape;
  if (mean.length !== columns || scale.length !== columns) {
    throw new DataError(
      `standardize: the matrix has ${columns} columns, but mean has ${mean.length} and scale ${scale.length} values.`,
    );
  }
  const unit = x.unit ?? 1;
  const data = new Float32Array(rows * columns);
  let i = 0;
  forEachValue(x, (value, column) => {
    data[i++] = (value * unit - (mean[column] ?? 0)) / (scale[column] ?? 1);
  });
  return { data, shape: [rows, columns] };
}

function forEachValue(x: Matrix, visit: (value: number, column: number) => void): void {
  const columns = x.shape[1];
  let column = 0;
  for (const value of x.data) {
    visit(value, column);
    column = column + 1 === columns ? 0 : column + 1;
  }
}
