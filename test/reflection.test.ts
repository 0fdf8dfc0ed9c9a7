// Every kernel declaration of src/nn/kernels against what its WGSL says.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type FunctionInfo,
  ResourceType,
  type TemplateInfo,
  type VariableInfo,
  WgslReflect,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { sampleTable } from "../src/data/samples.ts";
import { packStruct } from "../src/gpu/buffers.ts";
import type { Binding, Kernel, Struct } from "../src/gpu/kernel.ts";
import {
  type ActivationShader,
  activationBackward,
  activationForward,
  activationShaders,
} from "../src/nn/kernels/activation.ts";
import * as advance from "../src/nn/kernels/advance.ts";
import * as average from "../src/nn/kernels/average.ts";
import * as batchNormalization from "../src/nn/kernels/batch_normalization.ts";
import * as biasGradient from "../src/nn/kernels/bias_gradient.ts";
import * as clip from "../src/nn/kernels/clip.ts";
import * as cosine from "../src/nn/kernels/cosine.ts";
import { dropout, dropoutSamples } from "../src/nn/kernels/dropout.ts";
import { gatherRows, keepRows, packColumns, packRows } from "../src/nn/kernels/gather.ts";
import { hadamard } from "../src/nn/kernels/hadamard.ts";
import {
  type LossShader,
  lossKernel,
  lossShaders,
  metricKinds,
  mostMetrics,
  type TargetKind,
} from "../src/nn/kernels/losses.ts";
import { type OptimizerShader, optimizeRange, optimizerShaders } from "../src/nn/kernels/optimizers.ts";
import { packFilters, packPatchColumns, packPatches } from "../src/nn/kernels/patches.ts";
import * as penalty from "../src/nn/kernels/penalty.ts";
import { poolBackward, poolBackwardApart, poolForward } from "../src/nn/kernels/pooling2d.ts";
import { denseEpilogue, featureEpilogue, product, tileNames } from "../src/nn/kernels/product.ts";
import { rowKinds, storeKinds } from "../src/nn/kernels/rows.ts";
import * as slices from "../src/nn/kernels/slices.ts";
import * as softmax from "../src/nn/kernels/softmax.ts";
import { type HeadInput, partialLogits, updateHead } from "../src/nn/kernels/svm_head.ts";
import { stateStruct, stepStruct } from "../src/nn/kernels/wgsl.ts";
import { root } from "./build.ts";

const targetKinds: TargetKind[] = ["labels", "dense"];
const optimizers: OptimizerShader[] = Object.values(optimizerShaders);
const headShapes = [1, 2, 3, 4].flatMap((classQuads) => [
  { classQuads, halfLast: true, rowQuads: 4, featureOctets: 2 },
  { classQuads, halfLast: false, rowQuads: 1, featureOctets: 1 },
]);
const headInputs: HeadInput[] = storeKinds.flatMap((kind) =>
  [true, false].map((throughSamples) => ({ kind, throughSamples })),
);

const bothWays = [false, true];
const measured = metricKinds.map((kind) => ({ kind, option: 0 }));

/** Every variant of every kernel. */
const kernels: Kernel[] = [
  ...[advance, average, batchNormalization, biasGradient, clip, cosine, penalty, slices, softmax]
    .flatMap((module) => Object.values<unknown>(module))
    .filter((value): value is Kernel => typeof value === "object" && value !== null && "entryPoint" in value),
  ...(Object.keys(activationShaders) as ActivationShader[]).flatMap((shader) => [
    activationForward(shader),
    activationBackward(shader),
  ]),
  ...[false, true].flatMap((center) =>
    [false, true].flatMap((scale) => [
      batchNormalization.statistics({ center, scale }),
      batchNormalization.movingStatistics({ center, scale }),
      batchNormalization.weightGradients({ center, scale }),
    ]),
  ),
  ...rowKinds.flatMap((from) => [dropout(from), dropoutSamples(from)]),
  ...tileNames.flatMap((tile) =>
    (["buffer", "texture"] as const).flatMap((place) => [
      ...storeKinds.flatMap((to) =>
        [featureEpilogue(false), featureEpilogue(true), denseEpilogue(false), denseEpilogue(true)].map((epilogue) =>
          product({ tile, place }, epilogue, to),
        ),
      ),
      ...bothWays.map((addBias) => product({ tile, place }, denseEpilogue(addBias), "pixels", "rows")),
      product({ tile, place }, denseEpilogue(false), "floats", "slices"),
    ]),
  ),
  ...bothWays.flatMap((quads) => [
    ...bothWays.flatMap((dilated) =>
      [packPatches, packPatchColumns].flatMap((kernel) =>
        (["bytes", "floats"] as const).map((from) => kernel({ quads, dilated }, from)),
      ),
    ),
    ...bothWays.flatMap((maximum) => [
      ...(["bytes", "floats"] as const).map((from) => poolForward({ maximum, quads }, from)),
      poolBackward({ maximum, quads }),
      poolBackwardApart(maximum),
    ]),
  ]),
  packFilters,
  ...(["bytes", "floats"] as const).flatMap((from) =>
    storeKinds.flatMap((to) =>
      [6, 10, 12].flatMap((log2) => [false, true].map((keep) => hadamard(from, to, log2, keep))),
    ),
  ),
  ...[gatherRows, keepRows, packRows, packColumns].flatMap((kernel) =>
    rowKinds.flatMap((from) => storeKinds.map((to) => kernel(from, to))),
  ),
  ...(Object.keys(lossShaders) as LossShader[]).flatMap((loss) =>
    targetKinds.flatMap((targets) =>
      [false, true].map((fromPartials) => lossKernel(loss, targets, fromPartials, measured)),
    ),
  ),
  ...optimizers.flatMap((shader) => [
    ...[false, true].map((nonNegative) => optimizeRange(shader, nonNegative)),
    ...headShapes.flatMap((shape) => headInputs.map((input) => updateHead(shader, shape, input))),
  ]),
  ...headShapes.flatMap((shape) => headInputs.map((input) => partialLogits(shape, input))),
];

