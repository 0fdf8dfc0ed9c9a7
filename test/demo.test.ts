// The page, built and clicked in a headless Chrome.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import { expect, test } from "vitest";
import { root } from "./build.ts";
import { withPage } from "./gpu/page.ts";

test("the page trains on MNIST and asks for nothing but its own files", async () => {
  await build({ configFile: join(root, "vite.demo.config.ts"), logLevel: "error" });
  await withPage("demo/dist/index.html", async (page, complaints) => {
    for (const [name, value] of [
      ["outputDim", "512"],
      ["epochs", "2"],
    ]) {
      await page.$eval(`input[name=${name}]`, (input, text) => Object.assign(input, { value: text }), value);
    }
    await page.click("#train");
    await page.waitForFunction("document.getElementById('status').textContent.startsWith('Test accuracy')", {
      timeout: 120_000,
    });
    const rows = await page.$$eval("#epochs tr", (all) =>
      all.map((row) => [...row.children].map((c) => c.textContent)),
    );
    await mkdir(join(root, "test/.build"), { recursive: true });
    await page.screenshot({ path: join(root, "test/.build/demo.png") });
    expect(rows).toHaveLength(2);
    expect(Number(rows[1]?.[1])).toBeLessThan(Number(rows[0]?.[1]));
    expect(Number(rows[1]?.[4])).toBeGreaterThan(0.88);
    expect(complaints).toEqual([]);
  });
}, 180_000);
