// Files as the command line reads and writes them.
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError, DataError } from "../errors.ts";

/** @throws DataError where the file can't be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new DataError(`${path}: the file can't be read (${reasonOf(cause)}).`, { cause });
  }
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
  const there = await stat(path).catch(() => undefined);
  if (there && !there.isFile()) throw new ConfigError(`${path} is there and not a file; name another.`);
}

/** Writes to a temporary file in the same folder, flushes it, then renames it. @throws DataError where it can't. */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(resolve(path)), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new DataError(`${path}: the file can't be written (${reasonOf(cause)}). What was there is unchanged.`, {
      cause,
    });
  }
}

/** fetch says only "fetch failed" and keeps the reason in `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
