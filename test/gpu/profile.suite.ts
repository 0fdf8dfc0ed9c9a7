// A profile of a fit: what it says, and that it changes nothing else.
import { assert } from "chai";
import { Buffers, readBack } from "../../src/gpu/buffers.ts";
import { freeze } from "../../src/gpu/dispatch.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import { Profiler } from "../../src/gpu/profile.ts";
import { StepQueue } from "../../src/gpu/queue.ts";
import type { FitOptions, Gpu, History } from "../../src/index.ts";
import { bitsOf, clouds, svm } from "./clouds.ts";
import { ending, withoutStrayRejections } from "./failure.ts";
import { type Context, test } from "./harness.ts";
import { watch } from "./watch.ts";

const { x, labels } = clouds(200);
/** An epoch trains 20 steps and validates 5. */
const options: FitOptions = { verbose: 0, epochs: 2, batchSize: 8, validationSplit: 0.2 };
const profile = true;

const counting: Kernel = {
  label: "count",
  source: `
    @group(0) @binding(0) var<storage, read_write> count: array<u32>;
    @compute @workgroup_size(1) fn increment() { count[0] += 1; }`,
  entryPoint: "increment",
  bindings: [{ group: 0, binding: 0, name: "count", access: "read_write" }],
};

/** Ends a case where nothing can be timed. */
function needTimestamps({ gpu, skip }: Context): void {
  const obstacle = Profiler.obstacle(gpu);
  if (obstacle) skip(obstacle);
}

for (const featureCache of ["auto", "off"] as const) {
  test(`profile: a fit's kernels, counted and timed, features ${featureCache}; the same bits`, async (t) => {
    needTimestamps(t);
    const plain = await fitted(t.gpu, { ...options, featureCache });
    let dispatched = 0;
    const restore = watch(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => dispatched++);
    const { history, bits } = await fitted(t.gpu, { ...options, featureCache, profile }).finally(restore);
    assert.deepEqual(bits, plain.bits);
    assert.deepEqual(history.history, plain.history.history);
    assert.isUndefined(plain.history.profile);
    assert.isUndefined(history.noProfile);

    const kernels = history.profile ?? [];
    assert.equal(
      kernels.reduce((sum, { dispatches }) => sum + dispatches, 0),
      dispatched,
    );
    assert.isAbove(dispatched, 2 * (20 + 5));
    assert.lengthOf(new Set(kernels.map(({ label }) => label)), kernels.length);
    assert.isTrue(kernels.some(({ label }) => label.startsWith("random_fourier_features.")));
    assert.isTrue(kernels.some(({ label }) => label.startsWith("dense.")));
    const times = kernels.map(({ milliseconds }) => milliseconds);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    assert.isAtLeast(times.at(-1) ?? -1, 0);
    const total = times.reduce((a, b) => a + b, 0);
    const wall = 1000 * (history.seconds.features + history.seconds.train);
    assert.isAbove(total, 0);
    assert.isBelow(total, wall, "the GPU's time is part of the fit's");
    t.note(
      `${total.toFixed(1)} ms of ${wall.toFixed(0)}: ${kernels[0]?.label} ${kernels[0]?.milliseconds.toFixed(1)} ms`,
    );
  });
}

test("profile: without timestamps a fit says why there is no profile, and is the same", async ({ gpu }) => {
  const { history, bits } = await fitted(withoutFeatures(gpu), { ...options, profile });
  assert.isUndefined(history.profile);
  assert.include(history.noProfile ?? "", `"timestamp-query", which ${gpu.adapter.name} does not offer`);
  const plain = await fitted(gpu, options);
  assert.deepEqual(bits, plain.bits);
  assert.isUndefined(plain.history.noProfile);
});

test("profile: what it takes is made once a fit, and freed", async (t) => {
  needTimestamps(t);
  const alive = new Set<object>();
  const made: string[] = [];
  const note = (_: unknown, __: unknown, result: GPUObjectBase) => {
    alive.add(result);
    made.push(result.label);
  };
  const undo = [
    watch(GPUDevice.prototype, "createBuffer", note),
    watch(GPUDevice.prototype, "createQuerySet", note),
    watch(GPUBuffer.prototype, "destroy", (self) => alive.delete(self)),
    watch(GPUQuerySet.prototype, "destroy", (self) => alive.delete(self)),
  ];
  try {
    await fitted(t.gpu, { ...options, profile });
  } finally {
    for (const restore of undo) restore();
  }
  assert.deepEqual(made.filter((label) => label.startsWith("profile.")).sort(), [
    "profile.queries",
    "profile.readback0",
    "profile.readback1",
    "profile.resolved",
  ]);
  assert.deepEqual([...alive], []);
});

test("profile: steps are divided so that their dispatches fit the queries", async (t) => {
  needTimestamps(t);
  const { gpu } = t;
  const buffers = new Buffers(gpu, "test");
  const count = buffers.storage("count", 4);
  const spec = { label: "count", kernel: counting, resources: { count }, workgroups: [1, 1, 1] } as const;
  const plan = await freeze(gpu, buffers, [spec]);
  const queue = new StepQueue(gpu);
  await queue.replay(plan, 0, 500); // short steps: the queue learns to submit many at once
  const profiler = new Profiler(gpu);
  queue.profiler = profiler;
  const perStep = Math.floor(profiler.capacity / 2) + 1; // two steps exceed what a submit may have
  const submits: number[] = [];
  const steps = Array.from({ length: perStep }, () => plan[0]!);
  await queue.replay(steps, 0, 3, { done: (begin, end) => void submits.push(end - begin) });
  assert.deepEqual(submits, [1, 1, 1]);
  assert.equal(new Uint32Array(await readBack(gpu, count))[0], 500 + 3 * perStep);
  const [only, ...others] = profiler.times;
  assert.deepEqual([only?.label, only?.dispatches, others.length], ["count", 3 * perStep, 0]);
  profiler.destroy();
  buffers.destroy();
});

for (const callback of ["onFeatures", "onBatchEnd", "onEpochEnd"] as const) {
  test(`profile: a failing ${callback} leaves no promise alone, and the next fit has no profile`, async ({ gpu }) => {
    const model = svm(gpu);
    const mine = new RangeError("mine");
    const fail = () => {
      throw mine;
    };
    await withoutStrayRejections(async () => {
      const callbacks = [{ [callback]: fail }];
      assert.strictEqual(await ending(() => model.fit(x, labels, { ...options, profile, callbacks })), mine);
    });
    assert.isUndefined((await model.fit(x, labels, options)).profile);
    model.dispose();
  });
}

async function fitted(gpu: Gpu, given: FitOptions): Promise<{ history: History; bits: number[] }> {
  const model = svm(gpu);
  const history = await model.fit(x, labels, given);
  const bits = await bitsOf(model);
  model.dispose();
  return { history, bits };
}

/** A device as it is without any feature. */
function withoutFeatures(gpu: Gpu): Gpu {
  const device = new Proxy(gpu.device, {
    get: (target, name) => {
      if (name === "features") return new Set();
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...gpu, device };
}
