import { join } from "node:path";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { build } from "vite";
import { expect, test } from "vitest";
import { root } from "../build.ts";
import { withPage } from "../gpu/page.ts";

const shots = "/tmp/e9/shots";
const text = (page, sel) => page.$eval(sel, (e) => e.innerText);
const button = (page, name) => page.locator(`::-p-aria([name='${name}'][role='button'])`);
test("table", async () => {
  if (!process.env.NOBUILD) await build({ configFile: join(root, "vite.demo.config.ts"), logLevel: "error" });
  await withPage("demo/dist/index.html#data", async (page, complaints) => {
    await page.setViewport({ width: 1280, height: 900 });
    await page.waitForFunction("document.body.textContent.includes('Ready.')", { timeout: 60_000 });
    await page.screenshot({ path: `${shots}/0.png`, fullPage: true });
    const input = await page.waitForSelector("::-p-xpath(//label[contains(., 'CSV file')]//input)");
    await input.uploadFile(join(root, "demo/worker/table/penguins.csv"));
    await page.waitForSelector("section[aria-label='The table']");
    await page.screenshot({ path: `${shots}/1.png`, fullPage: true });
    const t = Date.now();
    await button(page, "Train on this data").click();
    await page.waitForSelector(".table-figures, [role=alert]", { timeout: 60_000 }).catch(() => {});
    console.log(await text(page, "section[aria-label='Training on your data']"), complaints);
    console.log("train", (Date.now() - t) / 1000, await text(page, "section[aria-label='Result']"));
    await page.screenshot({ path: `${shots}/2.png`, fullPage: true });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.screenshot({ path: `${shots}/3.png`, fullPage: true });
    await page.setViewport({ width: 390, height: 844 });
    await page.screenshot({ path: `${shots}/4.png`, fullPage: true });
    console.log(complaints);
  });
}, 300_000);
