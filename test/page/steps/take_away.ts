// Take it away: a model saved and opened, as a file and in the browser; the history; the settings' link.
import { basename } from "node:path";
import Papa from "papaparse";
import type { ElementHandle, Page } from "puppeteer";
import { expect, test } from "vitest";
import type { Visit } from "../browser.ts";
import { chooseFile, enter, find, press, show, table, until } from "../controls.ts";
import { drawAll, type Scores } from "./draw.ts";

/** What the model is kept as. */
const name = "the test's model";

export function takingAway(visit: () => Visit): void {
  let before: Scores;
  let file: string;

  test("take away: the history as CSV is the table that is shown", async () => {
    const { page, downloads } = visit();
    await show(page, "Train");
    const download = await downloads.of(() => press(page, "Save the history"));
    const { data, errors } = Papa.parse<string[]>(await download.text(), { skipEmptyLines: true });
    expect(errors).toEqual([]);
    const shown = await table(page, "Epochs");
    expect(shown.length).toBe(9); // the head and eight epochs
    expect(data.length).toBe(shown.length);
    expect(data.map((row) => row.map(inWords))).toEqual(shown);
  });

  test("take away: a model goes into a file and into the browser", async () => {
    const { page, downloads } = visit();
    before = await drawAll(page);
    await show(page, "Train");
    const download = await downloads.of(() => press(page, "Save the model"));
    expect(download.name).toMatch(/\.safetensors$/);
    file = download.path;
    await enter(page, "Name", name, "textbox");
    await press(page, "Keep the model");
    await until("the kept model", async () => (await table(page, "Kept models")).some(([kept]) => kept === name), 10);
  });

  test("take away: a page that is opened again has no model; the file's scores every drawing as before", async () => {
    await visit().reload();
    const { page } = visit();
    await show(page, "Train");
    expect(await find(page, "button", "Save the model").then(isDisabled)).toBe(true);
    await chooseFile(page, "Open a model, or drop its file here", file);
    await untilSaid(page, `Opened ${basename(file)}.`);
    expect(await drawAll(page)).toEqual(before);
  });

  test("take away: so does the browser's, after a reload", async () => {
    await visit().reload();
    const { page } = visit();
    await show(page, "Train");
    await press(page, `Open ${name}`);
    await untilSaid(page, `Opened ${name}.`);
    expect(await drawAll(page)).toEqual(before);
  });

  test("take away: the settings' link opens a page with the same settings", async () => {
    const { page } = visit();
    await show(page, "Train");
    const link = await find(page, "textbox", "Link").then((field) =>
      field.evaluate((input) => (input as HTMLInputElement).value),
    );
    const other = await visit().open(link.slice(visit().site.url.length));
    const settings = (of: typeof page) =>
      of.$$eval("#view-train :is(input, select)", (all) => all.map((field) => (field as HTMLInputElement).value));
    expect(await settings(other)).toEqual(await settings(page));
    await other.close();
  });
}

/** Waits for a status of the view that is shown. */
function untilSaid(page: Page, words: string): Promise<void> {
  const statuses = () =>
    page.$$eval("main > section:not([hidden]) [role=status]", (all) => all.map(({ textContent }) => textContent));
  return until(words, async () => (await statuses()).includes(words), 10);
}

/** A value of the file as the table shows it. */
function inWords(value: string): string {
  return /^\d*\.\d/.test(value) ? Number(value).toFixed(4).replace(/^0/, "") : value;
}

function isDisabled(control: ElementHandle<HTMLElement>): Promise<boolean> {
  return control.evaluate((element) => (element as HTMLButtonElement).disabled);
}
