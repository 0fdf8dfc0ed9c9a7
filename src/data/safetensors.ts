import { DataError, FormatError } from "../errors.ts";

// The safetensors format, https://github.com/huggingface/safetensors#format:
//   8 bytes  N, the header's length, u64 little-endian
//   N bytes  the header: JSON in UTF-8 that begins with "{" and may end in spaces,
//            { "__metadata__": { text: text }, tensor name: { dtype, shape, data_offsets: [begin, end] } }
//   rest     the values, little-endian, row-major; offsets count from here, without gaps or overlaps
// Typed arrays are little-endian on every machine with WebGPU, so values are copied as they lie.

/** A float32 tensor, row-major. A shape of [] is a scalar. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly shape: number[];
  /** Byte offsets from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

const METADATA = "__metadata__";

/** The bytes of a safetensors file. Names are sorted, so the same content gives the same bytes. */
export function encodeSafetensors(tensors: Record<string, Tensor>, metadata: Record<string, string>): Uint8Array {
  const names = Object.keys(tensors).sort();
  const fields: Array<[string, unknown]> = [];
  if (Object.keys(metadata).length > 0)
    fields.push([METADATA, Object.fromEntries(Object.entries(metadata).sort(byKey))]);
  const parts: Float32Array[] = [];
  let offset = 0;
  for (const name of names) {
    const { shape, data } = tensors[name] as Tensor;
    if (name === METADATA) throw new DataError(`A tensor can't be named "${METADATA}"; the format keeps that name.`);
    if (!isSizes(shape) || product(shape) !== data.length) {
      throw new DataError(
        `Tensor "${name}": shape [${shape.join(", ")}] does not fit its ${data.length} values; ` +
          `the product of the shape must be the number of values.`,
      );
    }
    const end = offset + data.byteLength;
    fields.push([name, { dtype: "F32", shape, data_offsets: [offset, end] }]);
    parts.push(data);
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const data of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file of F32 tensors; the values are copied, and may be NaN or infinite.
 * @param what names the file in error messages.
 */
export function decodeSafetensors(bytes: Uint8Array, what: string): Safetensors {
  const { header, start } = readHeader(bytes, what);
  const { [METADATA]: metadata, ...rest } = header;
  const entries = Object.entries(rest).map(([name, info]) => readEntry(name, info, what));
  checkCover(entries, bytes.length - start, what);
  const tensors = entries.map(({ name, shape, begin, end }): [string, Tensor] => {
    const data = new Float32Array((end - begin) / 4);
    new Uint8Array(data.buffer).set(bytes.subarray(start + begin, start + end));
    return [name, { shape, data }];
  });
  return { tensors: Object.fromEntries(tensors), metadata: readMetadata(metadata, what) };
}

function readHeader(bytes: Uint8Array, what: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) {
    throw new FormatError(
      `${what}: expected a safetensors file, which begins with 8 bytes for its header's length, ` +
        `but the file ends at byte ${bytes.length}.`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw new FormatError(
      `${what}: the header's length at byte 0 is ${length}, but only ${bytes.length - 8} bytes follow. ` +
        `The file is truncated or not a safetensors file.`,
    );
  }
  const start = 8 + Number(length);
  let header: unknown;
  try {
    if (bytes[8] !== 0x7b) throw new SyntaxError(`it does not begin with "{"`);
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(8, start)));
  } catch (cause) {
    throw new FormatError(
      `${what}: expected a JSON object as header in bytes 8 to ${start}, but ${(cause as Error).message}. ` +
        `The file is damaged or not a safetensors file.`,
      { cause },
    );
  }
  return { header: header as Record<string, unknown>, start };
}

function readMetadata(metadata: unknown, what: string): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new FormatError(`${what}: expected "${METADATA}" to map text to text, found ${JSON.stringify(metadata)}.`);
  }
  return metadata as Record<string, string>;
}

function readEntry(name: string, info: unknown, what: string): Entry {
  const tensor = `${what}: tensor "${name}"`;
  if (!isObject(info))
    throw new FormatError(`${tensor}: expected { dtype, shape, data_offsets }, found ${JSON.stringify(info)}.`);
  const { dtype, shape, data_offsets: offsets } = info;
  if (dtype !== "F32") {
    throw new FormatError(
      `${tensor}: expected dtype "F32", found ${JSON.stringify(dtype)}. Only float32 tensors are read; convert it first.`,
    );
  }
  if (!isSizes(shape) || !Number.isSafeInteger(4 * product(shape))) {
    throw new FormatError(
      `${tensor}: expected a shape of whole numbers from 0 whose product is a possible size, found ${JSON.stringify(shape)}.`,
    );
  }
  const [begin, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || begin > end) {
    throw new FormatError(
      `${tensor}: expected data_offsets [begin, end] with 0 <= begin <= end, found ${JSON.stringify(offsets)}.`,
    );
  }
  if (end - begin !== 4 * product(shape)) {
    throw new FormatError(
      `${tensor}: shape [${shape.join(", ")}] of F32 needs ${4 * product(shape)} bytes, ` +
        `but data_offsets [${begin}, ${end}] hold ${end - begin}.`,
    );
  }
  return { name, shape, begin, end };
}

/** The tensors must tile the data exactly. Of a repeated name JSON.parse keeps the last entry, so the other leaves a gap. */
function checkCover(entries: readonly Entry[], dataLength: number, what: string): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      throw new FormatError(
        `${what}: tensor "${name}" begins at data byte ${begin}, but the tensors before it end at ${covered}: ` +
          `${begin < covered ? "they overlap" : "there is a gap"}. The file is damaged.`,
      );
    }
    covered = end;
  }
  if (covered !== dataLength) {
    throw new FormatError(
      `${what}: the tensors need ${covered} bytes of data, but ${dataLength} follow the header. ` +
        `The file is ${dataLength < covered ? "truncated" : "damaged or has something appended"}.`,
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
