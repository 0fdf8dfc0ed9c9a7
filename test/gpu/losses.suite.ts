// shaders/loss.wgsl with every loss and every form of targets, signed or not, against test/twins/losses.ts.
import { lossKernel, type TargetKind } from "../../src/nn/kernels/losses.ts";
import { assertWithin, sumBound } from "../twins/bounds.ts";
import { lossBounds } from "../twins/loss_bounds.ts";
import {
  distanceToKink,
  isRight,
  type LossName,
  losses,
  lossNames,
  oneHot,
  signed,
  signsTargets,
  takesProbabilities,
} from "../twins/losses.ts";
import { type Matrix, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { madeLosses } from "./made_losses.ts";
import { runKernels, samples, state, untouched } from "./run_kernel.ts";

const isRightOnly = [{ kind: "categorical_accuracy", option: 0 }] as const;

type Form = "labels" | "one-hot" | "soft";

interface Shape {
  batch: number;
  rowCount: number;
  step: number;
  classes: number;
  /** Slices of partial logits; 0 where the logits are given. */
  slices: number;
}

// The last step of an epoch where rowCount is not a multiple of batch.
const shapes: Shape[] = [
  { batch: 1, rowCount: 1, step: 0, classes: 1, slices: 0 },
  { batch: 1, rowCount: 3, step: 2, classes: 3, slices: 1 },
  { batch: 3, rowCount: 8, step: 2, classes: 4, slices: 0 },
  { batch: 4, rowCount: 4, step: 0, classes: 5, slices: 2 },
  { batch: 5, rowCount: 17, step: 3, classes: 10, slices: 5 },
  { batch: 16, rowCount: 16, step: 0, classes: 16, slices: 0 },
  { batch: 17, rowCount: 35, step: 2, classes: 17, slices: 32 },
  { batch: 33, rowCount: 33, step: 0, classes: 63, slices: 0 },
  { batch: 64, rowCount: 127, step: 1, classes: 64, slices: 3 },
  { batch: 65, rowCount: 65, step: 0, classes: 65, slices: 1 },
  { batch: 127, rowCount: 131, step: 1, classes: 70, slices: 0 },
  { batch: 131, rowCount: 131, step: 0, classes: 2, slices: 4 },
];

for (const name of lossNames) {
  test(`losses: ${name} at ragged sizes, as labels, one-hot and soft targets`, async ({ gpu }) => {
    let seed = 0;
    for (const shape of shapes) {
      for (const form of ["labels", "one-hot", "soft"] as const) await check(gpu, name, shape, form, ++seed);
    }
  });
}

/** One minibatch. Rows are drawn away from the kinks of the loss, where float32 may take the other side. */
async function check(gpu: Context["gpu"], name: LossName, shape: Shape, form: Form, seed: number): Promise<void> {
  const { batch, rowCount, step, classes, slices } = shape;
  const draw = numbers(seed);
  const label = `${name}, ${form} targets, ${JSON.stringify(shape)}`;
  const rows = up4(batch);
  const first = step * batch;
  const valid = Math.min(batch, rowCount - first);
  const labels = vector(rowCount + 3, () => Math.floor(((draw() + 1) / 2) * classes));
  const targets = labels.map((c) => (form === "soft" ? vector(classes, () => (draw() + 1) / 2) : oneHot(c, classes)));
  const table = vector(rowCount, () => ({
    featureRow: 7,
    targetRow: Math.floor(((draw() + 1) / 2) * targets.length),
    weight: draw() + 1,
    signed: draw() > 0,
  }));
  const targetsOf = (i: number) => {
    const sample = table[Math.min(first + i, rowCount - 1)]!;
    const y = targets[sample.targetRow]!;
    return signsTargets(name) && sample.signed ? signed(y) : y;
  };
  // Terms of a logit: slices and bias, or the logit itself.
  const bias = slices > 0 ? vector(classes, value) : undefined;
  const terms = vector(rows, (i) => {
    for (;;) {
      const parts = matrix(Math.max(slices, 1), classes, value);
      if (i >= valid || distanceToKink(name, addUp(parts, bias), targetsOf(i)) > 1e-4) return parts;
    }
  });
  function value(): number {
    return takesProbabilities(name) ? Math.fround((0.5 + 0.45 * draw()) / (slices + 1)) : 2 * draw();
  }

  const expected = vector(rows, (i) => {
    const p = addUp(terms[i]!, bias);
    const sizes = addUp(terms[i]!, bias, Math.abs);
    const dp = sizes.map((size) => (slices > 0 ? sumBound(slices + 1) * size : 0));
    const zero = { p, dp, outcome: [untouched, untouched], outcomeBound: 0, g: p.map(() => 0), gBound: p.map(() => 0) };
    if (i >= valid) return zero;
    const y = targetsOf(i);
    const { weight } = table[first + i]!;
    const loss = losses[name](p, y);
    const bounds = lossBounds[name]({ p, dp, y });
    return {
      p,
      dp,
      outcome: [loss.value * weight, isRight(p, y) ? 1 : 0],
      outcomeBound: (bounds.value + sumBound(0) * Math.abs(loss.value)) * weight,
      g: loss.gradient.map((g) => (g * weight) / valid),
      gBound: bounds.gradient.map((b, c) => ((b + 4 * sumBound(0) * Math.abs(loss.gradient[c]!)) * weight) / valid),
    };
  });

  const stride = up4(classes);
  const { shader, constant } = madeLosses[name];
  const kind: TargetKind = form === "labels" ? "labels" : "dense";
  const partials = vector(slices, (slice) => Array.from(padded(terms.map((parts) => parts[slice]!)))).flat();
  const given: Matrix = slices > 0 ? matrix(rows, classes, () => untouched) : expected.map(({ p }) => p);
  const after = await runKernels(
    gpu,
    {
      state: state({ step, rowCount }),
      samples: samples(table),
      logits: padded32(given),
      gradient: padded32(matrix(rows, classes, () => untouched)),
      outcomes: new Float32Array((rowCount + 2) * 2).fill(untouched),
      ...(slices > 0 && { partials: Float32Array.from(partials) }),
      parameters: padded32([vector(classes, () => untouched), bias ?? vector(classes, () => 0)]),
      ...(kind === "labels" ? { labels: Uint32Array.from(labels) } : { targets: padded32(targets) }),
    },
    [
      {
        kernel: lossKernel(shader, kind, slices > 0, isRightOnly),
        uniforms: {
          params: { batch, rows, classes, stride, slices, bias: stride / 4, targetRows: targets.length, constant },
        },
        workgroups: [Math.ceil(rows / 32), 1, 1],
      },
    ],
  );

  const outcomes = vector(rowCount + 2, (i) => expected[i - first]?.outcome ?? [untouched, untouched]);
  const outcomeBounds = outcomes.flatMap((_, i) => [expected[i - first]?.outcomeBound ?? 0, 0]);
  assertWithin(
    after.logits,
    padded(expected.map(({ p }) => p)),
    padded(expected.map(({ dp }) => dp)),
    `${label}: logits`,
  );
  assertWithin(after.outcomes, outcomes.flat(), outcomeBounds, `${label}: outcomes`);
  assertWithin(
    after.gradient,
    padded(expected.map(({ g }) => g)),
    padded(expected.map(({ gBound }) => gBound)),
    `${label}: gradient`,
  );
  // The optimizer behind the loss goes on from `next`; no fault among finite values.
  assertWithin(after.state, state({ step, next: step + 1, rowCount }), 0, `${label}: state`);
}

/** The sums of the parts' columns, and of the bias. */
function addUp(parts: Matrix, bias: number[] | undefined, f: (value: number) => number = (value) => value): number[] {
  return parts[0]!.map((_, c) => parts.reduce((total, row) => total + f(row[c]!), f(bias?.[c] ?? 0)));
}

test("losses: each twin's gradient is the slope of its value", () => {
  for (const name of lossNames) {
    for (const classes of [1, 2, 5, 17]) {
      const draw = numbers(classes);
      const row = () => vector(classes, () => (takesProbabilities(name) ? 0.5 + 0.25 * draw() : 2 * draw()));
      for (const y of [oneHot(classes >> 1, classes), vector(classes, () => draw())]) {
        let p = row();
        while (distanceToKink(name, p, y) < 1e-3) p = row();
        const h = 1e-5;
        const slopes = p.map((_, c) => {
          const at = (d: number) =>
            losses[name](
              p.map((value, i) => (i === c ? value + d : value)),
              y,
            ).value;
          return (at(h) - at(-h)) / (2 * h);
        });
        // h^2 times the third derivative, and float64's rounding over h.
        assertWithin(losses[name](p, y).gradient, slopes, 1e-8, `${name} of ${classes}`);
      }
    }
  }
});
