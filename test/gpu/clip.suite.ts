// shaders/clip.wgsl against test/twins/training.ts.
import { linear } from "../../src/gpu/dispatch.ts";
import { clipGroups, clipNorm, clipValue, sumSquares } from "../../src/nn/kernels/clip.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import { numbers, vector } from "../twins/matrix.ts";
import { clippedByNorm } from "../twins/training.ts";
import { type Context, test } from "./harness.ts";
import { faultIn, runKernels, state, untouched } from "./run_kernel.ts";

/** Lengths of a range in vec4f: below, at and above a workgroup and all that add up squares. */
const ranges = [1, 3, 63, 64, 65, 131, 511, 512, 513, 1031];
/** Where a range begins, in vec4f. */
const first = 3;

async function clip(gpu: Context["gpu"], by: "value" | "norm", g: readonly number[], limit: number) {
  const count = g.length / 4;
  const groups = Math.min(clipGroups, Math.ceil(count / 64));
  const uniforms = { params: { first, count, groups, limit } };
  const around = vector(first * 4, () => untouched);
  const workgroups = [groups, 1, 1] as const;
  const after = await runKernels(
    gpu,
    {
      state: state({ step: 4, next: 5 }),
      gradients: Float32Array.from([...around, ...g, ...around]),
      squares: new Float32Array(clipGroups * 64).fill(Number.NaN), // those of groups that are not there count for nothing
    },
    by === "value"
      ? [{ kernel: clipValue, uniforms, workgroups: linear(count, 64) }]
      : [
          { kernel: sumSquares, uniforms, workgroups },
          { kernel: clipNorm, uniforms, workgroups },
        ],
  );
  assertWithin([...after.gradients.slice(0, around.length)], around, 0, "before");
  assertWithin([...after.gradients.slice(-around.length)], around, 0, "behind");
  return { gradients: after.gradients.slice(around.length, -around.length), fault: faultIn(after.state) };
}

test("clip: a norm above the limit is brought down to it, one below or at it stays to the bit", async ({ gpu }) => {
  for (const count of ranges) {
    const g = vector(count * 4, numbers(count));
    const norm = Math.hypot(...g);
    for (const limit of [norm / 7, norm / 1.01]) {
      const { gradients } = await clip(gpu, "norm", g, limit);
      const bounds = g.map((value) => Math.abs(value) * (sumBound(g.length) / 2 + 4 * epsilon));
      assertWithin(gradients, clippedByNorm(g, limit), bounds, `${count} to ${limit}`);
    }
    assertWithin((await clip(gpu, "norm", g, norm * 1.01)).gradients, g, 0, `${count} as it is`);
  }
  const exact = [3, 0, 0, -4];
  assertWithin((await clip(gpu, "norm", exact, 5)).gradients, exact, 0, "at the limit");
  assertWithin((await clip(gpu, "norm", [0, 0, 0, 0], 1)).gradients, [0, 0, 0, 0], 0, "nothing");
});

test("clip: values beyond the limit become the limit", async ({ gpu }) => {
  for (const count of ranges) {
    const g = vector(count * 4, numbers(count));
    const { gradients, fault } = await clip(gpu, "value", g, 0.25);
    assertWithin(
      gradients,
      g.map((value) => Math.min(Math.max(value, -0.25), 0.25)),
      0,
      `${count}`,
    );
    assertWithin([fault], [0xffffffff], 0, "fault");
  }
});

test("clip: a gradient that is not finite is the step's fault, wherever it stands", async ({ gpu }) => {
  for (const by of ["value", "norm"] as const) {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, 3, 255, 65 * 4 - 1]) {
        const g = vector(65 * 4, (i) => (i === at ? bad : 0.5));
        assertWithin([(await clip(gpu, by, g, 1)).fault], [4], 0, `${bad} at ${at} by ${by}`);
      }
    }
  }
});
