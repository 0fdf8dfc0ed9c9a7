// What training goes on from, in a file, and files that say it wrongly.
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/data/safetensors.ts";
import { type Checkpoint, checkContinues, checkpointOf } from "../../src/model/checkpoint.ts";
import { decodeModel, encodeModel } from "../../src/model/serialization.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { input } from "../../src/nn/layers/input.ts";
import { randomFourierFeatures } from "../../src/nn/layers/random_fourier_features.ts";
import { buildNetwork } from "../../src/nn/network.ts";
import { optimizers } from "../../src/nn/optimizers.ts";
import { type LearningRate, schedules } from "../../src/nn/schedules.ts";
import { randomStream } from "../../src/random.ts";

const network = buildNetwork([
  input({ shape: [3] }),
  randomFourierFeatures({ outputDim: 5, scale: 2 }),
  dense({ units: 2 }),
]);
const values = new Map(network.weights.map(({ name, spec }) => [name, spec.initialize(randomStream(7, name))]));
const slot = (first: number) =>
  new Map([
    ["dense.kernel", Float32Array.from({ length: 10 }, (_, i) => first + i / 7)],
    ["dense.bias", Float32Array.of(first, -first)],
  ]);
const progress = {
  iterations: 30,
  epochs: 3,
  slots: new Map([
    ["slot0", slot(1)],
    ["slot1", slot(2)],
  ]),
};
const checkpoint = checkpointOf(optimizers.adam({ learningRate: 0.1 + 0.2 }), progress);
const save = (given: Checkpoint | undefined = checkpoint, compact = false) =>
  encodeModel(network, values, 7, {}, { checkpoint: given, compact });

interface Plain {
  tensors: Record<string, Tensor>;
  model: {
    version: number;
    drawn: unknown;
    training: Record<string, unknown> & { optimizer: Record<string, unknown> };
  };
}

function decodeWith(change: (plain: Plain) => unknown): () => unknown {
  const { tensors, metadata } = decodeSafetensors(save(), "m");
  const plain: Plain = { tensors: { ...tensors }, model: JSON.parse(metadata["quasi-svm"]!) };
  change(plain);
  return () => decodeModel(encodeSafetensors(plain.tensors, { "quasi-svm": JSON.stringify(plain.model) }), "m");
}

describe("a checkpoint", () => {
  it.each([false, true])("comes back as it was, in a compact file: %s", (compact) => {
    const decoded = decodeModel(save(checkpoint, compact), "m");
    expect(decoded.checkpoint).toEqual(checkpoint);
    expect(decoded.metadata).toEqual({});
    expect(decoded.checkpoint?.optimizer.learningRate).toBe(0.1 + 0.2);
  });

  it("names its tensors by slot and weight, trained ones alone", () => {
    const names = Object.keys(decodeSafetensors(save(), "m").tensors).filter((name) => name.includes(":"));
    expect(names).toEqual(["slot0:dense.bias", "slot0:dense.kernel", "slot1:dense.bias", "slot1:dense.kernel"]);
  });

  it("is of version 3; without one, files are what they were", () => {
    const version = (bytes: Uint8Array) => JSON.parse(decodeSafetensors(bytes, "m").metadata["quasi-svm"]!).version;
    expect([version(save()), version(encodeModel(network, values, 7, {}))]).toEqual([3, 1]);
    expect(version(encodeModel(network, values, 7, {}, { compact: true }))).toBe(2);
    expect(decodeModel(encodeModel(network, values, 7, {}), "m").checkpoint).toBeUndefined();
  });

  it("can't be saved with what is not finite", () => {
    const bad = new Map([...progress.slots, ["slot1", slot(Number.POSITIVE_INFINITY)]]);
    expect(() => save({ ...checkpoint, progress: { ...progress, slots: bad } })).toThrow(
      /model\.save: slot1:dense\.kernel: value 0 is Infinity/,
    );
  });

  it.each<[string, (plain: Plain) => unknown, RegExp]>([
    [
      "no state",
      ({ model }) => delete (model as Partial<Plain["model"]>).training,
      /expected the state of an optimizer/,
    ],
    ["an unknown key", ({ model }) => Object.assign(model.training, { a: 1 }), /m: training has the unknown key "a"/],
    ["no optimizer", ({ model }) => Object.assign(model.training, { optimizer: null }), /expected an optimizer/],
    ["no name", ({ model }) => delete model.training.optimizer.name, /expected an optimizer with its name/],
    [
      "a learning rate below 0",
      ({ model }) => Object.assign(model.training.optimizer, { learningRate: -1 }),
      /learningRate: expected a number from 0 on, or a schedule with its name and config, found -1/,
    ],
    [
      "a schedule without its settings",
      ({ model }) => Object.assign(model.training.optimizer, { learningRate: { name: "cosine_decay" } }),
      /learningRate: expected .*, found \{"name":"cosine_decay"\}/,
    ],
    ["half a step", ({ model }) => Object.assign(model.training, { iterations: 0.5 }), /iterations: expected a whole/],
    ["epochs below 0", ({ model }) => Object.assign(model.training, { epochs: -1 }), /epochs: expected a whole/],
    ["no slots", ({ model }) => delete model.training.slots, /slots: expected a list of strings/],
    ["a slot twice", ({ model }) => Object.assign(model.training, { slots: ["slot0", "slot0"] }), /stands twice/],
    ["an odd slot", ({ model }) => Object.assign(model.training, { slots: ["a:b"] }), /"a:b" is not a name/],
    ["a missing tensor", ({ tensors }) => delete tensors["slot1:dense.bias"], /"slot1:dense\.bias" is missing/],
    [
      "another shape",
      ({ tensors }) => Object.assign(tensors, { "slot0:dense.bias": { shape: [1, 2], data: new Float32Array(2) } }),
      /"slot0:dense\.bias" has shape \[1, 2\], but its weight has \[2\]/,
    ],
    ["NaN", ({ tensors }) => tensors["slot0:dense.bias"]!.data.fill(Number.NaN), /value 0 is NaN/],
    [
      "a tensor of no slot",
      ({ tensors }) => Object.assign(tensors, { "slot2:dense.bias": { shape: [2], data: new Float32Array(2) } }),
      /tensor "slot2:dense\.bias" belongs to no layer/,
    ],
    ["a state in version 2", ({ model }) => Object.assign(model, { version: 2 }), /unknown key "training"/],
  ])("is refused with %s", (_, change, message) => {
    expect(decodeWith(change)).toThrow(
      expect.objectContaining({ code: "format", message: expect.stringMatching(message) }),
    );
  });
});

