// Your data: a table of penguins, chosen and dropped, trained on and predicted; and one that is no table.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import type { Page } from "puppeteer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../build.ts";
import type { Visit } from "../browser.ts";
import { choose, chooseFile, press, show, table, until, words } from "../controls.ts";

/** Of the penguins, as vega-datasets calls them. */
const label = "Species";
const result = "#view-data [aria-label=Result]";

export function ownData(visit: () => Visit): void {
  let folder: string;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "quasi-svm-table-"));
    const penguins = JSON.parse(await readFile(join(root, "node_modules/vega-datasets/data/penguins.json"), "utf8"));
    for (const name of ["chosen.csv", "dropped.csv"]) await writeFile(file(name), Papa.unparse(penguins));
    await writeFile(file("broken.csv"), 'Species,Beak\nAdelie,"39\nGentoo,46,47\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("your data: a chosen table trains to an accuracy above .9, and its predictions come as a file", async () => {
    const { page, downloads } = visit();
    await show(page, "Your data");
    await chooseFile(page, "CSV file", file("chosen.csv"));
    const accuracy = await trainedAccuracy(page, "chosen.csv");
    expect(accuracy).toBeGreaterThan(0.9);
    const counts = (await table(page, "Confusion matrix")).slice(1).map((row) => row.slice(1).map(Number));
    const tested = counts.flat().reduce((sum, count) => sum + count, 0);
    expect(accuracy).toBeCloseTo(counts.reduce((sum, row, i) => sum + row[i]!, 0) / tested, 4);
    const download = await downloads.of(() => press(page, "Download test predictions (CSV)"));
    const { data, errors } = Papa.parse<Record<string, string>>(await download.text(), {
      header: true,
      skipEmptyLines: true,
    });
    expect(errors).toEqual([]);
    expect(data.length).toBe(tested);
    expect(data.filter((row) => row[label] === row.predicted).length / tested).toBeCloseTo(accuracy, 4);
  });

  test("your data: what is no table is said so, and what was there stays", async () => {
    const { page } = visit();
    const before = await words(page, result);
    await dropFile(page, file("broken.csv"));
    const alert = await page.waitForSelector("#view-data [role=alert]");
    expect(await alert?.evaluate((element) => element.textContent)).toMatch(/broken\.csv/);
    expect(await words(page, result)).toBe(before);
  });

  test("your data: a dropped table trains, too", async () => {
    const { page } = visit();
    await press(page, "Discard the model");
    await until("no result", async () => (await page.$(result)) === null, 5);
    await dropFile(page, file("dropped.csv"));
    expect(await trainedAccuracy(page, "dropped.csv")).toBeGreaterThan(0.9);
    expect(await page.$("#view-data [role=alert]")).toBeNull();
  });
}

/** Trains on a table that is being opened. */
async function trainedAccuracy(page: Page, name: string): Promise<number> {
  const title = "#view-data [aria-label='The table'] h2";
  await page.waitForSelector(title);
  await until(name, async () => (await words(page, title)) === name, 10);
  await choose(page, "Predict the column", label);
  await press(page, "Train on this data");
  await until("the result", async () => (await page.$(result)) !== null, 60);
  return Number(/Test accuracy(\.\d{4}|1\.0000)/.exec(await words(page, result))?.[1]);
}

/** Drops a file as from the desktop. */
async function dropFile(page: Page, path: string): Promise<void> {
  const place = await page.$("#view-data .table-drop");
  await place?.scrollIntoView();
  const box = (await place?.boundingBox())!;
  const session = await page.createCDPSession();
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: box.x + 20, y: box.y + 20, data });
  }
  await session.detach();
}
