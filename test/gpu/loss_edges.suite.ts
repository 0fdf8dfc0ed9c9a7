// shaders/loss.wgsl where a loss has an edge: margins of exactly 1, ties, clips, values that are not finite.
import { lossKernel } from "../../src/nn/kernels/losses.ts";
import { assertWithin } from "../twins/bounds.ts";
import { isBinary, type LossName, losses, lossNames } from "../twins/losses.ts";
import { type Matrix, matrix, padded32, up4, vector } from "../twins/matrix.ts";
import { type Context, test } from "./harness.ts";
import { madeLosses } from "./made_losses.ts";
import { faultIn, runKernels, samples, state, untouched } from "./run_kernel.ts";

const isRightOnly = [{ kind: "categorical_accuracy", option: 0 }] as const;

/** Rows of logits and dense targets given by hand; gives each row's loss, correctness and gradient. */
async function rowsByHand(
  gpu: Context["gpu"],
  name: LossName,
  logits: Matrix,
  targets: Matrix,
  { step = 0, fault = 0xffffffff, valid = logits.length } = {},
) {
  const classes = logits[0]!.length;
  const batch = logits.length;
  const rowCount = step * batch + valid;
  const { shader, constant } = madeLosses[name];
  const table = vector(rowCount, (i) => ({ targetRow: i % batch, signed: isBinary(targets) }));
  const after = await runKernels(
    gpu,
    {
      state: state({ step, rowCount, fault }),
      samples: samples(table),
      logits: padded32(logits, up4(batch)),
      gradient: padded32(matrix(up4(batch), classes, () => untouched)),
      outcomes: new Float32Array(rowCount * 2),
      targets: padded32(targets),
    },
    [
      {
        kernel: lossKernel(shader, "dense", false, isRightOnly),
        uniforms: {
          params: {
            batch,
            rows: up4(batch),
            classes,
            stride: up4(classes),
            slices: 0,
            bias: 0,
            targetRows: batch,
            constant,
          },
        },
        workgroups: [Math.ceil(batch / 32), 1, 1],
      },
    ],
  );
  const stride = up4(classes);
  return {
    values: vector(valid, (i) => after.outcomes[(step * batch + i) * 2]!),
    right: vector(valid, (i) => after.outcomes[(step * batch + i) * 2 + 1]!),
    gradient: vector(batch, (i) => Array.from(after.gradient.subarray(i * stride, i * stride + classes))),
    fault: faultIn(after.state),
  };
}

test("losses: at margin exactly 1 the gradient of a hinge flows, beyond it none", async ({ gpu }) => {
  const above = 1 + 2 ** -23;
  const { values, gradient } = await rowsByHand(gpu, "hinge", [[1, -1, above, -above]], [[1, 0, 1, 0]]);
  assertWithin(values, [0], 0, "loss");
  assertWithin(gradient[0]!, [-1 / 4, 1 / 4, 0, 0], 0, "gradient");
  const soft = await rowsByHand(gpu, "hinge", [[2, -2]], [[0.5, -0.5]]);
  assertWithin(soft.gradient[0]!, [-0.25, 0.25], 0, "gradient of targets used as given");
});

test("losses: categorical_hinge at margin exactly 1, with equal maxima, with the right class's own 0", async ({
  gpu,
}) => {
  const logits = [
    [2, 1, 0], // margin 0: flows
    [2.5, 1, 0], // below: none
    [0, 3, 3], // equal maxima share
    [-1, -2, -3], // the right class contributes 0 to the maximum: no wrong class is pushed
    [1, 0, -4], // the right class's 0 ties with a wrong class
  ];
  const targets = logits.map(() => [1, 0, 0]);
  const { values, gradient } = await rowsByHand(gpu, "categorical_hinge", logits, targets);
  assertWithin(values, [0, 0, 4, 2, 0], 0, "loss");
  const wanted = [
    [-1, 1, 0],
    [0, 0, 0],
    [-1, 0.5, 0.5],
    [-1, 0, 0],
    [-1, 0.5, 0],
  ];
  assertWithin(
    gradient.flat(),
    wanted.flat().map((g) => g / 5),
    1e-7,
    "gradient",
  );
  const twin = logits.flatMap((p, i) => losses.categorical_hinge(p, targets[i]!).gradient.map((g) => g / 5));
  assertWithin(
    twin,
    wanted.flat().map((g) => g / 5),
    1e-15,
    "the twin's gradient",
  );
});

