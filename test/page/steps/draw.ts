// Draw: digits drawn with the mouse, and what the model takes them for.
import type { Page } from "puppeteer";
import { expect, test } from "vitest";
import type { Visit } from "../browser.ts";
import { find, pause, press, show, until } from "../controls.ts";
import { draw, firstOfEachClass } from "../digits.ts";
import { epochOf, forget, phase } from "./train.ts";

/** What the page says of each of the ten digits. */
export type Scores = readonly (readonly string[])[];

/** While the model learns. */
export function drawingMeanwhile(visit: () => Visit): void {
  test("draw: the scores of a drawing change while the model learns, and rest while it pauses", async () => {
    const { page } = visit();
    await forget(page);
    await press(page, "Train");
    await until("the first epoch", async () => (await epochOf(page)) >= 1);
    await show(page, "Draw");
    await thinPen(page);
    await draw(page, await sheetOf(page), (await firstOfEachClass())[3]!);
    const seen = new Set<string>();
    await until("other scores", async () => seen.add((await scoresOf(page)).join()).size > 5, 10);
    await show(page, "Train");
    await press(page, "Pause");
    await until("that it is paused", async () => (await phase(page)).startsWith("Paused"), 5);
    await show(page, "Draw");
    const held = await settled(page);
    expect(held.every((score) => score !== "")).toBe(true);
    await pause(700);
    expect(await scoresOf(page)).toEqual(held);
    await press(page, "Clear");
    await forget(page);
  });
}

export function drawing(visit: () => Visit): void {
  test("draw: of the first test digit of each class, drawn with the mouse, at least 8 of 10 are read rightly", async () => {
    const { page } = visit();
    const scores = await drawAll(page);
    const taken = scores.map((own) => own.map(Number)).map((own) => own.indexOf(Math.max(...own)));
    console.log(`   drawn 0 to 9, taken for ${taken.join(" ")}`);
    expect(taken.filter((winner, label) => winner === label).length).toBeGreaterThanOrEqual(8);
    // One stays, for the picture.
    await draw(page, await sheetOf(page), (await firstOfEachClass())[3]!);
    await settled(page);
  });
}

/** Draws the ten digits one after the other. @returns the scores shown for each, in the page's words. */
export async function drawAll(page: Page): Promise<Scores> {
  await show(page, "Draw");
  await thinPen(page);
  const sheet = await sheetOf(page);
  if (await page.$("#view-draw [aria-label^='The drawing']")) await press(page, "Clear");
  const all: string[][] = [];
  for (const digit of await firstOfEachClass()) {
    await draw(page, sheet, digit);
    await until("scores", async () => (await scoresOf(page)).every((score) => score !== ""), 10);
    all.push(await settled(page));
    await press(page, "Clear");
    await until("no scores", async () => (await scoresOf(page)).every((score) => score === ""), 5);
  }
  return all;
}

function sheetOf(page: Page) {
  return find(page, "image", "Sheet to draw a digit on");
}

/** The scores that are shown, once they have come to rest. */
async function settled(page: Page): Promise<string[]> {
  let last = await scoresOf(page);
  for (let same = 0; same < 3; ) {
    await pause(100);
    const next = await scoresOf(page);
    same = next.join() === last.join() ? same + 1 : 0;
    last = next;
  }
  return last;
}

function scoresOf(page: Page): Promise<string[]> {
  return page.$$eval(".bars tbody tr", (rows) =>
    rows.map(({ lastElementChild }) => lastElementChild?.textContent ?? ""),
  );
}

/** By the keyboard: to the slider's lower end. */
async function thinPen(page: Page): Promise<void> {
  const pen = await page.waitForSelector("::-p-aria([role='slider'])");
  await pen?.focus();
  await page.keyboard.press("Home");
}
