import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/data/safetensors.ts";
import { DataError, FormatError } from "../../src/errors.ts";

/** A file by the specification: length, header text, data bytes. */
function file(
  header: string,
  data: number[] | Uint8Array = [],
  length = new TextEncoder().encode(header).length,
): Uint8Array {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(0, length, true);
  return Uint8Array.from([...size, ...new TextEncoder().encode(header), ...data]);
}

/** A header of F32 tensors: name, shape, begin, end. */
function header(...tensors: Array<[string, unknown, unknown, unknown]>): string {
  const fields = tensors.map(([name, shape, begin, end]) => {
    return `${JSON.stringify(name)}:{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;
  });
  return `{${fields.join(",")}}`;
}

function fault(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, "m.safetensors");
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(/^m\.safetensors: /);
    return (error as Error).message;
  }
  throw new Error("expected a FormatError");
}

// Written by the reference library, safetensors 0.8.0 for Python: metadata { format: "x" } and
// b [2] = -0.5, 0.001; empty [0, 4]; s [] = 7; w [2, 3] = 1 to 6.
const REFERENCE = Buffer.from(
  "AAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJ4In0sImIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMi" +
    "OlswLDhdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRhdGFfb2Zmc2V0cyI6WzgsOF19LCJzIjp7ImR0eXBlIjoiRjMy" +
    "Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls4LDEyXX0sInciOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6" +
    "WzEyLDM2XX19ICAgAAAAv28SgzoAAOBAAACAPwAAAEAAAEBAAACAQAAAoEAAAMBA",
  "base64",
);
const REFERENCE_TENSORS = {
  w: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  s: { shape: [], data: Float32Array.of(7) },
  b: { shape: [2], data: Float32Array.of(-0.5, 0.001) },
  empty: { shape: [0, 4], data: new Float32Array(0) },
};

describe("encodeSafetensors", () => {
  it("lays the bytes out as the specification says", () => {
    const bytes = encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1.5) } }, {});
    const json = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'; // 54 bytes, padded to 56
    expect([...bytes]).toEqual([56, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(`${json}  `), 0, 0, 0xc0, 0x3f]);
  });

  it("writes the bytes the reference library writes", () => {
    expect(Buffer.from(encodeSafetensors(REFERENCE_TENSORS, { format: "x" })).equals(REFERENCE)).toBe(true);
  });

  it("gives the same bytes whatever the order of the names", () => {
    const one = { shape: [1], data: Float32Array.of(1) };
    const two = { shape: [1], data: Float32Array.of(2) };
    const bytes = encodeSafetensors({ x: one, y: two }, { p: "1", q: "2" });
    expect(encodeSafetensors({ y: two, x: one }, { q: "2", p: "1" })).toEqual(bytes);
  });

  it("refuses a shape that does not fit, and the reserved name", () => {
    const data = new Float32Array(5);
    for (const shape of [[2, 3], [], [2.5, 2], [-5, -1]]) {
      expect(() => encodeSafetensors({ a: { shape, data } }, {})).toThrow(DataError);
    }
    expect(() => encodeSafetensors({ __metadata__: { shape: [5], data } }, {})).toThrow(DataError);
  });
});

describe("decodeSafetensors", () => {
  it("reads what the reference library wrote", () => {
    expect(decodeSafetensors(REFERENCE, "f")).toEqual({ tensors: REFERENCE_TENSORS, metadata: { format: "x" } });
  });

  it("reads a hand-made file with data in another order than the header, without padding", () => {
    const bytes = file(header(["late", [1], 4, 8], ["early", [1], 0, 4]), [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
    expect(decodeSafetensors(bytes, "f")).toEqual({
      tensors: { late: { shape: [1], data: Float32Array.of(-2) }, early: { shape: [1], data: Float32Array.of(1) } },
      metadata: {},
    });
  });

  it("reads at any alignment, and copies", () => {
    const bytes = new Uint8Array([9, 9, 9, ...REFERENCE]).subarray(3);
    const { tensors } = decodeSafetensors(bytes, "f");
    bytes.fill(0);
    expect(tensors).toEqual(REFERENCE_TENSORS);
  });

  it("returns what was encoded: bit patterns, odd names, metadata", () => {
    const bits = Uint32Array.of(0x7fc00001, 0xff800000, 0x80000000, 1, 0x7f7fffff);
    const tensors = Object.fromEntries(
      ['layers/0 "ü"', "__proto__", "10", "9"].map((name) => [
        name,
        { shape: [5], data: new Float32Array(bits.buffer) },
      ]),
    );
    const metadata = Object.fromEntries([
      ["config", '{"a": "ß\n"}'],
      ["__proto__", "p"],
    ]);
    const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata), "f");
    expect(Object.keys(decoded.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const { data } of Object.values(decoded.tensors)) expect(new Uint32Array(data.buffer)).toEqual(bits);
    expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(metadata).sort());
  });

  it("reads a file without tensors", () => {
    expect(decodeSafetensors(encodeSafetensors({}, {}), "f")).toEqual({ tensors: {}, metadata: {} });
  });

  const four = [0, 0, 0, 0];
  const eight = [...four, ...four];
  it.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(0), "ends at byte 0"],
    ["a cut length", file("{}").subarray(0, 7), "ends at byte 7"],
    ["a header longer than the file", file("{}", [], 3), "header's length at byte 0 is 3, but only 2 bytes follow"],
    [
      "an absurd header length",
      Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 0x7b, 0x7d]),
      "is 18446744073709551615",
    ],
    ["no header", file("", [], 0), 'does not begin with "{"'],
    ["an array as header", file("[]"), 'does not begin with "{"'],
    ["broken JSON", file('{"a":'), "JSON object as header in bytes 8 to 13"],
    ["text after the JSON", file("{}x"), "JSON object as header"],
    [
      "a header that is not UTF-8",
      file('{"__metadata__":{"a":"?"}}').map((byte) => (byte === 0x3f ? 0xff : byte)),
      "JSON object as header",
    ],
    [
      "another dtype",
      file('{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}', four),
      'tensor "h": expected dtype "F32", found "F16"',
    ],
    ["no dtype", file('{"h":{"shape":[1],"data_offsets":[0,4]}}', four), 'expected dtype "F32", found undefined'],
    ["a tensor that is null", file('{"h":null}'), 'tensor "h": expected { dtype, shape, data_offsets }, found null'],
    ["a shape that is text", file(header(["a", "1", 0, 4]), four), 'tensor "a": expected a shape'],
    ["a negative size", file(header(["a", [-1, -1], 0, 4]), four), "expected a shape"],
    ["a fractional size", file(header(["a", [0.5, 2], 0, 4]), four), "expected a shape"],
    ["a size beyond safe integers", file(header(["a", [2 ** 53], 0, 4]), four), "expected a shape"],
    ["a product beyond safe integers", file(header(["a", [2 ** 30, 2 ** 30], 0, 4]), four), "expected a shape"],
    [
      "a product beyond all numbers, times 0",
      file(header(["a", [...new Array(40).fill(2 ** 30), 0], 0, 0])),
      "expected a shape",
    ],
    ["no offsets", file('{"a":{"dtype":"F32","shape":[1]}}', four), "expected data_offsets [begin, end]"],
    ["one offset", file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}', four), "expected data_offsets"],
    ["offsets the wrong way round", file(header(["a", [1], 4, 0]), four), "expected data_offsets"],
    ["an offset beyond safe integers", file(header(["a", [1], 0, "1e300"]), four), "expected data_offsets"],
    [
      "a shape that needs more bytes",
      file(header(["a", [3], 0, 8]), eight),
      "shape [3] of F32 needs 12 bytes, but data_offsets [0, 8] hold 8",
    ],
    ["a shape that needs fewer bytes", file(header(["a", [1], 0, 8]), eight), "needs 4 bytes"],
    [
      "an overlap",
      file(header(["a", [2], 0, 8], ["b", [1], 4, 8]), eight),
      'tensor "b" begins at data byte 4, but the tensors before it end at 8: they overlap',
    ],
    ["the same bytes twice", file(header(["a", [1], 0, 4], ["b", [1], 0, 4]), four), "they overlap"],
    [
      "a gap",
      file(header(["a", [1], 0, 4], ["b", [1], 8, 12]), [...eight, ...four]),
      'tensor "b" begins at data byte 8, but the tensors before it end at 4: there is a gap',
    ],
    ["a gap before the first", file(header(["a", [1], 4, 8]), eight), "there is a gap"],
    ["a name twice", file(header(["a", [1], 0, 4], ["a", [1], 4, 8]), eight), "there is a gap"],
    [
      "truncated data",
      file(header(["a", [2], 0, 8]), four),
      "need 8 bytes of data, but 4 follow the header. The file is truncated",
    ],
    ["a byte short", REFERENCE.subarray(0, -1), "need 36 bytes of data, but 35 follow"],
    ["bytes appended", file(header(["a", [1], 0, 4]), [...four, 0]), "has something appended"],
    [
      "metadata that is not text",
      file('{"__metadata__":{"epoch":3}}'),
      '"__metadata__" to map text to text, found {"epoch":3}',
    ],
    ["metadata that is a list", file('{"__metadata__":["a"]}'), "to map text to text"],
  ])("refuses %s", (_, bytes, message) => {
    expect(fault(bytes)).toContain(message);
  });

  it("refuses every shortened form of a good file", () => {
    for (let length = 0; length < REFERENCE.length; length++) fault(REFERENCE.subarray(0, length));
  });
});
