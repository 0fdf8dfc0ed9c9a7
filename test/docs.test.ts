import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application, Logger, LogLevel, TSConfigReader } from "typedoc";
import { expect, test } from "vitest";
import { root } from "./build.ts";

/** What `npm run docs` has to say against an entry point. */
async function complaints(options: { entryPoints?: string[]; tsconfig?: string } = {}): Promise<string[]> {
  const found: string[] = [];
  class Listener extends Logger {
    override log(message: string, level: LogLevel): void {
      if (level >= LogLevel.Warn) found.push(message);
    }
  }
  const { $schema: _, ...settings } = JSON.parse(readFileSync(join(root, "typedoc.json"), "utf8"));
  const app = await Application.bootstrap({ ...settings, ...options }, [new TSConfigReader()]);
  app.logger = new Listener();
  const project = await app.convert();
  if (project) app.validate(project);
  return found;
}

test("every symbol, option and method that src/index.ts exports has a docstring", async () => {
  expect(await complaints()).toEqual([]);
});

const library = `
/** Hidden, but named below. */
interface Hidden {
  /** Its name. */
  name: string;
}
/** Of \`make\`. */
export interface Options {
  /** How many. Default 1. */
  count?: number;
  size?: number;
}
export interface Bare {
  /** Nothing to see but {@link Missing}. */
  field: string;
}
/** Does. */
export class Doer {
  /** Made. */
  constructor() {}
  do(): void {}
  /** @internal */
  inner(): void {}
}
/** Makes. */
export function make(_: Options): Hidden { return { name: "" }; }
export const all = {};
`;

test("what lacks a docstring is named, and so are a type that is not exported and a link to nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "quasi-svm-docs-"));
  try {
    const [index, tsconfig] = [join(folder, "index.ts"), join(folder, "tsconfig.json")];
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "library" }));
    writeFileSync(index, library);
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { types: [] }, files: [index] }));
    const found = await complaints({ entryPoints: [index], tsconfig });
    const named = ["Hidden", "Missing", "Options.size", "Bare", "Doer.do", "all"];
    expect(named.filter((name) => !found.some((line) => line.includes(name)))).toEqual([]);
    expect(found).toHaveLength(named.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
