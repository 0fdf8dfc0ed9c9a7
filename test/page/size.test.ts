import { expect, test } from "vitest";
import { packedScripts } from "./scripts.ts";

test("all scripts of the page, packed, are below 300 kB", async () => {
  const scripts = await packedScripts();
  // The page's own, its worker's and the service worker.
  expect(scripts.size).toBeGreaterThanOrEqual(3);
  const total = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  console.log(`   ${[...scripts].map(([name, size]) => `${name} ${size}`).join(", ")}: ${total} bytes, packed`);
  expect(total).toBeLessThan(300_000);
});
