// What the random feature layer must approximate, judged over many seeds.
import { assert } from "chai";
import { type Gpu, layers, Sequential } from "../../src/index.ts";
import { randomStream } from "../../src/random.ts";
import { assertClose, test } from "./harness.ts";

type Kernel = "gaussian" | "laplacian";
type Points = readonly (readonly number[])[];
const seeds = 20;

test("statistics: exact kernels agree with known values", () => {
  const a = [
    [1, 2],
    [-2, 0.9],
    [3.3, -1],
  ];
  const b = [
    [1.1, 2.1],
    [-2, 0.9],
  ];
  assertClose(exactKernel("gaussian", a, b, 2), [0.997, 0.279, 0.251, 1, 0.164, 0.019], { absolute: 1e-2 }, "gaussian");
  assertClose(
    exactKernel("laplacian", a, b, 2),
    [0.904, 0.128, 0.116, 1, 0.07, 0.027],
    { absolute: 1e-2 },
    "laplacian",
  );
});

for (const [kernel, scale] of [
  ["gaussian", 5],
  ["laplacian", 10],
] as const) {
  test(`statistics: 2000 ${kernel} features approximate the kernel`, async ({ gpu, note }) => {
    const stream = randomStream(3, "points");
    const points = (n: number) =>
      Array.from({ length: n }, () => Array.from({ length: 5 }, () => stream.nextUniform()));
    const errors: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const a = points(20);
      const b = points(30);
      const approximate = await kernelFromFeatures(gpu, kernel, a, b, { scale, outputDim: 2000, seed });
      const exact = exactKernel(kernel, a, b, scale);
      errors.push(Math.max(...approximate.map((value, i) => Math.abs(value - (exact[i] as number)))));
    }
    note(
      `largest of 600 errors, over ${seeds} seeds: median ${median(errors).toFixed(4)}, worst ${Math.max(...errors).toFixed(4)}`,
    );
    // An entry's deviation is at most sqrt(1/(2 D)) (1 + 2 cos^2...) < .03; .05 is its bound for one draw of 600 entries.
    assert.isAtMost(median(errors), 0.05);
    assert.isAtLeast(errors.filter((e) => e < 0.05).length, seeds * 0.8);
  });
}

for (const [kernel, scale] of [
  ["gaussian", 5],
  ["laplacian", 3],
] as const) {
  test(`statistics: 3000 and 2000 ${kernel} features agree`, async ({ gpu, note }) => {
    const x = [[1, -1, 0.5]];
    const y = [[-1, 1, 1]];
    const differences: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const [more] = await kernelFromFeatures(gpu, kernel, x, y, { scale, outputDim: 3000, seed });
      const [fewer] = await kernelFromFeatures(gpu, kernel, x, y, { scale, outputDim: 2000, seed: seed + 1000 });
      differences.push(Math.abs((more as number) - (fewer as number)));
    }
    note(`differences: median ${median(differences).toFixed(4)}, worst ${Math.max(...differences).toFixed(4)}`);
    assert.isAtLeast(differences.filter((d) => d < 0.08).length, seeds * 0.9);
  });
}

for (const [kernel, scale, exact] of [
  ["gaussian", 5, 0.847894],
  ["laplacian", 20, 0.798516],
] as const) {
  test(`statistics: 10 ${kernel} features approximate badly, but not wildly`, async ({ gpu, note }) => {
    const x = [[1, -1, 0.5]];
    const y = [[-1, 1, 1]];
    assertClose(exactKernel(kernel, x, y, scale), [exact], { absolute: 1e-6 }, "exact");
    const errors: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const [value] = await kernelFromFeatures(gpu, kernel, x, y, { scale, outputDim: 10, seed });
      errors.push(Math.abs((value as number) - exact));
    }
    note(`errors: median ${median(errors).toFixed(3)}, worst ${Math.max(...errors).toFixed(3)}`);
    assert.isAbove(median(errors), 0.01);
    assert.isBelow(median(errors), 0.5);
  });
}

/** (2/D) Z(a) Z(b)', row after row. */
async function kernelFromFeatures(
  gpu: Gpu,
  kernel: Kernel,
  a: Points,
  b: Points,
  { scale, outputDim, seed }: { scale: number; outputDim: number; seed: number },
): Promise<number[]> {
  const model = new Sequential(
    [
      layers.input({ shape: [a[0]?.length ?? 0] }),
      layers.randomFourierFeatures({ outputDim, scale, kernelInitializer: kernel }),
    ],
    { gpu, seed },
  );
  const { data } = await model.predict([...a, ...b]);
  model.dispose();
  const row = (i: number) => data.subarray(i * outputDim, (i + 1) * outputDim);
  return a.flatMap((_, i) => b.map((_, j) => (2 / outputDim) * dot(row(i), row(a.length + j))));
}

/** gaussian exp(-|x - y|^2 / (2 s^2)), laplacian exp(-|x - y|_1 / s). */
function exactKernel(kernel: Kernel, a: Points, b: Points, scale: number): number[] {
  return a.flatMap((x) =>
    b.map((y) => {
      const differences = x.map((value, i) => Math.abs(value - (y[i] as number)));
      if (kernel === "laplacian") return Math.exp(-differences.reduce((sum, d) => sum + d, 0) / scale);
      return Math.exp(-differences.reduce((sum, d) => sum + d * d, 0) / (2 * scale * scale));
    }),
  );
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
