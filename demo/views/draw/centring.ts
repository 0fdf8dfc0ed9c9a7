// A drawing becomes an image as MNIST's were made (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"):
// scaled to fit a box of 20 x 20 with its proportions kept, then placed in 28 x 28 by its centre of mass.

/** Ink on a sheet, from 0 (none) to 255. */
export interface Ink {
  /** width x height values, row after row. */
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Pixels of a side: of the image, and of the box that the ink fills. */
const side = 28;
const boxSide = 20;
/** The centre of mass of every digit of MNIST lies in this row and column, counted from 0. */
const middle = 14;

/** @returns an image [28, 28] of bytes, or undefined where there is no ink. */
export function centred(ink: Ink): Uint8Array<ArrayBuffer> | undefined {
  const box = boundingBox(ink);
  if (!box) return undefined;
  const shrunk = shrink(ink, box);
  const mass = centreOfMass(shrunk);
  const left = placed(mass.x, shrunk.width);
  const top = placed(mass.y, shrunk.height);
  const image = new Uint8Array(side * side);
  for (let y = 0; y < shrunk.height; y++) {
    const row = shrunk.data.subarray(y * shrunk.width, (y + 1) * shrunk.width);
    for (let x = 0; x < row.length; x++) image[(top + y) * side + left + x] = Math.round(row[x] as number);
  }
  return image;
}

/** Whole pixels to the box's left, so that the centre of mass comes into the middle pixel and the box stays inside. */
function placed(mass: number, size: number): number {
  return Math.min(Math.max(Math.ceil(middle - mass), 0), side - size);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boundingBox({ data, width, height }: Ink): Box | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!data[y * width + x]) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

interface Shrunk {
  readonly data: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** What is in the box, with a longer side of 20 pixels: each the mean over a square of `cell` x `cell` values. */
function shrink({ data, width: inkWidth }: Ink, { left, top, ...box }: Box): Shrunk {
  const longer = Math.max(box.width, box.height);
  const cell = longer / boxSide;
  const width = Math.ceil((box.width * boxSide) / longer);
  const height = Math.ceil((box.height * boxSide) / longer);
  const shrunk = new Float64Array(width * height);
  const columns = overlaps(box.width, cell, width);
  for (const [y, inkY, tall] of overlaps(box.height, cell, height)) {
    for (const [x, inkX, wide] of columns) {
      const value = data[(top + inkY) * inkWidth + left + inkX] as number;
      shrunk[y * width + x] = (shrunk[y * width + x] as number) + (value * tall * wide) / (cell * cell);
    }
  }
  return { data: shrunk, width, height };
}

/** Which values of a line lie in which cells of it, and how much of each. */
function overlaps(length: number, cell: number, cells: number): [cell: number, value: number, part: number][] {
  const parts: [number, number, number][] = [];
  for (let i = 0; i < cells; i++) {
    const end = Math.min((i + 1) * cell, length);
    for (let value = Math.floor(i * cell); value < end; value++) {
      parts.push([i, value, Math.min(value + 1, end) - Math.max(value, i * cell)]);
    }
  }
  return parts;
}

/** From the box's left upper corner, in pixels. */
function centreOfMass({ data, width }: Shrunk): { x: number; y: number } {
  let [mass, x, y] = [0, 0, 0];
  data.forEach((value, i) => {
    mass += value;
    x += value * ((i % width) + 0.5);
    y += value * (Math.floor(i / width) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}
