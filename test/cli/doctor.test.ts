import { expect, test } from "vitest";
import { inWords } from "../../src/cli/doctor.ts";

const limits = { maxBufferSize: 2 ** 30, maxComputeWorkgroupStorageSize: 16384, maxStorageBuffersPerShaderStage: 10 };
const adapter = {
  name: "Some GPU",
  vendor: "",
  architecture: "",
  isSoftware: false,
  limits,
  features: ["depth-clip-control", "shader-f16", "timestamp-query"],
};

test("the report shows each adapter's limits and the features that matter", () => {
  const probes = [
    { runtime: "node", drivers: "system", adapter },
    { runtime: "chrome", drivers: "system", error: "not checked" },
  ] as const;
  const choice = { runtime: "node", drivers: "system", adapter, reason: "a real GPU, in Node" } as const;
  expect(inWords({ probes, choice })).toBe(
    [
      "Node, system drivers: Some GPU (GPU)",
      "    maxBufferSize                     1024 MiB",
      "    maxComputeWorkgroupStorageSize    16 KiB",
      "    maxStorageBuffersPerShaderStage   10",
      "    timestamp-query                   yes",
      "    shader-f16                        yes",
      "    subgroups                         no",
      "",
      "Chrome: not checked",
      "",
      "Would use: Some GPU in Node (a real GPU, in Node).",
    ].join("\n"),
  );
});

test("the report names the kernels, where they are known", () => {
  const choice = { runtime: "node", drivers: "system", adapter, reason: "a real GPU, in Node" } as const;
  const product = { tile: "workgroup64", place: "buffer" } as const;
  const tuning = { product, rows: "texture", invocations: "many", source: "remembered" } as const;
  expect(inWords({ probes: [], choice, tuning })).toBe(
    "Would use: Some GPU in Node (a real GPU, in Node).\n" +
      "Kernels: products by workgroup64 over buffers, features in a texture (remembered).",
  );
});

test("the report says why there is nothing to use", () => {
  expect(inWords({ probes: [], problem: "Nothing there." })).toBe("Would use nothing. Nothing there.");
});
