import { FormatError } from "../errors.ts";
import type { Matrix } from "./matrix.ts";

// IDX, the format of MNIST's files (http://yann.lecun.com/exdb/mnist/): a big-endian u32 magic number
// (0, 0, type, dimensions), one big-endian u32 per dimension, then the values row after row.
// Type 8 is unsigned bytes, the only one read here.
const IMAGES_MAGIC = 0x803;
const LABELS_MAGIC = 0x801;

/**
 * Images as rows of bytes: `data` [n, rows * columns] u8, `unit` 1/255. Shares the memory of `bytes`.
 * @param bytes the file, unpacked: see http://yann.lecun.com/exdb/mnist/ for the format.
 * @param what names the file in error messages.
 * @throws FormatError for other bytes, saying what was expected, what was found and where.
 */
export function parseIdxImages(bytes: Uint8Array, what: string): Matrix {
  const { sizes, data } = parseIdx(bytes, IMAGES_MAGIC, ["images", "rows", "columns"], what);
  const [count = 0, rows = 0, columns = 0] = sizes;
  return { data, shape: [count, rows * columns], unit: 1 / 255 };
}

/**
 * Labels [n] u8. Shares the memory of `bytes`.
 * @param what names the file in error messages.
 * @throws as `parseIdxImages`.
 */
export function parseIdxLabels(bytes: Uint8Array, what: string): Uint8Array {
  return parseIdx(bytes, LABELS_MAGIC, ["labels"], what).data;
}

function parseIdx(bytes: Uint8Array, magic: number, dimensions: readonly string[], what: string) {
  const kind = `an IDX file of ${dimensions[0]}`;
  const headerLength = 4 + 4 * dimensions.length;
  if (isGzip(bytes)) throw new FormatError(`${what}: expected ${kind}, found gzip data at byte 0; unpack it first.`);
  if (bytes.length < headerLength) {
    throw new FormatError(
      `${what}: expected ${kind} with a header of ${headerLength} bytes, but the file ends at byte ${bytes.length}. ` +
        `It is truncated; get it again.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic) {
    throw new FormatError(
      `${what}: expected ${kind}, magic number ${hex(magic)}, found ${hex(view.getUint32(0))} at byte 0` +
        `${magicHint(view.getUint32(0))}.`,
    );
  }
  const sizes = dimensions.map((_, i) => view.getUint32(4 + 4 * i));
  sizes.forEach((size, i) => {
    if (size === 0)
      throw new FormatError(`${what}: expected at least 1 of ${dimensions[i]}, found 0 at byte ${4 + 4 * i}.`);
  });
  const expected = sizes.reduce((product, size) => product * size, 1);
  const found = bytes.length - headerLength;
  if (found !== expected) {
    throw new FormatError(
      `${what}: the header says ${sizes.join(" x ")} (${dimensions.join(" x ")}), so the file must be ` +
        `${headerLength + expected} bytes long, but it ${found < expected ? "ends" : "goes on to end"} at byte ` +
        `${bytes.length}. It is ${found < expected ? "truncated" : "damaged or another file"}; get it again.`,
    );
  }
  // A plain Uint8Array even where `bytes` is a Buffer, whose subarray would be one too.
  return { sizes, data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerLength, expected) };
}

/** Whether the bytes begin with gzip's magic number (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip data (RFC 1952); its checksum and length are checked on the way.
 * @param what names the file in error messages.
 * @throws FormatError for other bytes, and for those that are truncated or damaged.
 */
export async function gunzip(bytes: Uint8Array, what: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) {
    const start = [...bytes.subarray(0, 2)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new FormatError(`${what}: expected gzip data (1f 8b at byte 0), found ${start || "an empty file"}.`);
  }
  try {
    // The cast: a Blob copies the bytes, so shared memory is fine too, which the types don't admit.
    const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    const unpacked = packed.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(
      `${what}: expected ${bytes.length} bytes of complete gzip data, but they are truncated or damaged (${reason}). ` +
        `Get the file again.`,
      { cause },
    );
  }
}

function magicHint(magic: number): string {
  if (magic === IMAGES_MAGIC) return " (an IDX file of images)";
  if (magic === LABELS_MAGIC) return " (an IDX file of labels)";
  return "";
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
