// What a model says of the plane, as a picture: the predicted class of every pixel, and lines where scores are equal.
import { classColors } from "../../palette.ts";
import { contour } from "./contour.ts";

export interface Picture {
  /** Pixels of a side. */
  readonly size: number;
  /**
   * RGBA [size, size, 4], row after row from y = 1 down: the colour of the class predicted at the pixel's centre, the
   * more opaque the further its score lies above the others.
   */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** Where two classes have the highest score alike: segments, x0 y0 x1 y1 each. */
  readonly boundary: Float32Array<ArrayBuffer>;
  /** Where the highest score lies above the others by the margin. */
  readonly margin: Float32Array<ArrayBuffer>;
}

/** Opacity at the boundary, and from the margin on. */
const [palest, fullest] = [70, 190];

const rgb = classColors.map((color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)));

/** The centres of the pixels in rows [begin, end) of a picture: [(end - begin) size, 2]. */
export function pixelCentres(size: number, begin = 0, end = size): Float32Array<ArrayBuffer> {
  const centres = new Float32Array((end - begin) * size * 2);
  for (let i = 0; i < (end - begin) * size; i++) {
    centres[2 * i] = (2 * (i % size) + 1) / size - 1;
    centres[2 * i + 1] = 1 - (2 * (begin + Math.floor(i / size)) + 1) / size;
  }
  return centres;
}

/**
 * @param scores [size size, classes.length] of the pixels' centres.
 * @param classes which class each score is of.
 * @param margin see `Picture`.
 */
export function pictureOf(scores: Float32Array, size: number, classes: readonly number[], margin: number): Picture {
  const leads = classes.map((_, k) => leadOf(scores, k, classes.length));
  const pixels = new Uint8ClampedArray(size * size * 4);
  for (let i = 0; i < size * size; i++) {
    const best = Math.max(
      0,
      leads.findIndex((lead) => (lead[i] as number) >= 0),
    ); // the first of equal ones
    const share = Math.min(1, (leads[best]![i] as number) / margin);
    pixels.set(rgb[classes[best] as number] as number[], 4 * i);
    pixels[4 * i + 3] = palest + share * (fullest - palest);
  }
  // Where the last class ends another one begins.
  const boundary = joined(leads.slice(0, -1).map((lead) => contour(lead, size, 0)));
  return { size, pixels, boundary, margin: joined(leads.map((lead) => contour(lead, size, margin))) };
}

/** How far score k lies above the best other one, row by row of scores [rows, outputs]. */
export function leadOf(scores: Float32Array, k: number, outputs: number): Float32Array {
  return Float32Array.from({ length: scores.length / outputs }, (_, row) => {
    let best = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < outputs; j++) if (j !== k) best = Math.max(best, scores[row * outputs + j] as number);
    return (scores[row * outputs + k] as number) - best;
  });
}

/** The class whose colour the pixel at a place has. */
export function classAt({ size, pixels }: Picture, x: number, y: number): number {
  const cell = (share: number) => Math.min(size - 1, Math.max(0, Math.floor(share * size)));
  const at = 4 * (cell((1 - y) / 2) * size + cell((x + 1) / 2));
  return rgb.findIndex((color) => color.every((value, channel) => pixels[at + channel] === value));
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
