// The folder for what is unpacked once and kept: the embedded adapter, the packaged Chromium, data sets.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** This program's cache folder, after each system's custom. */
export function cacheFolder(platform = process.platform, environment = process.env, home = homedir()): string {
  if (platform === "win32") return join(environment.LOCALAPPDATA || join(home, "AppData", "Local"), "quasi-svm");
  if (platform === "darwin") return join(home, "Library", "Caches", "quasi-svm");
  return join(environment.XDG_CACHE_HOME || join(home, ".cache"), "quasi-svm");
}

/**
 * The folder `name` of the cache, filled by `fill` when it is not there yet. It is filled under another name and
 * renamed when whole, so that a process that dies half-way, or two at once, never leave half a folder.
 */
export async function unpackOnce(
  name: string,
  fill: (folder: string) => Promise<void>,
  cache = cacheFolder(),
): Promise<string> {
  const target = join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(`${target}.`);
  try {
    await fill(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process was faster; its folder is as good.
    if (!existsSync(target)) throw error;
  }
  return target;
}
