import { expect, test } from "vitest";
import { exactKernel, featureCounts, kernelErrors } from "../../demo/worker/approximation.ts";

test("the exact kernels, by hand", () => {
  // |x - y|^2 = 9 + 16, |x - y|_1 = 7
  expect(exactKernel({ name: "gaussian", scale: 5 }, [1, 2], [4, -2])).toBeCloseTo(Math.exp(-25 / 50), 15);
  expect(exactKernel({ name: "laplacian", scale: 5 }, [1, 2], [4, -2])).toBeCloseTo(Math.exp(-7 / 5), 15);
});

test("the errors of three rows, by hand", () => {
  const rows = [[0], [1], [3]];
  // Products of the features' first and second columns: rows 0 and 1: .5, .1; rows 0 and 2: .2, .3; rows 1 and 2: .1, .03
  const z = Float32Array.of(1, 1, 0.5, 0.1, 0.2, 0.3);
  const [one, two] = kernelErrors({ name: "gaussian", scale: 1 }, rows, z, [1, 2]);
  const exact = [Math.exp(-1 / 2), Math.exp(-9 / 2), Math.exp(-4 / 2)] as const;
  const errors = [1 - exact[0], 0.4 - exact[1], 0.2 - exact[2]];
  const errors2 = [0.6 - exact[0], 0.5 - exact[1], 0.13 - exact[2]].map(Math.abs);
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  expect(one?.mean).toBeCloseTo(mean(errors), 6);
  expect(two?.mean).toBeCloseTo(mean(errors2), 6);
  expect(one?.high).toBeCloseTo(Math.max(...errors), 6);
  expect(two?.high).toBeCloseTo(Math.max(...errors2), 6);
  expect([one?.features, two?.features]).toEqual([1, 2]);
});

test.each([
  ["gaussian", 2.5],
  ["laplacian", 9],
] as const)("the expected mean of %s features is what many draws come to", (name, scale) => {
  const rows = Array.from({ length: 6 }, (_, i) => Array.from({ length: 4 }, (_, j) => Math.sin(3 * i + 5 * j) * 2));
  const random = lcg();
  const uniform = () => random();
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const direction = () => (name === "gaussian" ? normal() : Math.tan(Math.PI * (uniform() - 0.5)));
  const features = 64;
  let measured = 0;
  let expected = 0;
  const draws = 3000;
  for (let draw = 0; draw < draws; draw++) {
    const z = new Float32Array(rows.length * features);
    for (let column = 0; column < features; column++) {
      const u = [0, 1, 2, 3].map(direction);
      const b = 2 * Math.PI * uniform();
      rows.forEach((row, r) => {
        const dot = row.reduce((sum, value, j) => sum + value * (u[j] as number), 0);
        z[r * features + column] = Math.cos(dot / scale + b);
      });
    }
    const [error] = kernelErrors({ name, scale }, rows, z, [features]);
    measured += (error?.mean as number) / draws;
    expected = error?.expected as number;
  }
  expect(Math.abs(measured / expected - 1)).toBeLessThan(0.03);
});

test("numbers of features double up to D", () => {
  expect(featureCounts(4096)).toEqual([16, 32, 64, 128, 256, 512, 1024, 2048, 4096]);
  expect(featureCounts(100)).toEqual([16, 32, 64, 100]);
  expect(featureCounts(16)).toEqual([16]);
});

/** Knuth's MMIX generator's upper bits: in (0, 1), the same in every run. */
function lcg(): () => number {
  let state = 1n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return (Number(state >> 11n) + 0.5) / 2 ** 53;
  };
}
