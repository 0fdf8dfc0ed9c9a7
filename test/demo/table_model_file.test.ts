import { expect, test } from "vitest";
import { type Source, sourceOf, withSource } from "../../demo/worker/table/model_file.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/data/safetensors.ts";

const tensors = { "dense.kernel": { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } };
const metadata = { "quasi-svm": "{}", "quasi-svm.estimator": JSON.stringify({ estimator: "QuasiSVC" }) };
const bytes = encodeSafetensors(tensors, metadata);
const source: Source = {
  kind: "table",
  label: "größe",
  encoding: { inputs: [{ type: "text", name: "farbe", values: ["grün", '"'] }], empties: "drop" },
};

test("a model's file says what it was trained on, and stays a safetensors file of the same content", () => {
  const file = withSource(bytes, source);
  expect(sourceOf(file, "m.safetensors")).toEqual({ estimator: "QuasiSVC", source });
  const read = decodeSafetensors(file, "file");
  expect(read.tensors).toEqual(tensors);
  expect(read.metadata).toMatchObject(metadata);
  expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0);
});

test("other files are refused by name", () => {
  expect(() => sourceOf(new TextEncoder().encode("a,b\n1,2\n3,4\n"), "t.csv")).toThrow("t.csv is no model");
  expect(() => sourceOf(new Uint8Array(3), "short")).toThrow("short is no model");
  expect(() => sourceOf(bytes, "other.safetensors")).toThrow("other.safetensors does not say which columns");
  const later = withSource(bytes, { ...source, kind: "sounds" } as unknown as Source);
  expect(() => sourceOf(later, "later.safetensors")).toThrow("another version");
});