/** wgsl_reflect takes the name `block` for a keyword, which it is not. */
function reflect(source: string): WgslReflect {
  return new WgslReflect(source.replace(/\bblock\b/g, "block_"));
}

/** In what a declaration differs from its source; empty where it does not. */
function differences(kernel: Kernel): string[] {
  const wgsl = reflect(kernel.source);
  const entry = wgsl.entry.compute.find(({ name }) => name === kernel.entryPoint);
  if (!entry) return [`no compute entry point ${kernel.entryPoint}`];
  return [
    ...compare("binding", kernel.bindings.map(declared), entry.resources.map(found)),
    ...kernel.bindings.flatMap((binding) => layoutDifferences(binding, entry.resources)),
    ...constantDifferences(Object.keys(kernel.constants ?? {}), wgsl, entry),
    ...limitDifferences(kernel, entry),
    ...wgsl.functions.flatMap(({ name, arguments: given }) =>
      given.some(({ type }) => type.isPointer) ? [`${name} takes a pointer`] : [],
    ),
  ];
}

function compare(what: string, declared: readonly string[], found: readonly string[]): string[] {
  return [
    ...declared.filter((one) => !found.includes(one)).map((one) => `${what} ${one} is declared, but not in the WGSL`),
    ...found.filter((one) => !declared.includes(one)).map((one) => `${what} ${one} is in the WGSL, but not declared`),
  ];
}

function declared({ group, binding, name, access }: Binding): string {
  return `${group}.${binding} ${name} ${access}`;
}

function found(variable: VariableInfo): string {
  return `${variable.group}.${variable.binding} ${variable.name} ${accessOf(variable)}`;
}

/** How a kernel uses a resource, in the words of a declaration. */
function accessOf({ resourceType, access, type }: VariableInfo): string {
  const { name, format } = type as TemplateInfo;
  if (resourceType === ResourceType.Uniform) return "uniform";
  if (resourceType === ResourceType.Storage) return access;
  if (name === "texture_2d") return `texture ${format?.name}`;
  if (name === "texture_storage_2d" && access === "write") return `store ${format?.name}`;
  return `${access} ${type.getTypeName()}`;
}

/** A kernel sets every override that it uses, and none that its file lacks. */
function constantDifferences(declared: readonly string[], { overrides }: WgslReflect, entry: FunctionInfo): string[] {
  const known = overrides.map(({ name }) => name);
  const used = new Set(overridesOf(entry));
  return compare(
    "constant",
    declared.filter((name) => used.has(name) || !known.includes(name)),
    [...used],
  );
}

/** The overrides that a function uses, itself or through what it calls. */
function overridesOf({ overrides, calls }: FunctionInfo): string[] {
  return [...new Set([...overrides.map(({ name }) => name), ...[...calls].flatMap(overridesOf)])];
}

/** Name, type and offset of every field, and the size; `packStruct` puts four bytes for each field in order. */
function layoutDifferences({ name, access, struct }: Binding, resources: readonly VariableInfo[]): string[] {
  if (access !== "uniform") return struct ? [`${name} is not a uniform, but has a layout`] : [];
  if (!struct) return [`the uniform ${name} has no layout`];
  const type = resources.find((resource) => resource.name === name);
  if (!type) return []; // said already
  return [
    ...compare(`field of ${name}`, fieldsOf(struct), membersOf(type)),
    ...(type.size <= sizeOf(struct) ? [] : [`${name} takes ${type.size} bytes, but is given ${sizeOf(struct)}`]),
  ];
}

