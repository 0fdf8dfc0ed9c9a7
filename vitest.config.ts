import { defineConfig } from "vitest/config";
import { wgslText } from "./vite.config.ts";

export default defineConfig({
  plugins: [wgslText()],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/page/**"], // minutes long: npm run test:page
    // The runtimes share the machine's cores and its adapter: one file at a time.
    fileParallelism: false,
    reporters: ["test/reporter.ts"],
    globalSetup: ["test/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
