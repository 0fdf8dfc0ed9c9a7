import { assert } from "chai";
import { assertClose, type Case, runCase, test } from "./harness.ts";

const doubling = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@compute @workgroup_size(64)
fn double(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&values)) { values[id.x] *= 2; }
}`;

test("device: a compute shader doubles 65 values", async ({ gpu: { device }, note }) => {
  const input = Float32Array.from({ length: 65 }, (_, i) => i / 8);
  const values = device.createBuffer({
    label: "values",
    size: input.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const readback = device.createBuffer({
    label: "readback",
    size: input.byteLength,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(values, 0, input);
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto",
    compute: { module: device.createShaderModule({ code: doubling }), entryPoint: "double" },
  });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: values } }],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(2);
  pass.end();
  encoder.copyBufferToBuffer(values, 0, readback, 0, input.byteLength);
  device.queue.submit([encoder.finish()]);
  const start = performance.now();
  await readback.mapAsync(GPUMapMode.READ);
  note(`round trip ${(performance.now() - start).toFixed(1)} ms`);
  const doubled = new Float32Array(readback.getMappedRange().slice(0));
  values.destroy();
  readback.destroy();
  assertClose(
    doubled,
    input.map((x) => 2 * x),
    {},
    "doubled",
  );
});

test("device: an invalid call fails its case", async ({ gpu }) => {
  const invalid: Case = {
    name: "invalid",
    timeoutSeconds: 10,
    body: ({ gpu: { device } }) => {
      // A mapped buffer can't be bound as storage.
      device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    },
  };
  const result = await runCase(invalid, gpu);
  assert.isFalse(result.ok);
  assert.match(result.error ?? "", /Device error \(validation\)/);
});

test("device: a shader that does not compile fails its case", async ({ gpu }) => {
  const invalid: Case = {
    name: "invalid",
    timeoutSeconds: 10,
    body: ({ gpu: { device } }) => void device.createShaderModule({ code: "fn f() { let x: u32 = 1.5; }" }),
  };
  const result = await runCase(invalid, gpu);
  assert.isFalse(result.ok);
});

test("device: a case that takes too long fails", async ({ gpu }) => {
  const slow: Case = { name: "slow", timeoutSeconds: 0.05, body: () => new Promise(() => {}) };
  const result = await runCase(slow, gpu);
  assert.include(result.error ?? "", "Not done after 0.05 s");
});

test("device: assertClose names the worst value and refuses NaN", () => {
  assert.throws(() => assertClose([1, 2, 4], [1, 2, 3], { absolute: 0.5 }, "z"), /z: 1 of 3.*\[2\]: got 4, expected 3/);
  assert.throws(() => assertClose([Number.NaN], [1], { absolute: 10 }, "z"), /got NaN/);
  assertClose([101, 1], [100, 0], { relative: 0.01 }, "z");
});

test("device: fixtures can be read", async ({ fixture }) => {
  const { name } = JSON.parse(new TextDecoder().decode(await fixture("package.json")));
  assert.equal(name, "quasi-svm");
});
