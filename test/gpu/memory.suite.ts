// What lives on a device, as gpu.memory says.
import { assert } from "chai";
import { Buffers } from "../../src/gpu/buffers.ts";
import { type GpuMemory, layers } from "../../src/index.ts";
import { classes, clouds, modelOf } from "./clouds.ts";
import { test } from "./harness.ts";
import { watch } from "./watch.ts";

test("memory: what is made and not yet destroyed is counted, and behind dispose nothing is left", async ({ gpu }) => {
  const before = { ...gpu.memory };
  const alive = new Map<object, number>();
  const undo = [
    watch(GPUDevice.prototype, "createBuffer", (_, [{ size }], made) => alive.set(made, size)),
    watch(GPUBuffer.prototype, "destroy", (self) => alive.delete(self)),
    watch(GPUDevice.prototype, "createTexture", (_, [{ size }], made) => {
      const [width = 0, height = 0] = size as number[];
      alive.set(made, width * height * 16);
    }),
    watch(GPUTexture.prototype, "destroy", (self) => alive.delete(self)),
  ];
  const check = () => assert.deepEqual(gpu.memory, sum(before, alive));
  try {
    const { x, labels } = clouds(60);
    const features = layers.randomFourierFeatures({ outputDim: 24 });
    const model = modelOf(gpu, [features, layers.dense({ units: classes })]);
    const seen: GpuMemory[] = [];
    const onBatchEnd = () => {
      check();
      seen.push({ ...gpu.memory });
    };
    await model.fit(x, labels, { verbose: 0, validationSplit: 0.2, callbacks: [{ onBatchEnd }] });
    check();
    const kept = { ...gpu.memory };
    for (const field of ["buffers", "bytes"] as const) {
      assert.isAbove(kept[field], before[field]);
      assert.isAbove(seen[0]?.[field] ?? 0, kept[field]);
    }
    await model.trainOnBatch(x, labels);
    model.compile({ optimizer: "sgd", loss: "hinge" }); // lets go of Adam's slots
    check();
    await model.evaluate(x, labels);
    await model.predict(x);
    await model.save();
    check();
    model.dispose();
    check();
    const buffers = new Buffers(gpu, "test");
    buffers.free(buffers.storage("freed", 40));
    buffers.shared("shared", 40);
    buffers.texture("texture", "rgba32uint", 5, 3);
    buffers.uploadTexture("uploaded", new Float32Array(52), 8);
    check();
    assert.equal(gpu.memory.textures, before.textures + 2);
    for (const _ of ["once", "and again"]) buffers.destroy();
    assert.deepEqual(gpu.memory, before);
    assert.lengthOf([...alive], 0);
  } finally {
    for (const restore of undo) restore();
  }
});

function sum(before: GpuMemory, alive: ReadonlyMap<object, number>): GpuMemory {
  const textures = [...alive.keys()].filter((each) => each instanceof GPUTexture).length;
  const bytes = [...alive.values()].reduce((a, b) => a + b, 0);
  return {
    buffers: before.buffers + alive.size - textures,
    textures: before.textures + textures,
    bytes: before.bytes + bytes,
  };
}