function fieldsOf(struct: Struct): string[] {
  return Object.entries(struct).map(([name, type], i) => `${name}: ${type} at ${i * 4}`);
}

function membersOf({ members }: Pick<VariableInfo, "members">): string[] {
  return (members ?? []).map(({ name, type, offset }) => `${name}: ${type.getTypeName()} at ${offset}`);
}

function sizeOf(struct: Struct): number {
  return packStruct(struct, Object.fromEntries(Object.keys(struct).map((field) => [field, 0]))).byteLength;
}

/** What every WebGPU adapter allows; AMSGrad's update of a head needs more, and a plan asks for it only where it fits. */
function limitDifferences({ label, bindings }: Kernel, { workgroupSize }: FunctionInfo): string[] {
  const invocations = (workgroupSize ?? []).reduce((a, b) => a * b, 1);
  const storage = bindings.filter(({ access }) => access === "read" || access === "read_write").length;
  const allowed = label.startsWith("updateHead.amsgrad.") ? 9 : 8;
  return [
    ...(invocations <= 256 ? [] : [`${invocations} invocations in a workgroup`]),
    ...(storage <= allowed ? [] : [`${storage} storage buffers`]),
  ];
}

const named = kernels.map(({ label, entryPoint, constants }, i) => {
  const values = Object.entries(constants ?? {}).map(([name, value]) => ` ${name}=${value}`);
  return [`${label} (${entryPoint})${values.join("")}`, kernels[i]!] as const;
});

test.each(named)("%s is declared as its WGSL says", (_, kernel) => {
  expect(differences(kernel)).toEqual([]);
});

const shaders = readdirSync(join(root, "shaders"), { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".wgsl"),
);

