// Whether things stay where they are.
import type { Page } from "puppeteer";
import { expect } from "vitest";

/** Panels, headings and controls of the view that is shown. */
const main = "main > section:not([hidden]) :is(.panel, h2, h3, button, input, select, dl > div)";

/** Begins to watch where the main elements are. */
export async function watchLayout(page: Page): Promise<{ expectStill(): Promise<void> }> {
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { layoutShifts: shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shifts.push(entry.value);
      }
    }).observe({ type: "layout-shift" });
  });
  const before = await places(page);
  return {
    expectStill: async () => {
      expect(await places(page)).toEqual(before);
      const shifts = (await page.evaluate("layoutShifts")) as number[];
      expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.001);
    },
  };
}

/** Where each is in the document, and its size, in whole pixels. */
function places(page: Page): Promise<string[]> {
  return page.$$eval(main, (all) =>
    all.map((element, i) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const place = [left + scrollX, top + scrollY, width, height].map(Math.round).join(" ");
      return `${i} ${element.tagName.toLowerCase()}.${element.className}: ${place}`;
    }),
  );
}
