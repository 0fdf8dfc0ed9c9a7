// Which kernels suit an adapter, as the command line remembers and tells it: a file for each in the cache folder.
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tuned, TuningStore } from "../index.ts";
import { cacheFolder } from "./cache.ts";
import { writeAtomically } from "./files.ts";

export function tuningStore(folder = join(cacheFolder(), "tuning")): TuningStore {
  const file = (key: string) => join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 16)}.json`);
  return {
    read: (key) => readFile(file(key), "utf8").catch(() => undefined),
    write: async (key, text) => {
      await mkdir(folder, { recursive: true });
      await writeAtomically(file(key), text);
    },
  };
}

/** Which kernels were chosen, and how. */
export function kernelsInWords({ product, rows, source, measured }: Tuned): string {
  const how = measured ? `measured in ${Math.round(measured.total)} ms` : source;
  return `products by ${product.tile} over ${product.place}s, features in a ${rows} (${how})`;
}
