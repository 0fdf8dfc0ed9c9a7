// The data sets the command line knows: image sets by name, and CSV files.
import { basename } from "node:path";
import { IMAGE_SETS, isImageSetName } from "../data/image_sets.ts";
import { type Table, tableToClassification, tableToRegression } from "../data/table.ts";
import { ConfigError } from "../errors.ts";
import { readTable } from "./csv.ts";
import { type Dataset, type ImageSetOptions, loadImageSet } from "./image_files.ts";

export interface DatasetOptions extends ImageSetOptions {
  /** The label column of a CSV file; required there. */
  readonly label?: string | undefined;
  /** The label column of a CSV file holds numbers to predict, not classes. Default false. */
  readonly regression?: boolean | undefined;
}

/** Loads "mnist", "fashion-mnist" or a .csv file with a header line. */
export async function loadDataset(name: string, options: DatasetOptions = {}): Promise<Dataset> {
  if (isImageSetName(name)) {
    if (options.label !== undefined) {
      throw new ConfigError(`--label ${options.label}: only a .csv file has a label column; drop it for ${name}.`);
    }
    return loadImageSet(IMAGE_SETS[name], options);
  }
  if (/\.csv$/i.test(name)) {
    if (options.dataDir !== undefined) {
      throw new ConfigError(
        `--data-dir ${options.dataDir}: only image sets are looked for in a folder; drop it for ${name}.`,
      );
    }
    return loadCsv(name, options);
  }
  const known = Object.keys(IMAGE_SETS).join(", ");
  throw new ConfigError(`Unknown data set "${name}": expected one of ${known}, or the path of a .csv file.`);
}

async function loadCsv(path: string, { label, regression }: DatasetOptions): Promise<Dataset> {
  const table = await readTable(path);
  const column = labelColumn(table, label, path);
  if (regression) {
    const { x, values, featureNames } = tableToRegression(table, column, path);
    return { name: basename(path), source: path, train: { x, y: values }, featureNames, targetName: column.trim() };
  }
  const { x, labels, classNames, featureNames } = tableToClassification(table, column, path);
  return { name: basename(path), source: path, train: { x, y: labels }, classNames, featureNames };
}

/** The name of the label column. @throws ConfigError that lists the columns where none is given. */
export function labelColumn(table: Table, label: string | undefined, path: string): string {
  if (label !== undefined) return label;
  const columns = table.header.map((column) => `"${column}"`).join(", ");
  throw new ConfigError(`${path}: name the label column with --label. The columns are ${columns}.`);
}
