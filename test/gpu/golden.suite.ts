// Small training runs computed in float64 elsewhere (test/golden), replayed on the GPU.
import {
  type DenseOptions,
  type Gpu,
  type Layer,
  layers,
  losses,
  optimizers,
  type RandomFourierFeaturesOptions,
  regularizers,
  Sequential,
} from "../../src/index.ts";
import { assertClose, test } from "./harness.ts";

interface GoldenLayer {
  readonly input?: number[];
  readonly Dense?: DenseOptions & { readonly name: string };
  readonly RandomFourierFeatures?: RandomFourierFeaturesOptions & { readonly name: string };
}

interface Golden {
  readonly model: readonly GoldenLayer[];
  readonly loss: "hinge" | "categorical_crossentropy";
  readonly optimizer: { readonly Adam?: object; readonly SGD?: object };
  readonly epochs: number;
  readonly batchSize: number;
  readonly validationSplit: number;
  readonly trainable: readonly string[];
  readonly l2: Readonly<Record<string, number>>;
  readonly x: number[][];
  readonly labels: number[];
  readonly targets: number[][] | null;
  readonly sampleWeight: number[] | null;
  readonly initial: Readonly<Record<string, Nested>>;
  /** Loss of every step before its update. */
  readonly stepLoss: number[];
  readonly epochLogs: Readonly<Record<string, number>>[];
  readonly final: Readonly<Record<string, Nested>>;
  readonly predictions: number[][];
}
type Nested = number[] | number[][];

export const goldenNames = [
  "deep.mlp-rff-hinge",
  "quasi-svm.amsgrad",
  "quasi-svm.categorical_crossentropy",
  "quasi-svm.categorical_hinge",
  "quasi-svm.hinge",
  "quasi-svm.l2",
  "quasi-svm.mean_squared_error",
  "quasi-svm.sample-weight",
  "quasi-svm.sgd-momentum",
  "quasi-svm.sgd-nesterov",
  "quasi-svm.sgd",
  "quasi-svm.soft-targets",
  "quasi-svm.squared_hinge",
  "quasi-svm.trainable-scale",
];
// Weights to 1e-5 of the largest, as promised. Outputs and losses are sums of some 40 products of such weights.
const weightTolerance = 1e-5;
const lossTolerance = 1e-5;

for (const name of goldenNames) {
  for (const fuse of [true, false]) {
    test(`golden: ${name}${fuse ? "" : ", not fused"}`, async ({ gpu, fixture, note }) => {
      const golden: Golden = JSON.parse(new TextDecoder().decode(await fixture(`test/golden/${name}.json`)));
      const model = await initialModel(golden, gpu);
      const stepLoss: number[] = [];
      const trainRows = Math.floor(golden.x.length * (1 - golden.validationSplit));
      const rowsUntil = (step: number) => Math.min(step * golden.batchSize, trainRows);
      let before = 0;
      const history = await model.fit(golden.x, golden.targets ?? golden.labels, {
        epochs: golden.epochs,
        batchSize: golden.batchSize,
        validationSplit: golden.validationSplit,
        shuffle: false,
        verbose: 0,
        fuse,
        ...(golden.sampleWeight && { sampleWeight: golden.sampleWeight }),
        callbacks: [
          {
            onEpochBegin: () => {
              before = 0;
            },
            onBatchEnd: (step, { loss = Number.NaN }) => {
              const sum = loss * rowsUntil(step + 1);
              stepLoss.push((sum - before) / (rowsUntil(step + 1) - rowsUntil(step)));
              before = sum;
            },
          },
        ],
      });
      assertClose(stepLoss, golden.stepLoss, { absolute: lossTolerance }, "step losses");
      golden.epochLogs.forEach((logs, epoch) => {
        for (const [key, value] of Object.entries(logs)) {
          const got = history.history[key]?.[epoch] ?? Number.NaN;
          assertClose([got], [value], { absolute: lossTolerance }, `epoch ${epoch} ${key}`);
        }
      });
      const weights = await model.getWeights();
      const errors: string[] = [];
      for (const [key, values] of Object.entries(golden.final)) {
        const actual = weights[key]?.data ?? new Float32Array();
        assertClose(actual, flat(values), { relative: weightTolerance }, key);
        errors.push(`${key} ${relativeError(actual, flat(values)).toExponential(1)}`);
      }
      note(`final weights within: ${errors.join(", ")}`);
      const { data } = await model.predict(golden.x);
      assertClose(data, golden.predictions.flat(), { relative: 1e-5 }, "predictions");
      model.dispose();
    });
  }
}

async function initialModel(golden: Golden, gpu: Gpu) {
  const model = new Sequential(
    golden.model.map((layer) => layerOf(layer, golden)),
    { gpu },
  );
  const { Adam, SGD } = golden.optimizer;
  const fromLogits = losses.categoricalCrossentropy({ fromLogits: true });
  model.compile({
    optimizer: Adam ? optimizers.adam(Adam) : optimizers.sgd(SGD),
    loss: golden.loss === "categorical_crossentropy" ? fromLogits : golden.loss,
    metrics: ["acc"],
  });
  await model.setWeights(Object.fromEntries(Object.entries(golden.initial).map(([key, value]) => [key, flat(value)])));
  return model;
}

function layerOf({ input, Dense, RandomFourierFeatures }: GoldenLayer, { l2, trainable }: Golden): Layer {
  if (input) return layers.input({ shape: input });
  if (Dense) {
    const penalty = l2[`${Dense.name}.kernel`];
    return layers.dense({ ...Dense, kernelRegularizer: penalty ? regularizers.l2(penalty) : null });
  }
  if (!RandomFourierFeatures) throw new Error("A golden run has a layer of an unknown kind.");
  const trains = trainable.includes(`${RandomFourierFeatures.name}.kernel_scale`);
  return layers.randomFourierFeatures({ ...RandomFourierFeatures, trainable: trains });
}

function flat(values: Nested): number[] {
  return values.flat();
}

function relativeError(actual: Float32Array, expected: number[]): number {
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)))) / largest;
}
