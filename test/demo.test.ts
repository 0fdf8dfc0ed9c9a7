// The page at its shortest: built and clicked in a headless Chrome. `npm run test:page` goes through all of it.
import { expect, test } from "vitest";
import { buildPage } from "./build.ts";
import { withPage } from "./gpu/page.ts";

test("the page trains on a slice of MNIST and asks for nothing but its own files", async () => {
  await buildPage();
  await withPage("demo/dist/index.html#train?outputDim=512&epochs=2&rows=6000", async (page, complaints) => {
    await page.waitForFunction("document.body.textContent.includes('Ready.')", { timeout: 60_000 });
    await page.locator("::-p-aria([name='Train'][role='button'])").click();
    await page.waitForSelector(".epochs tbody tr:nth-child(2)", { timeout: 60_000 });
    const rows = await page.$$eval(".epochs tbody tr", (all) =>
      all.map((row) => [...row.children].map(({ textContent }) => Number(textContent))),
    );
    expect(rows[1]?.[1]).toBeLessThan(rows[0]?.[1] as number);
    expect(complaints).toEqual([]);
  });
}, 180_000);
