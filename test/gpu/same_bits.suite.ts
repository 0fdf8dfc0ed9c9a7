// What may be chosen without changing a bit of what is learned: where features are kept and whether at all, which tile
// multiplies and from where, how much one invocation of the head does. And what changes sums: fusion.
import { assert } from "chai";
import { layers, optimizers } from "../../src/index.ts";
import { tileNames } from "../../src/nn/kernels/product.ts";
import type { Tuning } from "../../src/nn/tuning.ts";
import { test } from "./harness.ts";
import { assertAgree, bitsOf, bytesFor, type Choices, limited, type Trained, train, words } from "./training.ts";

const usual: Tuning = { product: { tile: "registers16", place: "texture" }, rows: "texture", invocations: "few" };
const tuned = (tuning: Partial<Tuning>): Choices => ({ tuning: { ...usual, ...tuning } });

/** The choices that must give the bits of the usual one, in groups. */
const choices: Record<string, Record<string, Choices>> = {
  "features kept, partly kept or recomputed": {
    "cache off": { featureCache: "off" },
    "a cache for training only": { featureCache: bytesFor("training", "float32") },
    "a cache for validation only": { featureCache: bytesFor("validation", "float32") },
  },
  "every tile, from buffers and from textures": Object.fromEntries(
    tileNames.flatMap((tile) =>
      (["buffer", "texture"] as const).map((place) => [`${tile} from a ${place}`, tuned({ product: { tile, place } })]),
    ),
  ),
  "features in a buffer or a texture": {
    "in a buffer": tuned({ rows: "buffer" }),
    "in a buffer, recomputed": { ...tuned({ rows: "buffer" }), featureCache: "off" },
  },
  "a head of few or many invocations": {
    many: tuned({ invocations: "many" }),
    "many, from a buffer": tuned({ invocations: "many", rows: "buffer" }),
  },
};

for (const [what, ways] of Object.entries(choices)) {
  test(`same bits: ${what}`, async ({ gpu, note }) => {
    const expected = bitsOf(await train(gpu, tuned({})));
    for (const [way, chosen] of Object.entries(ways)) {
      assert.deepEqual(bitsOf(await train(gpu, { tuning: usual, ...chosen })), expected, way);
    }
    note(`the same bits: ${Object.keys(ways).join(", ")}`);
  });
}

test("same bits: features that exceed a binding go into a texture, and those that fit neither into runs", async (t) => {
  const expected = bitsOf(await train(t.gpu, tuned({})));
  const small = { maxStorageBufferBindingSize: 100 * 68 * 4 };
  for (const [rows, less] of [
    ["buffer", small],
    ["buffer", { ...small, maxTextureDimension2D: 0 }],
    ["texture", { maxTextureDimension2D: 0 }],
  ] as const) {
    const narrow = limited(t.gpu, less);
    const { product } = { product: { tile: "registers16", place: "buffer" } } as const;
    assert.deepEqual(
      bitsOf(await train(narrow, tuned({ rows, product }))),
      expected,
      JSON.stringify({ rows, ...less }),
    );
  }
});

test("same bits: another batch size or number of epochs has others", async ({ gpu }) => {
  const expected = bitsOf(await train(gpu, tuned({})));
  assert.notDeepEqual(bitsOf(await train(gpu, { ...tuned({}), batchSize: 16 })), expected);
  assert.notDeepEqual(bitsOf(await train(gpu, { ...tuned({}), epochs: 2 })), expected);
});

// Logits and the kernel's gradient are sums over features and rows in another order: fused, features are dealt out to
// slices. The gradient of a hinge does not depend on the rounding of a logit, and the bias' is summed row by row.
test("same bits: fused or not, the same bias after a hinge's first step, everything within rounding", async (t) => {
  const step = { optimizer: optimizers.sgd(), epochs: 1, batchSize: 142 };
  const [fused, apart] = [await train(t.gpu, step), await train(t.gpu, { ...step, fuse: false })];
  assert.deepEqual(words(fused.weights["head.bias"]!), words(apart.weights["head.bias"]!));
  assertAgree(fused, apart, 1e-6, "a step");
  for (const optimizer of [optimizers.sgd(), optimizers.adam()]) {
    const [fused, apart] = [await train(t.gpu, { optimizer }), await train(t.gpu, { optimizer, fuse: false })];
    assertAgree(fused, apart, 1e-5, optimizer.name);
    t.note(`${optimizer.name}: of other bits ${differing(fused, apart)}`);
  }
});

test("same bits: beyond 64 classes there is nothing to fuse", async ({ gpu }) => {
  const wide = { layers: [layers.randomFourierFeatures({ outputDim: 20 }), layers.dense({ units: 65 })], epochs: 1 };
  assert.deepEqual(bitsOf(await train(gpu, wide)), bitsOf(await train(gpu, { ...wide, fuse: false })));
});

/** How many values of each kind differ. */
function differing(one: Trained, other: Trained): string {
  const parts = Object.entries({ ...one.history, ...one.weights }).map(([name, values]) => {
    const others = other.history[name] ?? other.weights[name]!;
    return `${name} ${Array.from(values).filter((value, i) => value !== others[i]).length}/${values.length}`;
  });
  return parts.join(", ");
}
