// The two canvases of the plane.
import type { Point } from "../../points.ts";
import type { Picture } from "../../worker/plane/picture.ts";
import { classMarks } from "./marks.tsx";

/** A place of the plane. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** What lies above the regions. */
export interface Above {
  readonly picture: Picture | undefined;
  readonly points: readonly Point[];
  /** Where keys place a point; undefined while they don't. */
  readonly cross: Place | undefined;
}

/** Draws a picture's pixels, one for one; style sheets stretch them without smoothing. */
export function drawRegions(canvas: HTMLCanvasElement, picture: Picture | undefined): void {
  // Its pixels are put, not drawn, and may be read: it stays in main memory.
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const size = picture?.size ?? 1;
  if (canvas.width !== size) canvas.width = canvas.height = size;
  if (picture) context.putImageData(new ImageData(picture.pixels, size, size), 0, 0);
  else context.clearRect(0, 0, size, size);
}

/** Draws lines and points in the colour of the canvas' text. @param side of the canvas, in CSS pixels. */
export function drawAbove(canvas: HTMLCanvasElement, side: number, { picture, points, cross }: Above): void {
  const context = canvas.getContext("2d")!;
  const pixels = Math.round(side * devicePixelRatio);
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
  const ink = getComputedStyle(canvas).color;
  const at = (x: number, y: number) => [((x + 1) / 2) * side, ((1 - y) / 2) * side] as const;
  const line = (segments: ArrayLike<number>, width: number, alpha: number) => {
    context.beginPath();
    for (let i = 0; i < segments.length; i += 4) {
      context.moveTo(...at(segments[i] as number, segments[i + 1] as number));
      context.lineTo(...at(segments[i + 2] as number, segments[i + 3] as number));
    }
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.stroke();
    context.globalAlpha = 1;
  };
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, side, side);
  context.strokeStyle = ink;
  context.lineCap = "round";
  if (picture) {
    line(picture.margin, 1, 0.55);
    line(picture.boundary, 2, 1);
  }
  context.lineWidth = 1.2;
  const paths = classMarks.map(({ path }) => new Path2D(path));
  for (const { x, y, label } of points) {
    const [left, top] = at(x, y);
    context.translate(left, top);
    context.fillStyle = classMarks[label]!.color;
    context.fill(paths[label]!);
    context.stroke(paths[label]!);
    context.translate(-left, -top);
  }
  if (cross) {
    const { x, y } = cross;
    const arm = 24 / side;
    line([x - arm, y, x + arm, y, x, y - arm, x, y + arm], 2, 1);
  }
}
