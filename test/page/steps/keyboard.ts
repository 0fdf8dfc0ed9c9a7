// The page without a mouse.
import type { Page } from "puppeteer";
import { expect, test } from "vitest";
import type { Visit } from "../browser.ts";
import { enter, show, until, words } from "../controls.ts";
import { hasEnded } from "./train.ts";

/** The views, and a control of each that needs no model. */
const views = [
  ["Your data", "Try 344 penguins"],
  ["Plane", "Points of the plane"],
  ["Draw", "Take a test digit"],
  ["Look", "Measure"],
  ["Train", "Train"],
] as const;

export function byKeyboard(visit: () => Visit): void {
  test("keyboard: Tab comes to Train, and Enter trains", async () => {
    const { page } = visit();
    await show(page, "Train");
    await enter(page, "Epochs", 1);
    await tabTo(page, "button", "Train");
    await page.keyboard.press("Enter");
    await until("its end", () => hasEnded(page), 60);
  });

  test("keyboard: Tab comes to every view, Enter opens it, and Tab goes on into it", async () => {
    const { page } = visit();
    for (const [view, control] of views) {
      await tabTo(page, "a", view);
      await page.keyboard.press("Enter");
      await until(view, async () => (await words(page, "[aria-current=page]")) === view, 5);
      expect(await page.$eval("main > section:not([hidden])", (section) => section.ariaLabel)).toBe(view);
      await tabTo(page, "main *", control);
    }
  });
}

/** From wherever the focus is: behind the last control comes the first one. */
async function tabTo(page: Page, selector: string, name: string): Promise<void> {
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(
      (selector, name) => {
        const focused = document.activeElement;
        return focused?.matches(selector) && (focused.ariaLabel ?? focused.textContent) === name;
      },
      selector,
      name,
    );
    if (found) return;
  }
  throw new Error(`A hundred and fifty times Tab did not come to "${name}".`);
}
