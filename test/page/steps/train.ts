// Train: a slice of the digits, by typing settings and pressing buttons, followed by what the page itself says.
import type { Page } from "puppeteer";
import { expect, test } from "vitest";
import type { Visit } from "../browser.ts";
import { enter, pause, press, show, table, until, words } from "../controls.ts";
import { takePicture } from "../examine.ts";
import { watchLayout } from "../layout.ts";
import { inkOfSeries } from "../pixels.ts";

/** What can be done to a training. */
export function controlling(visit: () => Visit): void {
  test("train: settings are typed in", async () => {
    const { page } = visit();
    await enter(page, "Features D", 1024);
    await enter(page, "Digits", 10_000);
    await enter(page, "Epochs", 200);
    await enter(page, "Learning rate", 0.003);
  });

  test("train: it pauses, and steps by single minibatches", async () => {
    const { page } = visit();
    await forget(page);
    await press(page, "Train");
    await until("the second epoch", async () => (await epochOf(page)) >= 2);
    await press(page, "Pause");
    await until("that it is paused", async () => (await phase(page)).startsWith("Paused in epoch"), 5);
    await pause(200); // for what was on its way to the GPU
    const held = await figures(page);
    await pause(1000);
    expect(await figures(page)).toEqual(held);
    for (const steps of [1, 2, 3]) {
      await press(page, "Step");
      await until("the step", async () => (await stepsOf(page)) !== stepsIn(held) + steps - 1, 5);
      await pause(200);
      expect(await stepsOf(page)).toBe(stepsIn(held) + steps);
    }
    const stepped = await figures(page);
    expect([stepped.Loss, stepped.Accuracy]).not.toEqual([held.Loss, held.Accuracy]);
  });
}

/** Once it is paused. */
export function goingOn(visit: () => Visit): void {
  test("train: it resumes, stops and is reset", async () => {
    const { page } = visit();
    const paused = await stepsOf(page);
    await press(page, "Resume");
    await until("that it goes on", async () => (await stepsOf(page)) > paused + 50, 20);
    await press(page, "Stop");
    await until("its end", () => hasEnded(page), 20);
    const stopped = await figures(page);
    await pause(500);
    expect(await figures(page)).toEqual(stopped);
    await forget(page);
    expect((await figures(page)).Loss).toBe("–");
    expect(await epochRows(page)).toEqual([]);
  });

  test("train: a learning rate that is changed while it runs counts at once", async () => {
    const { page } = visit();
    await forget(page);
    await press(page, "Train");
    await until("the second epoch", async () => (await epochOf(page)) >= 2);
    await enter(page, "Learning rate", 0.000001);
    expect(await words(page, "[aria-label='The same in TypeScript'] pre")).toMatch(/learningRate: 1e-6\b/);
    const still = await changeOfLoss(page);
    await enter(page, "Learning rate", 0.02);
    const moved = await changeOfLoss(page);
    console.log(
      `   validation loss moved by ${still.toFixed(4)} in three epochs at 1e-6, by ${moved.toFixed(4)} at 2e-2`,
    );
    expect(still).toBeLessThan(0.003);
    expect(moved).toBeGreaterThan(0.004);
    await forget(page);
    await enter(page, "Learning rate", 0.003);
  });
}

/** One that ends, and leaves a model behind. */
export function training(visit: () => Visit): void {
  test("train: loss falls, accuracy rises, and nothing moves on the page", async () => {
    const { page } = visit();
    await forget(page);
    await enter(page, "Epochs", 8);
    const layout = await watchLayout(page);
    await press(page, "Train");
    await until("an epoch", async () => (await epochOf(page)) >= 2);
    const during = await figures(page);
    await takePicture(page, "training");
    await layout.expectStill();
    await until("its end", () => hasEnded(page), 60);
    await layout.expectStill();
    const rows = await epochRows(page);
    expect(rows.map(([epoch]) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const [first, last] = [rows[0]!, rows.at(-1)!];
    const [loss, acc, valLoss, valAcc] = [1, 2, 3, 4];
    expect(last[loss]).toBeLessThan(first[loss]! / 2);
    expect(last[acc]).toBeGreaterThan(first[acc]!);
    expect(last[valLoss]).toBeLessThan(first[valLoss]!);
    expect(last[valAcc]).toBeGreaterThan(0.9);
    const [, tested] = /^Test accuracy (\.\d{4}) after 8 epochs, trained in [\d.]+ s\.$/.exec(await phase(page)) ?? [];
    expect(Number(tested)).toBeGreaterThan(0.92);
    const ended = await figures(page);
    expect([ended.Loss, ended.Accuracy, ended["Validation loss"], ended["Validation accuracy"]].map(Number)).toEqual(
      last.slice(1),
    );
    const [speed, ms] = [during["Examples / s"], during["ms / step"]].map((text) => Number(text?.replaceAll(",", "")));
    expect(speed! * ms!).toBeGreaterThan(0.9 * 128_000);
    expect(speed! * ms!).toBeLessThan(1.1 * 128_000);
    expect(during["Time left"]).toMatch(/^\d+ s$/);
    expect(during.Adapter).not.toBe("–");
    for (const chart of ["Loss", "Accuracy"]) {
      const ink = await inkOfSeries(page, `.curves [aria-label=${chart}] .chart`);
      expect(ink.length).toBe(3);
      expect(Math.min(...ink)).toBeGreaterThan(10);
    }
  });
}

/** Ends a training that runs, and forgets a model that is there. */
export async function forget(page: Page): Promise<void> {
  await show(page, "Train");
  if ((await phase(page)) !== "Press Train.") await press(page, "Reset");
  await until("that nothing is left", async () => (await phase(page)) === "Press Train.", 20);
}

/** What the page says of the training. */
export function phase(page: Page): Promise<string> {
  return words(page, ".controls .phase");
}

export async function hasEnded(page: Page): Promise<boolean> {
  return / after \d+ epochs?, trained in /.test(await phase(page));
}

/** The figures beside the training, by name. */
export async function figures(page: Page): Promise<Record<string, string>> {
  const pairs = await page.$$eval("#view-train .figures dl > div", (all) =>
    all.map(({ children: [name, ...values] }) => [
      name?.textContent,
      values
        .map(({ textContent }) => textContent)
        .join(" ")
        .trim(),
    ]),
  );
  return Object.fromEntries(pairs);
}

/** The number of the epoch that runs, from 1. */
export async function epochOf(page: Page): Promise<number> {
  return Number.parseInt((await figures(page)).Epoch ?? "", 10);
}

/** The table of epochs as numbers: epoch, loss, acc, val_loss, val_acc. */
export async function epochRows(page: Page): Promise<number[][]> {
  return (await table(page, "Epochs")).slice(1).map((row) => row.map(Number));
}

async function stepsOf(page: Page): Promise<number> {
  return stepsIn(await figures(page));
}

/** Minibatches in all. */
function stepsIn({ Epoch = "", Step = "" }: Record<string, string>): number {
  const [done = 0, all = 0] = Step.split(" / ").map(Number);
  return (Number.parseInt(Epoch, 10) - 1) * all + done;
}

/** How far the validation loss moves in three epochs, from the next whole one on. */
async function changeOfLoss(page: Page): Promise<number> {
  const begun = (await epochRows(page)).length;
  await until("four more epochs", async () => (await epochRows(page)).length > begun + 4, 30);
  const losses = (await epochRows(page)).slice(begun + 1, begun + 5).map((row) => row[3]!);
  return Math.max(...losses) - Math.min(...losses);
}
