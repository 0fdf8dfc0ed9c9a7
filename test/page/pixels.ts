// What is painted on canvases. They are copied to be read, so that the page's own stay on the GPU, of whose readings
// Chrome warns.
import type { Page } from "puppeteer";

/** Red, green and blue from 0 to 255. */
export type Color = readonly number[];

/** Pixels of a chart that have a series' colour, for each entry of its legend. */
export function inkOfSeries(page: Page, chart: string): Promise<number[]> {
  return page.$eval(chart, (element) => {
    const canvas = element.querySelector("canvas") as HTMLCanvasElement;
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return [...element.querySelectorAll(".legend line")].map((line) => {
      const color = getComputedStyle(line).stroke.match(/\d+/g)!.map(Number);
      let ink = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] === 255 && color.every((value, c) => data[i + c] === value)) ink++;
      }
      return ink;
    });
  });
}

/** The colours of a canvas at places, in shares of its width and height. */
export function colorsAt(
  page: Page,
  canvas: string,
  places: readonly (readonly [x: number, y: number])[],
): Promise<Color[]> {
  return page.$eval(
    canvas,
    (element, places) => {
      const { width, height } = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
      copy.drawImage(element as HTMLCanvasElement, 0, 0);
      return places.map(([x, y]) => [
        ...copy.getImageData(Math.floor(x * width), Math.floor(y * height), 1, 1).data.subarray(0, 3),
      ]);
    },
    places,
  );
}
