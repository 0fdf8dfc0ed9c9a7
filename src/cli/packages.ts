// Finds what is installed beside this program or beside the user's: packages and the runtimes' programs.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/** Looks in every node_modules above the working folder, then above this file; as Node does, whatever `exports` says. */
export function findPackage(
  name: string,
  from = [process.cwd(), dirname(fileURLToPath(import.meta.url))],
): InstalledPackage | undefined {
  for (const start of from) {
    for (let folder = start; ; folder = dirname(folder)) {
      const candidate = join(folder, "node_modules", name);
      const description = join(candidate, "package.json");
      if (existsSync(description)) {
        const { version } = JSON.parse(readFileSync(description, "utf8")) as { version: string };
        return { folder: candidate, version };
      }
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

/** True when this very process is Deno. */
export const inDeno = "Deno" in globalThis;

/** Node's program: this process's own, else the one on the PATH. */
export function findNode(): string | undefined {
  return inDeno ? findOnPath(["node"]) : process.execPath;
}

/** Deno's program: this process's own, else the package `deno`, else the one on the PATH. */
export function findDeno(): string | undefined {
  if (inDeno) return process.execPath;
  const program = process.platform === "win32" ? "deno.exe" : "deno";
  const libc = process.platform === "linux" ? "-glibc" : "";
  // The package's install script copies the program of the system's own package beside itself; it may not have run.
  for (const name of ["deno", `@deno/${process.platform}-${process.arch}${libc}`]) {
    const found = findPackage(name);
    if (found && existsSync(join(found.folder, program))) return join(found.folder, program);
  }
  return findOnPath(["deno"]);
}

/** The first of these programs that a folder of the PATH holds. */
export function findOnPath(names: string[]): string | undefined {
  const ending = process.platform === "win32" ? ".exe" : "";
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const candidate = join(folder, name + ending);
      if (existsSync(candidate)) return candidate;
    }
  }
  return undefined;
}
