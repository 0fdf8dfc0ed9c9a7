// `npm run test:page`: the page, clicked through in a headless Chrome. It takes minutes, so `npm test` leaves it out.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { wgslText } from "../../vite.config.ts";

export default defineConfig({
  plugins: [wgslText()],
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/page/*.test.ts"],
    fileParallelism: false,
    reporters: ["test/reporter.ts"],
    globalSetup: ["test/page/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