test("losses: categorical_crossentropy clips probabilities, and a clipped one passes no gradient", async ({ gpu }) => {
  const logits = [
    [0, 1, 1], // clipped below
    [-0.5, 1, 1.5], // negative
    [5, 0, 0], // clipped above
    [3e-7, 1, 1], // just inside
  ];
  const targets = logits.map(() => [1, 0, 0]);
  const { values, gradient } = await rowsByHand(gpu, "categorical_crossentropy", logits, targets);
  const twins = logits.map((p, i) => losses.categorical_crossentropy(p, targets[i]!));
  // log is within 3 units of 16, or within 2^-21; the quotient of the last row adds a few.
  assertWithin(
    values,
    twins.map(({ value }) => value),
    6e-6,
    "loss",
  );
  const wanted = twins.flatMap((twin) => twin.gradient.map((g) => g / 4));
  assertWithin(
    gradient.flat(),
    wanted,
    wanted.map((g) => 2e-6 * Math.abs(g)),
    "gradient",
  );
});

test("losses: large logits neither overflow nor lose the gradient of cross-entropy", async ({ gpu }) => {
  const logits = [
    [300, -300, 0],
    [-1e30, 1e30, 0],
    [88, 89, 90],
  ];
  const targets = [
    [1, 0, 0],
    [0, 1, 0],
    [1, 0, 0],
  ];
  const name = "categorical_crossentropy_logits";
  const { values, gradient, fault } = await rowsByHand(gpu, name, logits, targets);
  const twins = logits.map((p, i) => losses[name](p, targets[i]!));
  // exp(-2) is within 7 units; everything else of these rows is 0, 1 or whole.
  assertWithin(
    values,
    twins.map(({ value }) => value),
    2e-6,
    "loss",
  );
  assertWithin(
    gradient.flat(),
    twins.flatMap((twin) => twin.gradient.map((g) => g / 3)),
    1e-6,
    "gradient",
  );
  assertWithin([fault], [0xffffffff], 0, "fault");
});

test("losses: binary_crossentropy clips p and 1 - p, and a clipped one passes no gradient", async ({ gpu, note }) => {
  const below = 1 - 2 ** -23; // the last float32 inside of the clip
  const logits = [[0, 1, -0.5, 1.5, 3e-8, 2e-7, below, 1 - 2 ** -24]];
  for (const y of [0, 1, 0.25]) {
    const targets = [logits[0]!.map(() => y)];
    const { values, gradient } = await rowsByHand(gpu, "binary_crossentropy", logits, targets);
    const twin = losses.binary_crossentropy(logits[0]!, targets[0]!);
    assertWithin(values, [twin.value], 6e-6, `loss of ${y}`);
    assertWithin(
      gradient[0]!,
      twin.gradient,
      twin.gradient.map((g) => 2e-6 * Math.abs(g)),
      `gradient of ${y}`,
    );
    note(`targets ${y}: loss off by ${Math.abs(values[0]! - twin.value).toExponential(1)} of ${twin.value.toFixed(2)}`);
  }
});

test("losses: binary_crossentropy from logits keeps its digits for small and large ones", async ({ gpu, note }) => {
  const logits = [-1e30, -300, -88, -20, -1, -1e-6, 0, 1e-6, 1, 20, 88, 300, 1e30].map((x) => [x]);
  for (const y of [0, 1, 0.5]) {
    const targets = logits.map(() => [y]);
    const { values, gradient, fault } = await rowsByHand(gpu, "binary_crossentropy_logits", logits, targets);
    const twins = logits.map((p) => losses.binary_crossentropy_logits(p, [y]));
    const wanted = twins.map(({ value }) => value);
    assertWithin(
      values,
      wanted,
      wanted.map((value) => 1e-6 + 2 ** -22 * value),
      `loss of ${y}`,
    );
    const slopes = twins.map((twin) => twin.gradient[0]! / logits.length);
    assertWithin(gradient.flat(), slopes, 1e-6 / logits.length, `gradient of ${y}`);
    assertWithin([fault], [0xffffffff], 0, "fault");
    const worst = Math.max(...values.map((value, i) => Math.abs(value - wanted[i]!) / (1 + wanted[i]!)));
    note(`targets ${y}: loss within ${worst.toExponential(1)} of float64`);
  }
});

