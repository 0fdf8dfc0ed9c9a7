// A small quasi-SVM trained on an engine made by hand, so that tests choose what a model leaves to the device.
import { toMatrix } from "../../src/data/matrix.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { type Layer, layers, losses, type Optimizer, optimizers } from "../../src/index.ts";
import { featureBudget } from "../../src/model/options.ts";
import { compileMetrics } from "../../src/nn/metrics.ts";
import { buildNetwork } from "../../src/nn/network.ts";
import { rowBytes, type Storage } from "../../src/nn/rows.ts";
import { defaultTuning, type Tuning } from "../../src/nn/tuning.ts";
import { randomStream } from "../../src/random.ts";
import { Engine } from "../../src/train/engine.ts";
import { type FitPlan, fit as fitOn } from "../../src/train/fit.ts";
import type { FitData } from "../../src/train/fit_data.ts";
import { assertClose } from "./harness.ts";

/** Odd sizes: rows of features end within a vec4f, and within eight values of 16 bits. */
const [inputs, features, classes] = [13, 67, 3];
const rows = { training: 142, validation: 61 };
/** The last minibatch of training has 6 rows; all others an odd number. */
const batchSize = 17;

/** Bytes that hold the features of training, or of validation, with ten rows to spare. */
export function bytesFor(part: keyof typeof rows, precision: Storage["precision"]): number {
  return (rows[part] + 10) * rowBytes(features, { precision, place: "buffer" });
}

export interface Choices {
  readonly tuning?: Partial<Tuning>;
  readonly featureCache?: "auto" | "off" | number;
  readonly precision?: Storage["precision"];
  readonly optimizer?: Optimizer;
  readonly fuse?: boolean;
  readonly epochs?: number;
  readonly batchSize?: number;
  /** Behind the input; by default features and a head. */
  readonly layers?: readonly Layer[];
}

export interface Trained {
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** What was trained, by `layer.weight`. */
  readonly weights: Readonly<Record<string, Float32Array>>;
}

/** Made-up rows of which the first feature says the class, more or less. */
function data(part: keyof typeof rows): FitData {
  const count = rows[part];
  const stream = randomStream(1, part);
  const values = Float32Array.from({ length: count * inputs }, () => stream.nextUniform());
  const labels = Uint32Array.from({ length: count }, (_, i) => (values[i * inputs] as number) * classes);
  return { x: { data: values, shape: [count, inputs] }, targets: { kind: "labels", labels, rows: count } };
}

/** An engine with the initial weights of a seed, and what a fit on it is given. */
export async function prepare(gpu: Gpu, choices: Choices = {}) {
  const { optimizer = optimizers.adam(), fuse = true, epochs = 3 } = choices;
  const network = buildNetwork([
    layers.input({ shape: [inputs] }),
    ...(choices.layers ?? [
      layers.randomFourierFeatures({ outputDim: features, name: "features" }),
      layers.dense({ units: classes, name: "head" }),
    ]),
  ]);
  const values = new Map(network.weights.map(({ name, spec }) => [name, spec.initialize(randomStream(7, name))]));
  const tuning = { ...defaultTuning(gpu), ...choices.tuning };
  const engine = await Engine.create(gpu, tuning, { network, seed: 7, values });
  const plan: FitPlan = {
    ...{ optimizer, fuse, epochs, loss: losses.hinge(), metrics: compileMetrics(["acc"], losses.hinge(), classes) },
    ...{ batchSize: choices.batchSize ?? batchSize, shuffle: true, seed: 7, callbacks: [] },
    featureBudget: featureBudget(choices.featureCache ?? "auto"),
    precision: choices.precision ?? "float32",
    profile: false,
    ...{
      initialEpoch: 0,
      validationFreq: 1,
      save: async () => new Uint8Array(),
      inputRows: (x) => toMatrix(x, "x"),
      warn: () => {},
    },
  };
  return { engine, plan, values, training: data("training"), validation: data("validation") };
}

/** Trains and validates. */
export async function train(gpu: Gpu, choices: Choices = {}): Promise<Trained> {
  const { engine, plan, values, training, validation } = await prepare(gpu, choices);
  try {
    const { history } = await fitOn(engine, training, validation, plan);
    await engine.download();
    const trained = engine.layout.slots.map(({ name }) => [name, values.get(name) as Float32Array] as const);
    return { history, weights: Object.fromEntries(trained) };
  } finally {
    engine.destroy();
  }
}

/** A device that allows less. */
export function limited(gpu: Gpu, less: Partial<Record<keyof GPUSupportedLimits, number>>): Gpu {
  const limits = new Proxy(gpu.limits, {
    get: (target, key) => (key in less ? less[key as keyof typeof less] : Reflect.get(target, key, target)),
  });
  return { ...gpu, limits };
}

/** Values as their bits. */
export function words(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

/** Everything that a fit gives, to the bit. */
export function bitsOf({ history, weights }: Trained) {
  return { history, weights: Object.fromEntries(Object.entries(weights).map(([name, v]) => [name, words(v)])) };
}

/** Fails unless every value of two fits agrees within a share of the largest of its kind. */
export function assertAgree(one: Trained, other: Trained, relative: number, label: string): void {
  for (const part of ["history", "weights"] as const) {
    for (const [name, values] of Object.entries(one[part])) {
      assertClose(other[part][name] ?? [], values, { relative }, `${label}: ${name}`);
    }
  }
}
