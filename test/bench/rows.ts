// Rows of no meaning, in the form of MNIST's: bytes and labels.
import { randomStream } from "../../src/random.ts";

export interface SyntheticRows {
  readonly x: { readonly data: Uint8Array; readonly shape: [rows: number, inputs: number]; readonly unit: number };
  readonly y: Uint8Array;
}

export function syntheticRows(rows: number, inputs: number, classes: number): SyntheticRows {
  const random = randomStream(0, "synthetic rows");
  const data = Uint8Array.from({ length: rows * inputs }, () => 256 * random.nextUniform());
  const y = Uint8Array.from({ length: rows }, (_, i) => i % classes);
  return { x: { data, shape: [rows, inputs], unit: 1 / 255 }, y };
}
