// Builds what tests run: the GPU cases as one file a runtime, and the package itself.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "vite";
import { wgslText } from "../vite.config.ts";

/** The repository's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

// package.json says that no file has side effects, which is true of src/; importing a suite declares its cases.
const casesAreEffects: Plugin = {
  name: "cases-are-effects",
  transform: { filter: { id: /\/test\// }, handler: (code) => ({ code, map: null, moduleSideEffects: true }) },
};

/** Bundles a file for a runtime that does not read TypeScript; gives the bundle's path from the root. */
export async function bundle(input: string, name: string, runtime: "node" | "chrome"): Promise<string> {
  await build({
    configFile: false,
    root,
    logLevel: "error",
    publicDir: false,
    plugins: [wgslText(), casesAreEffects],
    ssr: { noExternal: true },
    build: {
      ssr: runtime === "node",
      outDir: "test/.build",
      emptyOutDir: false,
      minify: false,
      sourcemap: "inline",
      target: runtime === "node" ? "node20" : "es2023",
      rolldownOptions: {
        input: { [name]: input },
        output: { entryFileNames: "[name].js", codeSplitting: false },
      },
    },
  });
  return `test/.build/${name}.js`;
}

/** Builds dist/. */
export async function buildPackage(): Promise<void> {
  await promisify(execFile)("npm", ["run", "build"], { cwd: root });
}

/** Builds demo/dist/, as a visitor gets it: vitest's own NODE_ENV would leave the service worker out. */
export async function buildPage(): Promise<void> {
  const { NODE_ENV: _, ...env } = process.env;
  await promisify(execFile)("npm", ["run", "build:demo"], { cwd: root, env });
}
