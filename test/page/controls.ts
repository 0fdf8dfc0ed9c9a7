// The page's controls by what a screen reader calls them, worked as a visitor works them.
import type { ElementHandle, Page } from "puppeteer";

/** Of what is shown: views that are not are in the page, too. */
function named(role: string, name: string): string {
  return `:is(header, main > :not([hidden])) ::-p-aria([name=${JSON.stringify(name)}][role="${role}"])`;
}

/** Waits for the control that is shown. @param role as ARIA names it. */
export async function find(page: Page, role: string, name: string): Promise<ElementHandle<HTMLElement>> {
  const found = await page.waitForSelector(named(role, name), { timeout: 10_000 }).catch((error: Error) => {
    throw new Error(`No ${role} "${name}" is shown: ${error.message}`);
  });
  return found as ElementHandle<HTMLElement>;
}

/** Clicks a button, in its middle, once it can be clicked. */
export async function press(page: Page, name: string, role = "button"): Promise<void> {
  await page
    .locator(named(role, name))
    .setTimeout(10_000)
    .click()
    .catch((error: Error) => {
      throw new Error(`No ${role} "${name}" can be clicked: ${error.message}`);
    });
}

/** Opens a view by its link. */
export async function show(page: Page, view: string): Promise<void> {
  await press(page, view, "link");
}

/** Types a value in place of what a field holds, and leaves the field. */
export async function enter(page: Page, name: string, value: string | number, role = "spinbutton"): Promise<void> {
  const field = await find(page, role, name);
  await field.click({ count: 3 });
  await page.keyboard.type(String(value));
  await page.keyboard.press("Tab");
}

/** Gives a file to the field with a label, as its dialog would. */
export async function chooseFile(page: Page, label: string, path: string): Promise<void> {
  const field = await page.waitForSelector(`main > section:not([hidden]) label ::-p-text(${label})`);
  const input = await field?.evaluateHandle((element) => element.closest("label")?.control as HTMLInputElement);
  await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
}

/** Chooses from a list, by the words that are shown. */
export async function choose(page: Page, name: string, words: string): Promise<void> {
  const list = await find(page, "combobox", name);
  const value = await list.evaluate(
    (element, words) => [...(element as HTMLSelectElement).options].find(({ text }) => text === words)?.value,
    words,
  );
  if (value === undefined) throw new Error(`"${name}" offers no "${words}".`);
  await list.select(value);
}

/** The texts of a table of the view that is shown, row by row, its head first. @param label of the box around it. */
export function table(page: Page, label: string): Promise<string[][]> {
  return page.$$eval(`main > section:not([hidden]) [aria-label=${JSON.stringify(label)}] tr`, (rows) =>
    rows.map((row) => [...(row as HTMLTableRowElement).cells].map(({ textContent }) => textContent.trim())),
  );
}

/** The words of an element. */
export function words(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => element.textContent.trim());
}

/** Waits until something holds of the page. */
export async function until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`After ${seconds} s the page does not show: ${what}`);
    await pause(50);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
