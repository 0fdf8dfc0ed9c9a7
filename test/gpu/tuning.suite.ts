// How the kernels for a device are chosen, and what is remembered of it. No choice changes a bit.
import { assert } from "chai";
import { ConfigError, type Gpu, layers, Sequential, type SequentialOptions, tune } from "../../src/index.ts";
import { browserStore } from "../../src/model/tuning_store.ts";
import { tileNames } from "../../src/nn/kernels/product.ts";
import { defaultTuning, type Tuned, type Tuning, type TuningStore } from "../../src/nn/tuning.ts";
import { bitsOf, classes, clouds, svm } from "./clouds.ts";
import { failure, withoutStrayRejections } from "./failure.ts";
import { test } from "./harness.ts";

type Resource = GPUBuffer | GPUTexture | GPUQuerySet;

/** The device in a new guise, of which nothing is known yet, with the labels of what is made on it and what is left. */
function fresh(gpu: Gpu): { gpu: Gpu; made: string[]; alive: () => string[] } {
  const made: string[] = [];
  const alive = new Set<Resource>();
  const watched = (make: (descriptor: unknown) => Resource) => (descriptor: unknown) => {
    const resource = make.call(gpu.device, descriptor);
    const destroy = resource.destroy.bind(resource);
    made.push(resource.label);
    alive.add(resource);
    resource.destroy = () => {
      alive.delete(resource);
      return destroy();
    };
    return resource;
  };
  const device = new Proxy(gpu.device, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (/^create(Buffer|Texture|QuerySet)$/.test(String(name))) return watched(value);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { gpu: { ...gpu, device }, made, alive: () => [...alive].map(({ label }) => label) };
}

/** A store that tells what it was asked. */
function memory(): TuningStore & { entries: Map<string, string>; asked: string[] } {
  const entries = new Map<string, string>();
  const asked: string[] = [];
  return {
    entries,
    asked,
    read: async (key) => {
      asked.push("read");
      return entries.get(key);
    },
    write: async (key, text) => {
      asked.push("write");
      entries.set(key, text);
    },
  };
}

/** A store that has this for every key, and keeps nothing. */
function handing(text: string): TuningStore {
  return { read: async () => text, write: async () => {} };
}

function choiceOf({ product, rows, invocations }: Tuning): Tuning {
  return { product, rows, invocations };
}

/** A choice other than the default. */
function unusual(gpu: Gpu): Tuning {
  return { ...defaultTuning(gpu), product: { tile: "registers8", place: "buffer" } };
}

test('tuning: "off" takes the default, measures nothing and asks no store', async ({ gpu }) => {
  const { gpu: device, made } = fresh(gpu);
  const store = memory();
  assert.deepEqual(await tune(device, "off", store), { ...defaultTuning(gpu), source: "default" });
  assert.deepEqual([made, store.asked], [[], []]);
});

test('tuning: "auto" measures once and writes one entry, which others of the kind take', async ({ gpu, note }) => {
  const store = memory();
  const first = fresh(gpu);
  const measured = await tune(first.gpu, "auto", store);
  note(`${Math.round(measured.measured!.total)} ms ${JSON.stringify(measured.measured!.candidates)}`);
  assert.equal(measured.source, "measured");
  assert.deepEqual(store.asked, ["read", "write"]);
  assert.deepEqual([...store.entries.values()], [JSON.stringify(choiceOf(measured))]);

  const other = fresh(gpu);
  assert.deepEqual(await tune(other.gpu, "auto", store), { ...choiceOf(measured), source: "remembered" });
  assert.deepEqual(other.made, []);

  const model = svm(fresh(gpu).gpu, { tuningStore: store });
  assert.isUndefined(model.tuning);
  await model.predict([[1, 2, 3, 4, 5]]);
  assert.deepEqual(model.tuning, { ...choiceOf(measured), source: "remembered" });
  assert.deepEqual(store.asked, ["read", "write", "read", "read"]);
  model.dispose();
});

test("tuning: another adapter has its own entry", async ({ gpu }) => {
  const store = memory();
  const named = (name: string) => ({ ...fresh(gpu).gpu, adapter: { ...gpu.adapter, name } });
  for (const name of ["this one", "that one"]) {
    assert.equal((await tune(named(name), "auto", store)).source, "measured");
  }
  assert.equal(store.entries.size, 2);
});

test('tuning: "auto" without a store measures once for each device', async ({ gpu }) => {
  const { gpu: device, made } = fresh(gpu);
  const [one, two] = await Promise.all([tune(device, "auto"), tune(device, "auto")]);
  const { length } = made;
  assert.isAbove(length, 0);
  assert.strictEqual(one, two);
  assert.strictEqual(await tune(device, "auto"), one);
  assert.lengthOf(made, length);
  assert.equal((await tune(fresh(gpu).gpu, "auto")).source, "measured");
});

test('tuning: "force" measures again and overwrites, and "auto" then goes by it', async ({ gpu }) => {
  const store = memory();
  const { gpu: device } = fresh(gpu);
  await tune(device, "auto", store);
  const [key] = store.entries.keys();
  store.entries.set(key!, "to be overwritten");
  store.asked.length = 0;
  const forced = await tune(device, "force", store);
  assert.equal(forced.source, "measured");
  assert.deepEqual(store.asked, ["write"]);
  assert.deepEqual([...store.entries], [[key, JSON.stringify(choiceOf(forced))]]);
  assert.strictEqual(await tune(device, "auto", store), forced);
  assert.notStrictEqual(await tune(device, "force"), forced);
});

test("tuning: a corrupt or foreign entry is measured anew", async ({ gpu }) => {
  const good = unusual(gpu);
  assert.equal((await tune(fresh(gpu).gpu, "auto", handing(JSON.stringify(good)))).source, "remembered");
  const foreign = [
    { ...good, product: { tile: "registers9", place: "buffer" } },
    { ...good, product: { tile: "registers8", place: "attic" } },
    { ...good, product: null },
    { ...good, rows: "cellar" },
    { ...good, invocations: 7 },
  ];
  for (const text of ["", "{", "null", "[]", ...foreign.map((entry) => JSON.stringify(entry))]) {
    const { source } = await tune(fresh(gpu).gpu, "auto", handing(text));
    assert.equal(source, "measured", text);
  }
});

test("tuning: a store that fails does not fail the fit", async ({ gpu }) => {
  const { x, labels } = clouds(40);
  const rejecting = async () => {
    throw new RangeError("no store");
  };
  const throwing = () => {
    throw new RangeError("no store");
  };
  const stores: Record<string, TuningStore> = {
    "read rejects": { ...memory(), read: rejecting },
    "write rejects": { ...memory(), write: rejecting },
    "both throw": { read: throwing, write: throwing },
  };
  await withoutStrayRejections(async () => {
    for (const [what, tuningStore] of Object.entries(stores)) {
      const model = svm(fresh(gpu).gpu, { tuningStore });
      const { history } = await model.fit(x, labels, { verbose: 0 });
      assert.isTrue(Number.isFinite(history.loss?.[0]), what);
      assert.equal(model.tuning?.source, "measured", what);
      model.dispose();
    }
  });
});

test("tuning: an unknown mode is refused", async ({ gpu }) => {
  const message = /tune: expected "auto", "off" or "force", got "fast"/;
  assert.throws(() => svm(gpu, { tune: "fast" as never }), ConfigError, message);
  await failure(() => tune(gpu, "fast" as never), ConfigError, message);
});

test("tuning: of the candidates measured, the expected one of each group wins, or one clearly faster", async ({
  gpu,
}) => {
  const { product, rows, invocations, measured } = await tune(fresh(gpu).gpu, "force");
  const { total, candidates } = measured!;
  const names = Object.keys(candidates);
  const products = tileNames.flatMap((tile) => [`product buffer ${tile}`, `product texture ${tile}`]);
  assert.includeMembers([...products, "rows buffer", "rows texture"], names);
  for (const name of names) assert.isAbove(candidates[name]!, 0, name);
  assert.isAbove(
    total,
    names.reduce((sum, name) => sum + candidates[name]!, 0),
  );
  const groups = { [`rows ${rows}`]: /^rows/, [`product ${product.place} ${product.tile}`]: /^product/ };
  for (const [winner, group] of Object.entries(groups)) {
    const times = names.filter((name) => group.test(name)).map((name) => candidates[name]!);
    // The expected one, measured first, stays unless another is clearly faster.
    const [expected] = times as [number];
    const fastest = Math.min(...times);
    assert.equal(candidates[winner], fastest < 0.85 * expected ? fastest : expected, winner);
  }
  assert.equal(invocations, product.tile.startsWith("registers") ? "few" : "many");
});

test("tuning: a measurement leaves nothing behind", async ({ gpu }) => {
  const { gpu: device, made, alive } = fresh(gpu);
  await tune(device, "force");
  const kinds = ["tuning.left.buffer", "tuning.left.texture"];
  assert.includeMembers(made, device.device.features.has("timestamp-query") ? [...kinds, "profile.queries"] : kinds);
  assert.deepEqual(alive(), []);
});

/** What a small fit learns, to the bit, and the kernels it ran on. */
async function learned(gpu: Gpu, options: SequentialOptions) {
  const [rows, inputs] = [60, 20];
  // Every row is four points of the clouds; its label is the first one's.
  const { x, labels } = clouds(rows * 4);
  const model = new Sequential(
    [
      layers.input({ shape: [inputs] }),
      layers.randomFourierFeatures({ outputDim: 64 }),
      layers.dense({ units: classes }),
    ],
    { seed: 5, gpu, ...options },
  );
  model.compile({ optimizer: "adam", loss: "hinge", metrics: ["acc"] });
  const { history } = await model.fit(
    { data: x.data, shape: [rows, inputs] },
    labels.filter((_, i) => i % 4 === 0),
    { epochs: 2, batchSize: 14, validationSplit: 0.25, verbose: 0 },
  );
  const result = { bits: { history, weights: await bitsOf(model) }, tuned: model.tuning as Tuned };
  model.dispose();
  return result;
}

test("tuning: the default, a measured and a remembered choice learn the same bits", async ({ gpu }) => {
  const tuningStore = memory();
  const off = await learned(fresh(gpu).gpu, { tune: "off", tuningStore });
  const measured = await learned(fresh(gpu).gpu, { tune: "auto", tuningStore });
  const remembered = await learned(fresh(gpu).gpu, { tune: "auto", tuningStore });
  const sources = [off, measured, remembered].map(({ tuned }) => tuned.source);
  assert.deepEqual(sources, ["default", "measured", "remembered"]);
  for (const { bits, tuned } of [measured, remembered]) assert.deepEqual(bits, off.bits, tuned.source);
});

for (const tile of tileNames) {
  test(`tuning: every choice with ${tile} learns the same bits`, async ({ gpu }) => {
    const { bits: expected } = await learned(gpu, { tune: "off" });
    for (const place of ["buffer", "texture"] as const) {
      for (const rows of ["buffer", "texture"] as const) {
        for (const invocations of ["few", "many"] as const) {
          const choice: Tuning = { product: { tile, place }, rows, invocations };
          const text = JSON.stringify(choice);
          const { bits, tuned } = await learned(fresh(gpu).gpu, { tuningStore: handing(text) });
          assert.deepEqual(tuned, { ...choice, source: "remembered" });
          assert.deepEqual(bits, expected, text);
        }
      }
    }
  });
}

const inPage = "document" in globalThis;

test("tuning: a browser keeps entries from one connection to the next, other runtimes have no store", async () => {
  if (!inPage) return assert.isUndefined(browserStore());
  const [one, other] = [browserStore()!, browserStore()!];
  const key = `a key of ${performance.timeOrigin}`;
  assert.isUndefined(await one.read(key));
  for (const text of ["first", "second"]) {
    await one.write(key, text);
    assert.equal(await other.read(key), text);
  }
  assert.isUndefined(await other.read(`${key}, another`));
});

test("tuning: a model in a browser remembers by itself", async ({ gpu }) => {
  const sources = [];
  for (const tune of ["force", "auto"] as const) {
    const model = svm(fresh(gpu).gpu, { tune });
    await model.predict([[1, 2, 3, 4, 5]]);
    sources.push(model.tuning?.source);
    model.dispose();
  }
  assert.deepEqual(sources, ["measured", inPage ? "remembered" : "measured"]);
});