test("losses: what regression losses do at their kinks", async ({ gpu }) => {
  const [tenth, half] = [Math.fround(0.1), 0.5];
  const above = half + 2 ** -24;
  const row = async (name: LossName, p: number[]) => {
    const { values, gradient } = await rowsByHand(gpu, name, [p], [p.map(() => 0)]);
    return { value: values[0]! * p.length, gradient: gradient[0]!.map((g) => g * p.length) };
  };
  const absolute = await row("mean_absolute_error", [0, 2, -2, 1e-30]);
  assertWithin(absolute.gradient, [0, 1, -1, 1], 0, "mean_absolute_error: gradient");
  assertWithin([absolute.value], [4], 0, "mean_absolute_error");
  const tube = await row("epsilon_insensitive of 0.5", [half, -half, above, -above]);
  assertWithin(tube.gradient, [0, 0, 1, -1], 0, "epsilon_insensitive: gradient");
  const narrow = await row("epsilon_insensitive", [tenth, -tenth, 0, 0.05]);
  assertWithin([narrow.value, ...narrow.gradient], [0, 0, 0, 0, 0], 0, "epsilon_insensitive up to its default epsilon");
  const huber = await row("huber of 0.25", [0.25, -0.25, 1, -1]);
  assertWithin(huber.gradient, [0.25, -0.25, 0.25, -0.25], 0, "huber: gradient");
  assertWithin([huber.value], [2 * 0.03125 + 2 * (0.25 - 0.03125)], 0, "huber");
});

test("losses: the first of equal largest outputs is the prediction", async ({ gpu }) => {
  const logits = [
    [1, 1, 0],
    [0, 1, 1],
    [0, 1, 1],
    [-1, -1, -1],
  ];
  const targets = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [0.5, 0.5, 0],
  ];
  const { right } = await rowsByHand(gpu, "mean_squared_error", logits, targets);
  assertWithin(right, [1, 1, 0, 1], 0, "right");
});

test("losses: a NaN or infinite logit is kept as the first fault, also where the loss would hide it", async (t) => {
  const fine = [0.5, -0.5, 0.25];
  const targets = [1, 2, 3].map(() => [0, 1, 0]);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const name of lossNames) {
      const logits = [fine, [0.5, bad, 0.25], fine];
      const faults = [
        (await rowsByHand(t.gpu, name, logits, targets, { step: 3 })).fault,
        (await rowsByHand(t.gpu, name, logits, targets, { step: 3, fault: 5 })).fault,
        (await rowsByHand(t.gpu, name, logits, targets, { step: 3, fault: 2 })).fault,
      ];
      assertWithin(faults, [3, 3, 2], 0, `${name} of ${bad}: fault alone, before a later one, after an earlier one`);
    }
  }
  const hidden = await rowsByHand(t.gpu, "hinge", [[0.5, Number.NaN, 0.25]], [[0, 1, 0]]);
  t.note(`the hinge of a row of three with a NaN is ${hidden.values[0]} here; the other two alone give ${2.75 / 3}`);
});

test("losses: rows beyond the valid ones give no fault and exactly zero gradient, whatever they hold", async ({
  gpu,
}) => {
  const logits = [
    [0.5, 0.5],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1e30],
    [1, 1],
    [Number.NaN, Number.NaN],
  ];
  const targets = logits.map(() => [1, 0]);
  for (const name of lossNames) {
    const { gradient, fault } = await rowsByHand(gpu, name, logits, targets, { valid: 1, step: 2 });
    assertWithin(
      gradient.slice(1).flat(),
      vector(8, () => 0),
      0,
      `${name}: gradient`,
    );
    assertWithin([fault], [0xffffffff], 0, `${name}: fault`);
  }
});