test.each(shaders)("shaders/%s is part of a declared kernel", (name) => {
  const source = readFileSync(join(root, "shaders", name), "utf8");
  const users = kernels.filter((kernel) => kernel.source.includes(source));
  expect(users.length).toBeGreaterThan(0);
  const entryPoints = [...source.matchAll(/@compute\s[^{]*?\bfn\s+(\w+)/g)].map((match) => match[1]);
  expect(users.map(({ entryPoint }) => entryPoint)).toEqual(expect.arrayContaining(entryPoints));
});

test("metrics have the numbers that metrics.wgsl gives them, and no more than it can take", () => {
  const source = readFileSync(join(root, "shaders/metrics.wgsl"), "utf8");
  const numbers = [...source.matchAll(/^const (\w+): u32 = (\d+)u;/gm)].map(([, name, number]) => [
    name,
    Number(number),
  ]);
  expect(numbers).toEqual(metricKinds.map((kind, i) => [kind.toUpperCase(), i]));
  expect([...source.matchAll(/^override METRIC_\d/gm)]).toHaveLength(mostMetrics);
  expect(lossKernel("hinge", "labels", false, measured).constants).toMatchObject({ METRICS: 8, METRIC_7: 7 });
});

test("State, Step, Regularized and Sample have the layout in which they are written", () => {
  const layouts = new Map<string, Set<string>>();
  for (const { source } of kernels) {
    for (const struct of reflect(source).structs) {
      const layout = membersOf(struct).join(", ").replace("atomic<u32>", "u32");
      layouts.set(struct.name, (layouts.get(struct.name) ?? new Set()).add(layout));
    }
  }
  expect([...(layouts.get("State") ?? [])]).toEqual([fieldsOf(stateStruct).join(", ")]);
  expect([...(layouts.get("Step") ?? [])]).toEqual([fieldsOf(stepStruct).join(", ")]);
  expect([...(layouts.get("Regularized") ?? [])]).toEqual([fieldsOf(penalty.regularizedStruct).join(", ")]);
  const sample = { featureRow: "u32", targetRow: "u32", weight: "f32", signed: "u32" } as const;
  expect([...(layouts.get("Sample") ?? [])]).toEqual([fieldsOf(sample).join(", ")]);

  const order = Uint32Array.of(5, 3);
  const weights = Float32Array.of(0, 0, 0, 0.25, 0, 0.5);
  const binary = Uint8Array.of(0, 0, 0, 1, 0, 1);
  const table = new DataView(sampleTable({ order, batchSize: 2, weights, binary, runRows: 0 }));
  expect(table.byteLength).toBe(2 * 16);
  const words = [16, 20, 28].map((at) => table.getUint32(at, true));
  expect([...words, table.getFloat32(24, true)]).toEqual([3, 3, 1, 0.25]);
});

describe("a declaration that is off is found out", () => {
  const source = /* wgsl */ `
override WIDTH: u32 = 4;
struct Params { rows: u32, unit: f32, last: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(1) @binding(2) var<storage, read_write> output: array<f32>;
@group(2) @binding(0) var image: texture_2d<u32>;
@group(2) @binding(1) var copy: texture_storage_2d<rgba32uint, write>;
fn scaled(i: u32) -> f32 { return input[i] * params.unit; }
@compute @workgroup_size(64) fn scale(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.rows * WIDTH) { output[id.x] = scaled(id.x); }
  textureStore(copy, id.xy, textureLoad(image, id.xy, 0));
}
@fragment fn shade() {}
fn add(to: ptr<function, f32>) { *to += 1; }`;
  const struct = { rows: "u32", unit: "f32", last: "u32" } as const;
  const params: Binding = { group: 0, binding: 0, name: "params", access: "uniform", struct };
  const input: Binding = { group: 0, binding: 1, name: "input", access: "read" };
  const output: Binding = { group: 1, binding: 2, name: "output", access: "read_write" };
  const image: Binding = { group: 2, binding: 0, name: "image", access: "texture u32" };
  const copy: Binding = { group: 2, binding: 1, name: "copy", access: "store rgba32uint" };
  const right: Kernel = {
    label: "made up",
    source: source.replace(/fn add.*/, ""),
    entryPoint: "scale",
    bindings: [params, input, output, image, copy],
    constants: { WIDTH: 1 },
  };
  const binds = (...bindings: Binding[]) => ({ bindings: [...bindings, image, copy] });
  const draws = (...bindings: Binding[]) => ({ bindings: [params, input, output, ...bindings] });
  const lays = (layout: Struct | undefined) => binds({ ...params, struct: layout } as Binding, input, output);

  test("and one that is right has no differences", () => {
    expect(differences(right)).toEqual([]);
  });

  test.each<[string, Partial<Kernel>, string]>([
    ["a missing entry point", { entryPoint: "rescale" }, "no compute entry point rescale"],
    ["an entry point of another stage", { entryPoint: "shade" }, "no compute entry point shade"],
    ["a wrong group", binds(params, input, { ...output, group: 0 }), "0.2 output read_write is declared"],
    ["a wrong number", binds(params, input, { ...output, binding: 3 }), "1.3 output read_write is declared"],
    ["a wrong access", binds(params, { ...input, access: "read_write" }, output), "0.1 input read is in the WGSL"],
    ["a wrong name", binds(params, { ...input, name: "inputs" }, output), "0.1 inputs read is declared"],
    ["a binding left out, used by a helper", binds(params, output), "binding 0.1 input read is in the WGSL"],
    ["a binding too many", binds(params, input, output, { ...input, binding: 5, name: "more" }), "0.5 more read is"],
    ["a wrong field", lays({ ...struct, end: "u32" }), "end: u32 at 12 is declared"],
    ["a wrong type", lays({ ...struct, unit: "u32" }), "unit: f32 at 4 is in the WGSL"],
    ["a wrong order", lays({ unit: "f32", rows: "u32", last: "u32" }), "rows: u32 at 4 is declared"],
    ["a uniform without its last field", lays({ rows: "u32", unit: "f32" }), "last: u32 at 8 is in the WGSL"],
    ["a uniform without a layout", lays(undefined), "the uniform params has no layout"],
    ["a constant left out", { constants: {} }, "constant WIDTH is in the WGSL"],
    ["an unknown constant", { constants: { WIDTH: 1, HEIGHT: 2 } }, "constant HEIGHT is declared"],
    [
      "a constant that another entry point uses, not set",
      {
        source: right.source
          .replace("id.x)", "id.x * DEPTH)")
          .replace("override", "override DEPTH: u32 = 1;\noverride"),
      },
      "constant DEPTH is in the WGSL",
    ],
    ["a pointer", { source }, "add takes a pointer"],
    ["a texture of floats", draws({ ...image, access: "texture f32" }, copy), "2.0 image texture f32 is declared"],
    ["a texture of another format", draws(image, { ...copy, access: "store rgba32float" }), "store rgba32uint is in"],
    ["a texture taken for a buffer", draws({ ...image, access: "read" }, copy), "2.0 image texture u32 is in the WGSL"],
    [
      "a texture that is read and written",
      { source: right.source.replace("t, write>", "t, read_write>") },
      "2.1 copy rea",
    ],
    ["a texture left out", draws(image), "2.1 copy store rgba32uint is in the WGSL"],
    ["a large workgroup", { source: right.source.replace("(64)", "(16, 32)") }, "512 invocations"],
  ])("%s", (_, wrong, message) => {
    expect(differences({ ...right, ...wrong }).join("\n")).toContain(message);
  });
});
