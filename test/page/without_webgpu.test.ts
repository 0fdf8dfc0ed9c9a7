// A browser without WebGPU: what the page says, and the recorded training that it shows.
import { expect, test } from "vitest";
import { chromeFlags } from "../../src/cli/chrome.ts";
import { Visit } from "./browser.ts";
import { press, words } from "./controls.ts";
import { examine } from "./examine.ts";
import { inkOfSeries } from "./pixels.ts";

/** What Chrome itself says of it. */
const ofChrome = /No available adapters|Failed to create WebGPU Context Provider/;

test("without WebGPU the page says so, names browsers that have it, and shows a recorded run", async () => {
  const flags = chromeFlags().filter((flag) => !flag.includes("webgpu"));
  const visit = await Visit.begin("", {
    flags: [...flags, "--disable-gpu"],
    ready: "What is shown here is a recording.",
  });
  try {
    const { page, witness, site } = visit;
    expect(await words(page, "#advice-title")).toContain("WebGPU");
    const browsers = await words(page, "[aria-labelledby=advice-title] ul");
    for (const browser of ["Chrome", "Edge", "Safari", "Firefox"]) expect(browsers).toContain(browser);
    const recorded = "main .recording";
    const ink = await inkOfSeries(page, `${recorded} .charts > :first-child`);
    expect(Math.min(...ink)).toBeGreaterThan(10);
    const cells = await page.$$eval(`${recorded} table tbody tr`, (rows) =>
      rows.map((row) => [...row.children].map(({ textContent }) => Number(textContent))),
    );
    const [epochs, counts] = [cells.slice(0, 20), cells.slice(20)];
    expect(epochs.map(([epoch]) => epoch)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(counts.flatMap(([, ...row]) => row).reduce((sum, count) => sum + count, 0)).toBe(10_000);
    expect(await examine(page, "without-webgpu")).toEqual([]);
    await press(page, "Look for a GPU again");
    expect(await words(page, "header")).toContain("This browser offers no WebGPU.");
    expect(witness.complaints.filter((words) => !ofChrome.test(words))).toEqual([]);
    // The digits are of no use here.
    expect(site.asked.filter(({ path }) => path.includes("mnist"))).toEqual([]);
  } finally {
    await visit.end();
  }
});
