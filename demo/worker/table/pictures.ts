// Pictures of any size as rows of bytes.

/** What all pictures become: squares with one grey value a pixel, or with red, green and blue. */
export interface PictureForm {
  readonly side: 28 | 32;
  readonly channels: 1 | 3;
}

/** A picture's file, and the folder it lies in. */
export interface PictureFile {
  readonly file: File;
  readonly folder: string;
}

/** Pictures of one form. */
export interface Pictures {
  readonly form: PictureForm;
  /** [pictures, side, side, channels] */
  readonly pixels: Uint8Array;
  readonly files: readonly PictureFile[];
  /** Files that could not be read as pictures. */
  readonly unreadable: readonly string[];
}

/** Larger pictures are first drawn smaller by the browser, their longer side as long as this. */
const longestSide = 512;

/** Milliseconds between two reports. */
const interval = 100;

/** Values of a picture. */
export function pixelsOf({ side, channels }: PictureForm): number {
  return side * side * channels;
}

/**
 * Reads pictures; those that can't be read are named.
 * @param onProgress files so far, now and then.
 */
export async function readPictures(
  files: readonly PictureFile[],
  form: PictureForm,
  onProgress: (done: number) => void = () => {},
): Promise<Pictures> {
  const size = pixelsOf(form);
  const pixels = new Uint8Array(files.length * size);
  const read: PictureFile[] = [];
  const unreadable: string[] = [];
  let last = 0;
  for (const [i, each] of files.entries()) {
    try {
      pixels.set(await readPicture(each.file, form), read.length * size);
      read.push(each);
    } catch {
      unreadable.push(each.file.name);
    }
    const now = performance.now();
    if (now - last >= interval) {
      last = now;
      onProgress(i + 1);
    }
  }
  return { form, pixels: pixels.slice(0, read.length * size), files: read, unreadable };
}

async function readPicture(file: File, form: PictureForm): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(file);
  const factor = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * factor));
  const height = Math.max(1, Math.round(bitmap.height * factor));
  const canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  canvas.fillStyle = "white"; // behind what is transparent
  canvas.fillRect(0, 0, width, height);
  canvas.imageSmoothingQuality = "high";
  canvas.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return shrink(canvas.getImageData(0, 0, width, height), form);
}

/** Shares of red, green and blue in a grey value: Rec. 601. */
const grey = [0.299, 0.587, 0.114] as const;

/**
 * The mean over the part of the picture that lies under each pixel of the square; what is no square is squeezed.
 * @param picture red, green, blue and alpha of each pixel, row after row; alpha is not looked at.
 */
export function shrink(
  { data, width, height }: Pick<ImageData, "data" | "width" | "height">,
  { side, channels }: PictureForm,
): Uint8Array {
  const bytes = new Uint8Array(side * side * channels);
  const columns = coverage(width, side);
  coverage(height, side).forEach((rows, y) => {
    columns.forEach((across, x) => {
      const sums = [0, 0, 0];
      for (const { index: row, share: down } of rows) {
        for (const { index: column, share } of across) {
          const at = 4 * (row * width + column);
          for (let c = 0; c < 3; c++) sums[c]! += down * share * data[at + c]!;
        }
      }
      const values = channels === 3 ? sums : [sums.reduce((sum, value, c) => sum + value * grey[c]!, 0)];
      bytes.set(values.map(Math.round), channels * (side * y + x));
    });
  });
  return bytes;
}

/** For each of `side` equal parts of `length` pixels: the pixels under it, and each one's share of the part. */
function coverage(length: number, side: number): { index: number; share: number }[][] {
  const part = length / side;
  return Array.from({ length: side }, (_, i) => {
    const [begin, end] = [i * part, (i + 1) * part];
    const first = Math.floor(begin);
    const last = Math.min(length, Math.ceil(end));
    return Array.from({ length: last - first }, (_, k) => {
      const index = first + k;
      return { index, share: (Math.min(end, index + 1) - Math.max(begin, index)) / part };
    });
  });
}
