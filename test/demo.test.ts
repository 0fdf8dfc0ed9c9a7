// The page, built and clicked in a headless Chrome.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import puppeteer from "puppeteer";
import { build } from "vite";
import { expect, test } from "vitest";
import { chromeFlags, findChrome } from "../src/cli/chrome.ts";
import { root } from "./build.ts";
import { serveFiles } from "./gpu/server.ts";

test("the page trains on MNIST and asks for nothing but its own files", async () => {
  await build({ configFile: join(root, "vite.demo.config.ts"), logLevel: "error" });
  const server = await serveFiles();
  const browser = await puppeteer.launch({ executablePath: await findChrome(), args: chromeFlags() });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) complaints.push(request.url());
    });
    await page.goto(`${server.url}/demo/dist/index.html`);
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
  } finally {
    await browser.close();
    server.close();
  }
}, 180_000);
