// An estimator's file with what else the page needs to use it: how rows or pictures become the model's inputs. It stands
// as one more text among the metadata of the safetensors file, where other readers pass over it.
//   8 bytes  N, the header's length, u64 little-endian
//   N bytes  the header: JSON in UTF-8, which may end in spaces
//   rest     the values
import type { Encoding } from "./encoding.ts";
import type { PictureForm } from "./pictures.ts";

/** What a model was trained on. */
export type Source =
  | { readonly kind: "table"; readonly label: string; readonly encoding: Encoding }
  | { readonly kind: "pictures"; readonly form: PictureForm };

const key = "quasi-svm.source";
const version = 1;

interface File {
  readonly header: { readonly __metadata__?: Readonly<Record<string, string>> };
  readonly values: Uint8Array;
}

/** The bytes of the file with the source in it. */
export function withSource(bytes: Uint8Array, source: Source): Uint8Array<ArrayBuffer> {
  const { header, values } = split(bytes);
  const __metadata__ = { ...header.__metadata__, [key]: JSON.stringify({ version, ...source }) };
  const json = new TextEncoder().encode(JSON.stringify({ ...header, __metadata__ }));
  const length = 8 * Math.ceil(json.length / 8); // values begin on a multiple of 8
  const file = new Uint8Array(8 + length + values.length).fill(0x20);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  file.set(values, 8 + length);
  return file;
}

/**
 * The class of the estimator in a file, and what it was trained on.
 * @throws Error for a file that was not saved on this page.
 */
export function sourceOf(bytes: Uint8Array, name: string): { estimator: string; source: Source } {
  let source: (Source & { version: number }) | undefined;
  let estimator: string | undefined;
  try {
    const metadata = split(bytes).header.__metadata__ ?? {};
    source = JSON.parse(metadata[key] ?? "null") ?? undefined;
    estimator = JSON.parse(metadata["quasi-svm.estimator"] ?? "null")?.estimator;
  } catch {
    throw new Error(`${name} is no model: expected a safetensors file that was saved here.`);
  }
  if (!source || !estimator) {
    throw new Error(`${name} does not say which columns or pictures its model takes; open a file that was saved here.`);
  }
  const isKnown = source.version === version && (source.kind === "table" || source.kind === "pictures");
  if (!isKnown) throw new Error(`${name} was saved by another version of this page.`);
  const { version: _, ...rest } = source;
  return { estimator, source: rest as Source };
}

function split(bytes: Uint8Array): File {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return { header, values: bytes.subarray(8 + length) };
}
