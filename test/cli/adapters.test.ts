import { describe, expect, test } from "vitest";
import { chooseAdapter, type Drivers, noAdapter, type Probe, type Runtime } from "../../src/cli/adapters.ts";

function seen(runtime: Runtime, drivers: Drivers, name: string): Probe {
  const isSoftware = /llvmpipe|SwiftShader/.test(name);
  return {
    runtime,
    drivers,
    adapter: { name, vendor: "", architecture: "", isSoftware, limits: {}, features: [] },
  };
}

const nothing = (runtime: Runtime, drivers: Drivers): Probe => ({
  runtime,
  drivers,
  error: "No WebGPU adapter. Do this.",
});

const nodeGpu = seen("node", "system", "GeForce");
const denoGpu = seen("deno", "system", "Radeon");
const denoSystem = seen("deno", "system", "llvmpipe");
const nodeSystem = seen("node", "system", "llvmpipe");
const denoEmbedded = seen("deno", "embedded", "SwiftShader");
const nodeEmbedded = seen("node", "embedded", "SwiftShader");

describe("chooseAdapter", () => {
  test.each([
    ["a GPU in Node before everything", [denoSystem, denoEmbedded, nodeEmbedded, denoGpu, nodeGpu], nodeGpu],
    ["a GPU in Deno before software in Node", [nodeSystem, nodeEmbedded, denoGpu], denoGpu],
    ["the system's software adapter in Deno", [nodeSystem, nodeEmbedded, denoEmbedded, denoSystem], denoSystem],
    ["the system's software adapter in Node", [nodeEmbedded, denoEmbedded, nodeSystem], nodeSystem],
    ["the embedded adapter in Deno", [nothing("node", "system"), nodeEmbedded, denoEmbedded], denoEmbedded],
    ["the embedded adapter in Node", [nothing("deno", "embedded"), nodeEmbedded], nodeEmbedded],
  ])("takes %s", (_, probes, expected) => {
    const choice = chooseAdapter(probes, "auto");
    expect(choice).toMatchObject({ runtime: expected.runtime, drivers: expected.drivers, adapter: expected.adapter });
    expect(choice?.reason).toBeTruthy();
  });

  test("keeps to the runtime that was asked for", () => {
    expect(chooseAdapter([nodeGpu, denoSystem], "deno")?.adapter).toBe(denoSystem.adapter);
    expect(chooseAdapter([nodeEmbedded, denoGpu], "node")?.adapter).toBe(nodeEmbedded.adapter);
    expect(chooseAdapter([denoGpu], "node")).toBeUndefined();
  });

  test("never takes Chrome's adapter, since no command runs there", () => {
    expect(chooseAdapter([{ ...nodeGpu, runtime: "chrome" }], "auto")).toBeUndefined();
  });
});

test("noAdapter says what was tried and what to do", () => {
  const { message, code } = noAdapter([nothing("node", "system"), nothing("deno", "embedded")]);
  expect(code).toBe("device");
  expect(message).toContain("Node, system: No WebGPU adapter; Deno, embedded: No WebGPU adapter.");
  expect(message).toContain("quasi-svm doctor");
});
