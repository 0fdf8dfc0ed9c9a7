import { describe, expect, it } from "vitest";
import { orthogonalProjection } from "../../src/nn/orthogonal.ts";
import { randomStream } from "../../src/random.ts";
import { distance, normalCdf } from "../statistics.ts";

/** The columns of U [d, D]. */
function columnsOf(d: number, D: number, seed = 0): number[][] {
  const u = orthogonalProjection(d, D, randomStream(seed, "unscaled_kernel"));
  return Array.from({ length: D }, (_, j) => Array.from({ length: d }, (_, i) => u[i * D + j]!));
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("orthogonalProjection", () => {
  it.each([
    [1, 3],
    [2, 2],
    [5, 17],
    [64, 63],
    [31, 70],
  ])("of %i inputs and %i features has orthogonal columns in every block", (d, D) => {
    const columns = columnsOf(d, D);
    for (const [i, a] of columns.entries()) {
      for (const [j, b] of columns.slice(0, i).entries()) {
        if (Math.floor(i / d) !== Math.floor(j / d)) continue;
        expect(Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b))).toBeLessThan(1e-6);
      }
    }
    // Blocks are independent of each other.
    if (D > d && d > 1) expect(Math.abs(dot(columns[0]!, columns[d]!))).toBeGreaterThan(1e-6);
  });

  it("has Gaussian values, at every place of a block", () => {
    const d = 4;
    const columns = columnsOf(d, 40_000);
    for (let place = 0; place < d; place++) {
      for (let i = 0; i < d; i++) {
        const values = Float64Array.from({ length: 10_000 }, (_, block) => columns[block * d + place]![i]!);
        // P(sqrt(n) D > 2.4) is 2e-5 (Kolmogorov).
        expect(distance(values, normalCdf)).toBeLessThan(2.4 / 100);
      }
    }
  });

  it("has directions without a preferred sign", () => {
    // Signs of two values of a column, and of one value of two columns, agree as often as not.
    const columns = columnsOf(3, 30_000);
    const agree = (pairs: [number, number][]) => pairs.filter(([a, b]) => a * b > 0).length / pairs.length;
    const firsts = columns.filter((_, j) => j % 3 === 0);
    expect(Math.abs(agree(firsts.map((column) => [column[0]!, column[1]!])) - 0.5)).toBeLessThan(0.02);
    expect(Math.abs(agree(firsts.map((column, i) => [column[0]!, columns[i * 3 + 1]![0]!])) - 0.5)).toBeLessThan(0.02);
  });

  it("keeps its draws", () => {
    const u = orthogonalProjection(2, 2, randomStream(42, "unscaled_kernel"));
    expect([...u]).toEqual([-0.08888942003250122, 1.8077926635742188, 0.7643753886222839, 0.21022869646549225]);
  });
});
