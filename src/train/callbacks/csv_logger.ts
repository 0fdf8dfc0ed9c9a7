import { checkOptions } from "../../errors.ts";
import type { Callbacks } from "../callbacks.ts";

/** Of `callbacks.csvLogger`. */
export interface CsvLoggerOptions {
  /** Is given each line, the heading first, with its end, "\r\n"; a promise is waited for. */
  write(line: string): unknown;
  /** Between values. Default ",". */
  separator?: string;
  /** True leaves the heading out, to go on with a file. Default false. */
  append?: boolean;
}

/**
 * A table of the epochs: Keras' CSVLogger. First the epoch, from 0, then the values of the logs by sorted names. Where
 * the first epoch was not validated, columns for validation follow, and "NA" stands for what an epoch does not have.
 * @throws ConfigError for an unknown option.
 */
export function csvLogger(options: CsvLoggerOptions): Callbacks {
  checkOptions(options, ["write", "separator", "append"], "callbacks.csvLogger");
  const { separator = ",", append = false } = options;
  const write = (cells: readonly (string | number)[]) => options.write(`${cells.map(quoted).join(separator)}\r\n`);
  // As Python's csv module quotes by default.
  const quoted = (cell: string | number) => {
    const text = String(cell);
    const isPlain = !/["\r\n]/.test(text) && !text.includes(separator);
    return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
  };
  let keys: readonly string[] | undefined;
  let hasHeading = append;
  return {
    onTrainBegin() {
      hasHeading = append;
    },
    async onEpochEnd(epoch, logs) {
      keys ??= columns(logs);
      if (!hasHeading) await write(["epoch", ...keys]);
      hasHeading = true;
      await write([epoch, ...keys.map((key) => logs[key] ?? "NA")]);
    },
  };
}

function columns(logs: Readonly<Record<string, number>>): string[] {
  const keys = Object.keys(logs).sort();
  return keys.some((key) => key.startsWith("val_")) ? keys : [...keys, ...keys.map((key) => `val_${key}`)];
}
