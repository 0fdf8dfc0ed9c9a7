// The built page's scripts, as a server sends them.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../build.ts";

/** Bytes of every script of demo/dist, packed by gzip, by name. */
export async function packedScripts(): Promise<Map<string, number>> {
  const folder = join(root, "demo/dist");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js"));
  const sizes = names.map(async (name) => [name, gzipSync(await readFile(join(folder, name))).length] as const);
  return new Map(await Promise.all(sizes));
}
