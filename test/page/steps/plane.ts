// Plane: regions and the points that lie on them.
import type { Page } from "puppeteer";
import { expect, test } from "vitest";
import { classColors } from "../../../demo/palette.ts";
import type { Visit } from "../browser.ts";
import { choose, press, show, table, until } from "../controls.ts";
import { type Color, colorsAt } from "../pixels.ts";

export function plane(visit: () => Visit): void {
  test.each(["SVM (hinge)", "Logistic regression (cross-entropy)", "Ridge (squared error)"])(
    "plane: with %s at least .95 of the moons' points lie on pixels of their own colour",
    async (loss) => {
      const { page } = visit();
      await show(page, "Plane");
      await choose(page, "Shape", "Moons");
      await choose(page, "Loss", loss);
      await press(page, "Train");
      await until("the end of the training", () => hasEnded(page), 30);
      const points = await pointsOf(page);
      expect(points.length).toBe(200);
      const colors = await colorsAt(
        page,
        ".plane-regions",
        points.map(({ x, y }) => [(x + 1) / 2, (1 - y) / 2]),
      );
      const right = points.filter(({ label }, i) => label === nearestClass(colors[i]!)).length;
      expect(right / points.length).toBeGreaterThanOrEqual(0.95);
      expect(Number((await figures(page))["Points on their own colour"])).toBeCloseTo(right / points.length, 1);
    },
  );

  test("plane: a click places a point, and a right click removes it", async () => {
    const { page } = visit();
    const before = (await pointsOf(page)).length;
    const canvas = await page.waitForSelector("::-p-aria([name='Points of the plane'])");
    const box = (await canvas?.boundingBox())!;
    const [x, y] = [box.x + 0.05 * box.width, box.y + 0.05 * box.height];
    await page.mouse.click(x, y);
    const points = await pointsOf(page);
    expect(points.length).toBe(before + 1);
    expect(points.at(-1)?.x).toBeCloseTo(-0.9, 1);
    expect(points.at(-1)?.y).toBeCloseTo(0.9, 1);
    await page.mouse.click(x, y, { button: "right" });
    expect((await pointsOf(page)).length).toBe(before);
    await until("the end of the training that follows", () => hasEnded(page), 30);
  });
}

interface PlanePoint {
  /** From 0. */
  readonly label: number;
  readonly x: number;
  readonly y: number;
}

async function pointsOf(page: Page): Promise<PlanePoint[]> {
  await page.$eval(".plane-table", (details) => {
    (details as HTMLDetailsElement).open = true;
  });
  await page.waitForSelector(".plane-table table");
  const rows = (await table(page, "Points")).slice(1).map((row) => row.map(Number));
  return rows.map(([name, x, y]) => ({ label: name! - 1, x: x!, y: y! }));
}

async function figures(page: Page): Promise<Record<string, string>> {
  const pairs = await page.$$eval(".plane-figures > div", (all) =>
    all.map((pair) => [...pair.children].map((child) => child.textContent)),
  );
  return Object.fromEntries(pairs);
}

async function hasEnded(page: Page): Promise<boolean> {
  const [done, all] = ((await figures(page)).Epochs ?? "").split(" of ");
  return all !== undefined && done === all && (await page.$eval(".plane-note", (note) => note.textContent)) === "";
}

/** The class of the nearest hue, since colours are paler near a boundary; -1 for grey. */
function nearestClass(color: Color): number {
  const hue = hueOf(color);
  if (hue === undefined) return -1;
  const hues = classColors
    .slice(0, 4)
    .map((hex) => hueOf([1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)))!);
  const distances = hues.map((own) => Math.min(Math.abs(own - hue), 360 - Math.abs(own - hue)));
  return distances.indexOf(Math.min(...distances));
}

/** In degrees. */
function hueOf([red = 0, green = 0, blue = 0]: Color): number | undefined {
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  if (span === 0) return undefined;
  const sixth =
    most === red ? (green - blue) / span : most === green ? 2 + (blue - red) / span : 4 + (red - green) / span;
  return (sixth * 60 + 360) % 360;
}
