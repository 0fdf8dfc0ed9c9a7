// A GPU that is lost in the middle of a training: the page says so, and goes on from the last epoch that it kept.
import { expect, test } from "vitest";
import { Visit } from "./browser.ts";
import { press, until, words } from "./controls.ts";
import { examine } from "./examine.ts";
import { inkOfSeries } from "./pixels.ts";
import { epochOf, epochRows, hasEnded } from "./steps/train.ts";

/** What Chrome itself says of a lost GPU. */
const ofChrome = /A valid external Instance reference no longer exists/;

test("a lost GPU is said so, and the training goes on to its last epoch", async () => {
  const visit = await Visit.begin("#train?outputDim=1024&rows=8000&epochs=20&learningRate=0.002");
  try {
    const { page, browser, witness } = visit;
    await press(page, "Train");
    // Epochs as short as these are not all kept; by then more than the first one is.
    await until("the twelfth epoch", async () => (await epochOf(page)) >= 12);
    const session = await browser.target().createCDPSession();
    await session.send("Browser.crashGpuProcess");
    await page.waitForSelector(".lost", { timeout: 20_000 });
    const alert = await words(page, ".lost");
    expect(alert).toMatch(/^The GPU was lost/);
    const done = await epochRows(page);
    expect(done.length).toBeGreaterThanOrEqual(2);
    // What was painted on canvases is lost with the GPU.
    const inks = () =>
      Promise.all(["Loss", "Accuracy"].map((name) => inkOfSeries(page, `.curves [aria-label=${name}]`)));
    await until("both curves again", async () => Math.min(...(await inks()).flat()) > 10, 5);
    expect(await examine(page, "lost")).toEqual([]);
    await press(page, `Go on from epoch ${done.length + 1}`);
    // From that epoch, that is, and not from the first: the table never grows shorter.
    const lengths = [done.length];
    const noteLength = async () => lengths.push((await epochRows(page)).length);
    await until("its end", async () => (await noteLength()) > 0 && (await hasEnded(page)), 60);
    expect(Math.min(...lengths)).toBe(done.length);
    expect(await page.$(".lost")).toBeNull();
    const rows = await epochRows(page);
    expect(rows.map(([epoch]) => epoch)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(rows.slice(0, done.length)).toEqual(done);
    // It goes on from where it was: the next epoch's loss is below the last one's, not above the first one's.
    expect(rows[done.length]![1]).toBeLessThan(done.at(-1)![1]!);
    expect(witness.complaints.filter((words) => !ofChrome.test(words))).toEqual([]);
    expect(witness.uncalledFor(visit.site.url)).toEqual([]);
  } finally {
    await visit.end();
  }
});
