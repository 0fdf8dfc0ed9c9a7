import { describe, expect, it } from "vitest";
import { checkFinite, type MatrixLike, sliceRows, toMatrix } from "../../src/data/matrix.ts";

const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("toMatrix", () => {
  it("takes a matrix as it is, bytes and their unit included", () => {
    const floats = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] as const };
    expect(toMatrix(floats, "x").data).toBe(floats.data);
    expect(toMatrix({ data: floats.data, shape: [1, 2, 3] }, "x")).toEqual({ data: floats.data, shape: [1, 6] });
    const bytes = { data: Uint8Array.of(0, 255), shape: [1, 2] as const, unit: 1 / 255 };
    expect(toMatrix(bytes, "x")).toEqual(bytes);
    expect(toMatrix(bytes, "x").data).toBe(bytes.data);
  });

  it("copies rows of any kind of list, row after row", () => {
    const rows = [[1, 2], Float32Array.of(3, 4), Uint8Array.of(5, 6)];
    expect(toMatrix(rows, "x")).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] });
  });

  it.each([
    ["too few values", { data: Float32Array.of(1, 2, 3), shape: [2, 2] }, /x: shape \[2, 2\] needs 4 values.* has 3/],
    ["too many values", { data: Float32Array.of(1, 2, 3), shape: [1, 2] }, /needs 2 values.* has 3/],
    ["a shape of one number", { data: Float32Array.of(1), shape: [1] }, /shape \[rows, columns\].* got \[1\]/],
    ["a fractional shape", { data: Float32Array.of(1), shape: [0.5, 2] }, /whole numbers, got \[0\.5, 2\]/],
    ["a negative shape", { data: Float32Array.of(1), shape: [-1, -1] }, /whole numbers, got \[-1, -1\]/],
    ["no rows", { data: new Float32Array(0), shape: [0, 2] }, /x: expected at least one row, got none/],
    ["an empty list", [], /x: expected at least one row, got none/],
    ["ragged rows", [[1, 2], [3, 4], [5]], /x: row 2 has 1 values, but row 0 has 2/],
    ["a missing row", [[1, 2], undefined], /x: row 1 has no values/],
    ["NaN", { data: Float32Array.of(1, 2, 3, Number.NaN), shape: [2, 2] }, /x: row 1, column 1 .* is NaN/],
    [
      "infinity",
      [
        [1, 2, 3],
        [4, 5, -Infinity],
      ],
      /x: row 1, column 2 .* is -Infinity/,
    ],
    ["a number too large for float32", [[1e39]], /x: row 0, column 0 .* is Infinity/],
    ["text for a number", [["a"]], /x: row 0, column 0 .* is NaN/],
    ["an object", { rows: 1 }, /x: expected .* got Object/],
    ["null", null, /x: expected .* got null/],
    ["nothing", undefined, /x: expected .* got undefined/],
    ["a number", 5, /x: expected .* got 5\./],
    ["text", "1,2", /x: expected .* got "1,2"\./],
    [
      "data of another kind",
      { data: Float64Array.of(1, Number.NaN), shape: [1, 2] },
      /x: .*Float32Array.*Float64Array/,
    ],
    ["data that is a list", { data: [1, 2], shape: [1, 2] }, /x: .*Float32Array.*Array/],
  ])("refuses %s", (_, given, message) => {
    expect(() => toMatrix(given as unknown as MatrixLike, "x")).toThrow(error("data", message));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a unit of %d", (unit) => {
    const matrix = { data: Uint8Array.of(1), shape: [1, 1] as const, unit };
    expect(() => toMatrix(matrix, "x")).toThrow(error("config", /x: unit must be a positive number/));
  });
});

describe("checkFinite", () => {
  it("names the first bad value", () => {
    const data = new Float32Array(12);
    expect(() => checkFinite(data, 3, "y")).not.toThrow();
    data[7] = Number.NaN;
    data[11] = Number.POSITIVE_INFINITY;
    expect(() => checkFinite(data, 3, "y")).toThrow(error("data", /^y: row 2, column 1 /));
  });
});

describe("sliceRows", () => {
  it("shares memory and keeps the unit", () => {
    const matrix = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] as const, unit: 0.5 };
    const slice = sliceRows(matrix, 1, 3);
    expect(slice).toEqual({ data: Uint8Array.of(3, 4, 5, 6), shape: [2, 2], unit: 0.5 });
    expect(slice.data.buffer).toBe(matrix.data.buffer);
  });
});
