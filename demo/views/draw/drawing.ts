// What is on the sheet, stroke by stroke, and how it is painted.
import { signal } from "@preact/signals";

/** Pixels of a side of the sheet's grid, which is also that of the model's images. */
export const gridSide = 28;
/** Values of a side of the painted sheet: ten to a pixel of the grid. */
export const sheetSide = 280;

/** A place on the sheet, in pixels of the grid. */
export type Point = readonly [x: number, y: number];

/** What the pen drew. */
export interface Stroke {
  readonly kind: "stroke";
  /** In pixels of the grid. */
  readonly width: number;
  readonly points: readonly Point[];
}

/** A test digit that was put there. */
export interface PlacedDigit {
  readonly kind: "digit";
  /** [28, 28] */
  readonly pixels: Uint8Array;
  /** Among the test digits, from 0. */
  readonly number: number;
  /** What it is. */
  readonly label: number;
}

export type Mark = Stroke | PlacedDigit;

/** In the order they came; the last one is undone first. */
export const marks = signal<readonly Mark[]>([]);
/** The pen's width in pixels of the grid. */
export const pen = signal(2);

/** Paints all marks, white on nothing, in place of what was there. */
export function paint(context: CanvasRenderingContext2D, all: readonly Mark[]): void {
  context.clearRect(0, 0, sheetSide, sheetSide);
  for (const mark of all) {
    if (mark.kind === "stroke") paintStroke(context, mark.points, mark.width);
    else paintDigit(context, mark.pixels);
  }
}

function paintStroke(context: CanvasRenderingContext2D, points: readonly Point[], width: number): void {
  const unit = sheetSide / gridSide;
  context.lineWidth = width * unit;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = "#fff";
  context.beginPath();
  // A stroke of one point is a line of no length, which round ends make a dot.
  for (const [x, y] of [points[0] as Point, ...points]) context.lineTo(x * unit, y * unit);
  context.stroke();
}

function paintDigit(context: CanvasRenderingContext2D, pixels: Uint8Array): void {
  const unit = sheetSide / gridSide;
  pixels.forEach((value, i) => {
    context.fillStyle = `rgb(255 255 255 / ${value / 255})`;
    context.fillRect((i % gridSide) * unit, Math.floor(i / gridSide) * unit, unit, unit);
  });
}

/** How opaque each value of the sheet is, from 0 to 255 [280, 280]. */
export function inkOf(context: CanvasRenderingContext2D): Uint8Array {
  const { data } = context.getImageData(0, 0, sheetSide, sheetSide);
  return Uint8Array.from({ length: sheetSide * sheetSide }, (_, i) => data[4 * i + 3] as number);
}
