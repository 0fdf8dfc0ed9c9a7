// shaders/optimize.wgsl with every optimizer, and shaders/advance.wgsl, against test/twins/optimizers.ts.
import { linear } from "../../src/gpu/dispatch.ts";
import { advance } from "../../src/nn/kernels/advance.ts";
import { optimizeRange } from "../../src/nn/kernels/optimizers.ts";
import { bindings, kernel } from "../../src/nn/kernels/wgsl.ts";
import { optimizers, stepTable } from "../../src/nn/optimizers.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import { numbers, vector } from "../twins/matrix.ts";
import * as twin from "../twins/optimizers.ts";
import { type Context, test } from "./harness.ts";
import { faultIn, runKernels, type Step, state, stepsOf, untouched, type Values } from "./run_kernel.ts";

const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const unusual = { learningRate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 0.1 };
const sgd = { learningRate: 0.125 };
const cases = [
  { name: "adam", made: optimizers.adam(adam), update: twin.adam(adam) },
  { name: "adam with other settings", made: optimizers.adam(unusual), update: twin.adam(unusual) },
  { name: "amsgrad", made: optimizers.adam({ ...adam, amsgrad: true }), update: twin.amsgrad(adam) },
  {
    name: "amsgrad with other settings",
    made: optimizers.adam({ ...unusual, amsgrad: true }),
    update: twin.amsgrad(unusual),
  },
  { name: "sgd", made: optimizers.sgd(sgd), update: twin.sgd(sgd) },
  ...[false, true].map((nesterov) => {
    const settings = { ...sgd, momentum: 0.875, nesterov };
    return {
      name: nesterov ? "nesterov" : "momentum",
      made: optimizers.sgd(settings),
      update: twin.momentum(settings),
    };
  }),
];

const steps = 7;
const ranges = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 131];

for (const { name, made, update } of cases) {
  test(`optimizers: ${name}, ${steps} steps over ragged ranges, the rest untouched`, async ({ gpu }) => {
    for (const count of ranges) {
      const first = count % 3;
      const draw = numbers(count);
      const gradients = vector(count * 4, () => Math.fround((draw() > 0 ? 1 : -1) * (0.5 + Math.abs(draw()))));
      const weights = vector(count * 4, draw);
      const slotCount = made.shader.slots;
      const expected = weights.map((w): twin.Weight => ({ w, slots: vector(slotCount, () => 0) }));
      for (let t = 1; t <= steps; t++) expected.forEach((one, i) => void update(one, gradients[i]!, t));
      const block = (values: readonly number[], around = untouched) =>
        Float64Array.of(...vector(first * 4, () => around), ...values, ...vector(8, () => around));
      const slots = Object.fromEntries(
        vector(slotCount, (i) => [`slot${i}`, Float32Array.from(block(gradients.map(() => 0)))] as const),
      );
      const after = await runKernels(
        gpu,
        {
          state: state({ rowCount: 100 }),
          parameters: Float32Array.from(block(weights)),
          gradients: Float32Array.from(block(gradients)),
          stepTable: new Uint32Array(stepTable(made, 0, steps)),
          ...slots,
        } as Record<string, Values>,
        vector(steps, () => [beginning, range(made, first, count)]).flat(),
      );
      // Gradients keep their sign, so that steps add up to the distance gone. A dozen roundings for each: of the step
      // size and hyperparameters, of the moments, of root and quotient; then one of the weight, and three of a slot.
      const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));
      const distance = largest(expected.map(({ w }, i) => w - weights[i]!));
      const weightBound = epsilon * (steps * largest(expected.map(({ w }) => w)) + 12 * distance);
      const slotBound = (i: number) => 2 * epsilon * steps * largest(expected.map(({ slots }) => slots[i]!));
      const label = `${first} + ${count}`;
      const check = (actual: Values, values: readonly number[], bound: number, what: string) =>
        assertWithin(
          actual,
          block(values),
          block(
            values.map(() => bound),
            0,
          ),
          `${label}: ${what}`,
        );
      check(
        after.parameters!,
        expected.map(({ w }) => w),
        weightBound,
        "weights",
      );
      for (let i = 0; i < slotCount; i++) {
        check(
          after[`slot${i}`]!,
          expected.map(({ slots }) => slots[i]!),
          slotBound(i),
          `slot ${i}`,
        );
      }
      assertWithin(after.state!, state({ step: steps, next: steps, rowCount: 100 }), 0, `${label}: state`);
    }
  });
}

type Made = (typeof cases)[number]["made"];
/** What the loss before it does for an optimizer. */
const beginning: Step = {
  kernel: kernel(
    "begin",
    "begin",
    [
      `struct State { step: u32, next: u32 }
      @group(0) @binding(0) var<storage, read_write> state: State;
      @compute @workgroup_size(1) fn begin() { state.next = state.step + 1u; }`,
    ],
    bindings(0, { state: "read_write" }),
  ),
  workgroups: [1, 1, 1],
};

function range({ shader, hyper }: Made, first: number, count: number, nonNegative = false): Step {
  return {
    kernel: optimizeRange(shader, nonNegative),
    uniforms: { params: { first, count }, hyper },
    workgroups: count > 128 ? [2, Math.ceil(count / 128), 1] : linear(count, 64),
  };
}

