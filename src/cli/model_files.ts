// Saved models as files: read whole, and written so that a crash never costs the file that was there.
import { constants } from "node:fs";
import { access, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError, DataError } from "../errors.ts";
import { Sequential } from "../index.ts";

/** @throws DataError where the file can't be read, FormatError where it is not a model. */
export async function readModel(path: string): Promise<Sequential> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new DataError(`${path}: the model can't be read (${(cause as Error).message}).`, { cause });
  }
  return Sequential.load(bytes, { what: path });
}

/** Checks before a long job that its result can be written. @throws ConfigError that says what to do. */
export async function checkWritable(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new ConfigError(`${path}: the folder ${folder} is not there or not writable; create it or name another.`, {
      cause,
    });
  }
}

/** Writes to a temporary file in the same folder, flushes it, then renames it. */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(resolve(path)), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