describe("what goes on from a checkpoint", () => {
  const config = expect.objectContaining({ code: "config" });

  it("is an optimizer of the same settings, whatever its learning rate", () => {
    expect(() => checkContinues(checkpoint, optimizers.adam())).not.toThrow();
  });

  it.each([
    ["another optimizer", optimizers.sgd()],
    ["another setting", optimizers.adam({ epsilon: 1e-8 })],
    ["another number of slots", optimizers.adam({ amsgrad: true })],
    ["a schedule", optimizers.adam({ learningRate: schedules.custom(() => 1e-3) })],
    ["an average", optimizers.adam({ useEma: true })],
  ])("is not %s", (_, optimizer) => {
    expect(() => checkContinues(checkpoint, optimizer)).toThrow(config);
  });

  it.each([
    ["another number", 0.5],
    ["0", 0],
  ])("keeps a learning rate of %s in a file", (_, learningRate) => {
    const given = checkpointOf(optimizers.adam({ learningRate }), progress);
    expect(decodeModel(save(given), "m").checkpoint).toEqual(given);
  });

  describe("under a schedule", () => {
    const { cosineDecay, custom, exponentialDecay, piecewiseConstantDecay } = schedules;
    const cosine = { initialLearningRate: 0.1, decaySteps: 30 };
    const pieces = { boundaries: [5, 9], values: [3, 2, 1] };
    /** What a file holds of training under a schedule. */
    const under = (learningRate: LearningRate) => {
      const { checkpoint } = decodeModel(save(checkpointOf(optimizers.adam({ learningRate }), progress)), "m");
      return checkpoint as Checkpoint;
    };

    it.each([
      ["cosine_decay", () => cosineDecay(cosine)],
      ["piecewise_constant_decay", () => piecewiseConstantDecay(pieces)],
      ["custom, whatever the function", () => custom(() => Math.random())],
    ])("is the same schedule: %s", (_, schedule) => {
      expect(() => checkContinues(under(schedule()), optimizers.adam({ learningRate: schedule() }))).not.toThrow();
    });

    it.each<[string, LearningRate]>([
      ["another setting", cosineDecay({ ...cosine, decaySteps: 31 })],
      ["another schedule", exponentialDecay({ ...cosine, decayRate: 0.9 })],
      ["a custom function", () => 0.1],
      ["a number", 0.1],
    ])("is not %s", (_, learningRate) => {
      expect(() => checkContinues(under(cosineDecay(cosine)), optimizers.adam({ learningRate }))).toThrow(config);
    });

    it("is not another list of values; the message names both", () => {
      const learningRate = piecewiseConstantDecay({ ...pieces, values: [3, 2, 0.5] });
      expect(() => checkContinues(under(piecewiseConstantDecay(pieces)), optimizers.adam({ learningRate }))).toThrow(
        /with piecewise_constant_decay .*"values":\[3,2,1\].* with piecewise_constant_decay .*\[3,2,0\.5\]/,
      );
    });
  });

  it("needs all its slots", () => {
    const slots = new Map([["slot0", slot(1)]]);
    expect(() => checkContinues({ ...checkpoint, progress: { ...progress, slots } }, optimizers.adam())).toThrow(
      /the file lacks slot1 of adam/,
    );
    const unused = { iterations: 0, epochs: 0, slots: new Map() };
    expect(() => checkContinues({ ...checkpoint, progress: unused }, optimizers.adam())).not.toThrow();
  });
});