test("optimizers: amsgrad keeps the largest v when gradients shrink, adam does not", async ({ gpu }) => {
  for (const { made, update } of cases.filter(({ made }) => made.name === "adam")) {
    const gradients = [8, -8, 0.25, 0.25, 0.125, 0.125, 0.125];
    const one: twin.Weight = { w: 1, slots: [0, 0, 0] };
    gradients.forEach((g, i) => void update(one, g, i + 1));
    let values: Record<string, Values> = { parameters: Float32Array.of(1, 1, 1, 1) };
    for (const name of ["slot0", "slot1", "slot2"].slice(0, made.shader.slots)) values[name] = new Float32Array(4);
    for (const [i, g] of gradients.entries()) {
      values = await runKernels(
        gpu,
        {
          ...values,
          state: state({ step: i, next: i + 1 }),
          gradients: new Float32Array(4).fill(g),
          stepTable: new Uint32Array(stepTable(made, 0, gradients.length)),
        },
        [range(made, 0, 1)],
      );
    }
    const label = JSON.stringify(made.config);
    assertWithin(
      values.parameters!,
      vector(4, () => one.w),
      60 * epsilon * Math.max(1, Math.abs(one.w)),
      label,
    );
    if (made.config.amsgrad)
      assertWithin(
        values.slot2!,
        vector(4, () => one.slots[2]!),
        60 * epsilon * 64,
        label,
      );
  }
});

test("optimizers: NON_NEGATIVE clamps after the update", async ({ gpu }) => {
  const { made } = cases.find(({ name }) => name === "sgd")!;
  for (const nonNegative of [true, false]) {
    const after = await runKernels(
      gpu,
      {
        state: state({ next: 1 }),
        parameters: Float32Array.of(1, 1, 0, -1),
        gradients: Float32Array.of(16, 4, 0, 0),
        stepTable: stepsOf([0.125]),
      },
      [range(made, 0, 1, nonNegative)],
    );
    assertWithin(after.parameters, nonNegative ? [0, 0.5, 0, 0] : [-1, 0.5, 0, -1], 0, `${nonNegative}`);
  }
});

test("optimizers: the first step with a weight that is not finite is the fault", async ({ gpu }) => {
  for (const { name, made } of cases) {
    for (const nonNegative of [false, true]) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const label = `${name}, ${bad}${nonNegative ? ", non-negative" : ""}`;
        assertWithin([await faultOf(gpu, made, nonNegative, { weight: bad })], [2], 0, `${label} among the weights`);
        assertWithin([await faultOf(gpu, made, nonNegative, { gradient: bad })], [2], 0, `${label} in the gradient`);
        assertWithin([await faultOf(gpu, made, nonNegative, { gradient: bad, fault: 1 })], [1], 0, `${label}, later`);
      }
      assertWithin([await faultOf(gpu, made, nonNegative, {})], [0xffffffff], 0, `${name}, all finite`);
    }
  }
});

/** Three steps from step 2 on, with a value in the last component of the last vec4f. */
async function faultOf(
  gpu: Context["gpu"],
  made: Made,
  nonNegative: boolean,
  { weight = 1, gradient = 1, fault = 0xffffffff },
): Promise<number> {
  const slots = vector(made.shader.slots, (i) => [`slot${i}`, new Float32Array(12)] as const);
  const step = range(made, 0, 3, nonNegative);
  const after = await runKernels(
    gpu,
    {
      state: state({ step: 2, fault }),
      parameters: Float32Array.from({ length: 12 }, (_, i) => (i === 11 ? weight : 1)),
      gradients: Float32Array.from({ length: 12 }, (_, i) => (i === 11 ? gradient : 1)),
      stepTable: stepsOf(vector(5, () => 0.25)),
      ...Object.fromEntries(slots),
    } as Record<string, Values>,
    [beginning, step, beginning, step, beginning, step],
  );
  return faultIn(after.state!);
}

test("optimizers: a step that overflows is the fault, not the ones before it", async ({ gpu }) => {
  const { made } = cases.find(({ name }) => name === "sgd")!;
  const step = range(made, 0, 1);
  const after = await runKernels(
    gpu,
    {
      state: state(),
      parameters: Float32Array.of(1, 1, 1, 1),
      gradients: Float32Array.of(1, 1e30, 1, 1),
      stepTable: stepsOf([1, 1, 1e30, 1]),
    },
    vector(4, () => [beginning, step]).flat(),
  );
  assertWithin(after.state, state({ step: 4, next: 4, fault: 2 }), 0, "state");
});

test("optimizers: several ranges of one step move the state once, and take the step's own size", async ({ gpu }) => {
  const { made } = cases.find(({ name }) => name === "sgd")!;
  const after = await runKernels(
    gpu,
    {
      state: state({ step: 1 }),
      parameters: new Float32Array(12).fill(1),
      gradients: new Float32Array(12).fill(1),
      stepTable: stepsOf([untouched, 0.5, untouched]),
    },
    [beginning, range(made, 0, 1), range(made, 2, 1, true)],
  );
  assertWithin(after.parameters, [0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5], 0, "parameters");
  assertWithin(after.state, state({ step: 2, next: 2 }), 0, "state");
});

test("optimizers: advance moves one step and nothing else", async ({ gpu }) => {
  const before = { step: 41, next: 5, rowCount: 1000, destination: 7, fault: 3 };
  const after = await runKernels(gpu, { state: state(before) }, [{ kernel: advance, workgroups: [1, 1, 1] }]);
  assertWithin(after.state, state({ ...before, step: 42 }), 0, "state");
});
