import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `import source from "x.wgsl" with { type: "text" }`, which Deno knows by itself. */
export function wgslText(): Plugin {
  return {
    name: "wgsl-text",
    transform: {
      filter: { id: /\.wgsl$/ },
      handler: (code) => ({ code: `export default ${JSON.stringify(code)};`, map: null, moduleType: "js" }),
    },
  };
}

/** One self-contained file in dist/, readable, with the imports named in `external` left as they are. */
function bundle(name: string, consumer: "client" | "server", external: (string | RegExp)[] = []) {
  return {
    consumer,
    resolve: { noExternal: true as const },
    build: {
      outDir: "dist",
      // The library is built first.
      emptyOutDir: consumer === "client",
      minify: false,
      target: consumer === "server" ? "node20" : "es2023",
      rolldownOptions: {
        input: { [name]: fromRoot(`src/${name}.ts`) },
        external,
        preserveEntrySignatures: "strict" as const,
        platform: consumer === "server" ? ("node" as const) : ("neutral" as const),
        output: { format: "es" as const, entryFileNames: "[name].js", codeSplitting: false },
      },
    },
  };
}

export default defineConfig({
  plugins: [wgslText()],
  publicDir: false,
  logLevel: "warn",
  environments: {
    library: bundle("index", "client"),
    cli: bundle("cli", "server", [/^node:/, "webgpu", "@sparticuz/chromium"]),
  },
  builder: {
    async buildApp(builder) {
      await builder.build(builder.environments.library!);
      await builder.build(builder.environments.cli!);
      chmodSync(fromRoot("dist/cli.js"), 0o755); // npx runs it as a program
    },
  },
});
