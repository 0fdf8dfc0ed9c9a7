// Look: what the model makes of the 10,000 test digits, and what its settings come to.

import type { Page } from "puppeteer";
import { expect, test } from "vitest";
import type { Visit } from "../browser.ts";
import { enter, press, show, table, until, words } from "../controls.ts";
import { inkOfSeries } from "../pixels.ts";

export function looking(visit: () => Visit): void {
  test("look: the confusion matrix counts every test digit, and its diagonal gives the accuracy that is shown", async () => {
    const { page } = visit();
    await show(page, "Look");
    const state = () => words(page, "[aria-labelledby=matrix-title] [role=status]");
    await until("the report", async () => /are right, \d+ are mistakes\.$/.test(await state()), 30);
    const counts = (await table(page, "Confusion matrix")).slice(1).map((row) => row.slice(1).map(Number));
    expect(counts.map((row) => row.length)).toEqual(Array(10).fill(10));
    expect(sum(counts.flat())).toBe(10_000);
    const right = sum(counts.map((row, label) => row[label]!));
    const [, accuracy, mistakes] = /^(\.\d+) are right, (\d+)/.exec(await state()) ?? [];
    expect(Number(accuracy)).toBeCloseTo(right / 10_000, 4);
    expect(Number(mistakes)).toBe(10_000 - right);
    // Recall is a row's share on the diagonal, the last column its sum.
    const classes = (await table(page, "Figures by class")).slice(1).map((row) => row.map(Number));
    for (const [label, [name, , recall, , rows]] of classes.entries()) {
      expect(name).toBe(label);
      expect(rows).toBe(sum(counts[label]!));
      expect(recall).toBeCloseTo(counts[label]![label]! / rows!, 4);
    }
  });

  test("look: the gallery shows all mistakes, the most confident ones first", async () => {
    const { page } = visit();
    const confidence = await tilesOf(page);
    expect(confidence.length).toBe(40);
    expect(confidence.every(({ label, taken }) => label !== taken)).toBe(true);
    const margins = confidence.map(({ score, own }) => score - own);
    for (const [i, margin] of margins.entries()) expect(margin).toBeLessThanOrEqual((margins[i - 1] ?? 100) + 0.011);
    expect(margins[0]! - margins.at(-1)!).toBeGreaterThan(0.02);
  });

  test("look: a count of the matrix shows its digits", async () => {
    const { page } = visit();
    const counts = (await table(page, "Confusion matrix")).slice(1).map((row) => row.slice(1).map(Number));
    const wrong = counts.flatMap((row, label) => row.map((count, taken) => ({ count, label, taken })));
    const most = wrong.filter(({ label, taken }) => label !== taken).reduce((a, b) => (b.count > a.count ? b : a));
    await press(page, `${most.count} of ${most.label} taken for ${most.taken}`);
    const shows = async () =>
      (await tilesOf(page)).every((tile) => tile.label === most.label && tile.taken === most.taken);
    await until("only those digits", shows, 5);
    expect((await tilesOf(page)).length).toBe(Math.min(most.count, 40));
  });

  test("look: the features come closer to the kernel the more there are", async () => {
    const { page } = visit();
    const rows = async () => (await table(page, "Errors by number of features")).slice(1).map((row) => row.map(Number));
    await until("the errors", async () => (await rows()).length > 0, 30);
    const errors = await rows();
    expect(errors.map(([features]) => features)).toEqual(errors.map((_, i) => 16 * 2 ** i));
    expect(errors.length).toBeGreaterThan(5);
    // Twice the features divide the error by about 1.41; by four, it is sure to be smaller whatever was drawn.
    for (const [i, [, mean]] of errors.entries()) if (i > 1) expect(mean).toBeLessThan(errors[i - 2]![1]!);
    for (const [, mean, , expected] of errors) {
      expect(mean! / expected!).toBeGreaterThan(0.5);
      expect(mean! / expected!).toBeLessThan(2);
    }
    expect(Math.min(...(await inkOfSeries(page, "[aria-labelledby=approximation-title] .chart")))).toBeGreaterThan(10);
  });

  test("look: the search over scales fills its chart and names the best", async () => {
    const { page } = visit();
    await enter(page, "From scale", 2);
    await enter(page, "To scale", 40);
    await press(page, "Search");
    const state = () => words(page, "[aria-labelledby=scales-title] [role=status]");
    await until("the best scale", async () => (await state()).startsWith("Best: "), 60);
    const [, best, accuracy] = /^Best: scale ([\d.]+), accuracy (\.\d+) after 8 epochs\.$/.exec(await state()) ?? [];
    expect(Number(accuracy)).toBeGreaterThan(0.85);
    const [head, ...rows] = await table(page, "Accuracy by scale");
    expect(head?.slice(0, 4)).toEqual(["scale", "1 epoch", "2 epochs", "4 epochs"]);
    // Eight began, and half of them left after each comparison.
    const left = [1, 2, 3].map((column) => rows.filter((row) => row[column] !== "").map(([scale]) => scale));
    expect(left.map(({ length }) => length)).toEqual([8, 4, 2]);
    expect(left[2]).toContain(best);
    expect(Math.min(...(await inkOfSeries(page, "[aria-labelledby=scales-title] .chart")))).toBeGreaterThan(3); // two dots at least
  });
}

interface TileWords {
  readonly label: number;
  readonly taken: number;
  /** Of what it was taken for. */
  readonly score: number;
  /** Of what it is. */
  readonly own: number;
}

/** The gallery's tiles, as they are called; those of mistakes. */
async function tilesOf(page: Page): Promise<TileWords[]> {
  const names = await page.$$eval(".tiles canvas", (all) =>
    all.map((canvas) => canvas.getAttribute("aria-label") ?? ""),
  );
  return names.map((name) => {
    const figures = /^(\d) taken for (\d), score (-?[\d.]+) against (-?[\d.]+)$/.exec(name);
    if (!figures) throw new Error(`Not the name of a mistake: "${name}"`);
    const [label, taken, score, own] = figures.slice(1).map(Number);
    return { label: label!, taken: taken!, score: score!, own: own! };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
