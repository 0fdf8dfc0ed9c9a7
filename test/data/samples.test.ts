import { describe, expect, it } from "vitest";
import { inOrder, sampleTable } from "../../src/data/samples.ts";

/** Feature row, target row, weight, signed; as the shaders read them. */
function read(table: ArrayBuffer): number[][] {
  const words = new Uint32Array(table);
  const floats = new Float32Array(table);
  return Array.from({ length: words.length / 4 }, (_, i) => [
    words[i * 4]!,
    words[i * 4 + 1]!,
    floats[i * 4 + 2]!,
    words[i * 4 + 3]!,
  ]);
}

describe("sampleTable", () => {
  const order = Uint32Array.of(4, 2, 0, 1, 3);
  const binary = Uint8Array.of(1, 1, 1, 0, 1);

  it("names each row, and signs the minibatches whose every target is 0 or 1", () => {
    expect(read(sampleTable({ order, batchSize: 2, binary, runRows: 0 }))).toEqual([
      [4, 4, 1, 1],
      [2, 2, 1, 1],
      [0, 0, 1, 1],
      [1, 1, 1, 1],
      [3, 3, 1, 0], // the last, smaller minibatch is judged alone
    ]);
    const together = read(sampleTable({ order, batchSize: 5, binary, runRows: 0 }));
    expect(together.map(([, , , signed]) => signed)).toEqual([0, 0, 0, 0, 0]);
  });

  it("takes a row's weight with it", () => {
    const weights = Float32Array.of(0, 10, 20, 30, 40);
    const table = read(sampleTable({ order, batchSize: 2, weights, binary, runRows: 0 }));
    expect(table.map(([, , weight]) => weight)).toEqual([40, 20, 0, 10, 30]);
  });

  it("counts feature rows within a run where features are kept for a run at a time", () => {
    const table = read(sampleTable({ order, batchSize: 2, binary, runRows: 4 }));
    expect(table.map(([feature]) => feature)).toEqual([0, 1, 2, 3, 0]);
    expect(table.map(([, target]) => target)).toEqual([4, 2, 0, 1, 3]);
  });
});

describe("inOrder", () => {
  it("counts from 0", () => {
    expect(inOrder(3)).toEqual(Uint32Array.of(0, 1, 2));
    expect(inOrder(0)).toHaveLength(0);
  });
});
