// Every gradient of models with activations, dropout and batch normalization against central differences of their float64
// twins, and some steps of training against the same steps in float64. A gradient is what one step of plain SGD takes
// from a weight, divided by the learning rate, a power of two.
import { type FeatureMapName, type Layer, layers, losses, optimizers, Sequential } from "../../src/index.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import { type LossName, sum } from "../twins/losses.ts";
import { matrix, numbers, vector } from "../twins/matrix.ts";
import {
  type Batch,
  type LayerTwin,
  moved,
  nearestKink,
  outputs,
  pointsOf,
  rowLosses,
  slopes,
  trained,
  type WeightTwins,
} from "../twins/model.ts";
import { type Context, test } from "./harness.ts";

interface Shape {
  rows: number;
  d: number;
  hidden: number;
  D: number;
  classes: number;
}

// The last is beyond the classes that are fused with the loss.
const shapes: Shape[] = [
  { rows: 1, d: 3, hidden: 1, D: 5, classes: 2 },
  { rows: 64, d: 17, hidden: 3, D: 65, classes: 5 },
  { rows: 65, d: 5, hidden: 7, D: 13, classes: 65 },
];

/** Blocks of 128 points, the last one cut, for a structured projection. */
const wide: Shape = { rows: 5, d: 3, hidden: 70, D: 150, classes: 2 };

type Activation = Extract<LayerTwin, { kind: "activation" }>["activation"];

const dense = (name: string, inputs: number, outputs: number, activation: Activation = "linear"): LayerTwin => ({
  ...{ kind: "dense", name, inputs, outputs, activation },
});
const activation = (given: Activation, width: number, channels = width): LayerTwin => ({
  ...{ kind: "activation", name: "activation", inputs: width, outputs: width, activation: given, channels },
});
const normalization = (width: number, channels = width, frozen = false): LayerTwin => ({
  ...{ kind: "batch normalization", name: "normalization", inputs: width, outputs: width, channels, frozen },
});
const dropout = (width: number): LayerTwin => ({
  ...{ kind: "dropout", name: "dropout", inputs: width, outputs: width, rate: 0.25 },
});
const features = (inputs: number, outputs: number, featureMap: FeatureMapName, trains = true): LayerTwin => ({
  ...{ kind: trains ? "trained features" : "features", name: "features", inputs, outputs, featureMap },
});

const acrossFeatures = (featureMap: FeatureMapName, trains: boolean) => (shape: Shape) => [
  dense("below", shape.d, shape.hidden, "relu"),
  normalization(shape.hidden),
  dropout(shape.hidden),
  features(shape.hidden, shape.D, featureMap, trains),
  dense("head", shape.D, shape.classes),
];

const stacks: Record<string, (shape: Shape) => LayerTwin[]> = {
  "relu, normalization, dropout, dense rff with a trained scale": acrossFeatures("dense", true),
  "relu, normalization, dropout, orthogonal rff with a trained scale": acrossFeatures("orthogonal", true),
  "relu, normalization, dropout, sorf with a trained scale": acrossFeatures("sorf", true),
  "relu, normalization, dropout, sorf": acrossFeatures("sorf", false),
  "tanh, sigmoid, dropout": ({ d, hidden, classes }) => [
    dense("below", d, hidden, "tanh"),
    activation("sigmoid", hidden),
    dropout(hidden),
    dense("head", hidden, classes),
  ],
  "dropout and normalization of the inputs": ({ d, hidden, classes }) => [
    dropout(d),
    normalization(d),
    dense("middle", d, hidden, "sigmoid"),
    dense("head", hidden, classes, "tanh"),
  ],
  "images: normalization and softmax over their channels": ({ d, classes }) => [
    dense("below", d, 15, "tanh"),
    normalization(15, 3),
    activation("softmax", 15, 5),
    dense("head", 15, classes),
  ],
  "frozen normalization between dense layers": ({ d, hidden, classes }) => [
    dense("below", d, hidden),
    normalization(hidden, hidden, true),
    dense("head", hidden, classes),
  ],
  "softmax as the last layer": ({ d, hidden, classes }) => [
    dense("below", d, hidden, "relu"),
    dense("head", hidden, classes, "softmax"),
  ],
};

const madeLosses = {
  mean_squared_error: losses.meanSquaredError(),
  categorical_crossentropy: losses.categoricalCrossentropy(),
  categorical_crossentropy_logits: losses.categoricalCrossentropy({ fromLogits: true }),
} as const;
const seed = 2 ** 40 + 77;

function layersOf(twin: LayerTwin): Layer[] {
  const { name, outputs: units } = twin;
  switch (twin.kind) {
    case "dense":
      return [layers.dense({ units, name, activation: twin.activation ?? "linear" })];
    case "activation":
      return overChannels(twin, layers.activation({ activation: twin.activation, name }));
    case "batch normalization":
      return overChannels(twin, layers.batchNormalization({ name, trainable: !twin.frozen }));
    case "dropout":
      return [layers.dropout({ rate: twin.rate, name })];
    default: {
      const { featureMap = "dense" } = twin;
      const trainable = twin.kind === "trained features";
      return [layers.randomFourierFeatures({ outputDim: units, featureMap, trainable, name })];
    }
  }
}

/** Rows as images for a layer that looks at channels, where these are not the whole row. */
function overChannels({ outputs, channels }: { outputs: number; channels: number }, layer: Layer): Layer[] {
  if (outputs === channels) return [layer];
  return [layers.reshape({ targetShape: [-1, 1, channels] }), layer, layers.flatten()];
}

function modelOf(gpu: Context["gpu"], twins: LayerTwin[], d: number): Sequential {
  return new Sequential([layers.input({ shape: [d] }), ...twins.flatMap(layersOf)], { gpu, seed });
}

function weightsOf(twins: LayerTwin[], draw: () => number): WeightTwins {
  const weights: WeightTwins = {};
  const set = (name: string, size: number, value: () => number) => {
    weights[name] = vector(size, () => Math.fround(value()));
  };
  for (const twin of twins) {
    const { name, inputs, outputs } = twin;
    if (twin.kind === "dense") {
      set(`${name}.kernel`, inputs * outputs, () => (2 / Math.sqrt(inputs)) * draw());
      set(`${name}.bias`, outputs, () => 0.5 * draw());
    } else if (twin.kind === "batch normalization") {
      set(`${name}.gamma`, twin.channels, () => 1 + 0.5 * draw());
      set(`${name}.beta`, twin.channels, draw);
      set(`${name}.moving_mean`, twin.channels, draw);
      set(`${name}.moving_variance`, twin.channels, () => 1 + 0.5 * draw());
    } else if (twin.kind === "features" || twin.kind === "trained features") {
      set(`${name}.kernel_scale`, 1, () => 1.5);
      set(`${name}.bias`, outputs, () => Math.PI * (1 + draw()));
      if (twin.featureMap === "sorf") {
        const points = pointsOf(inputs);
        set(`${name}.signs`, 3 * points * Math.ceil(outputs / points), () => (draw() < 0 ? -1 : 1));
        set(`${name}.norms`, outputs, () => 8 + draw());
      } else {
        set(`${name}.unscaled_kernel`, inputs * outputs, () => 2 * draw());
      }
    }
  }
  return weights;
}

/** Weights and a minibatch away from the kinks of relu: the first of the seeds that keeps its distance. */
function drawAwayFromKinks(twins: LayerTwin[], { rows, d, classes }: Shape, loss: LossName, turn: number) {
  for (let first = turn; first < turn + 1e4; first += 100) {
    const draw = numbers(first);
    const weights = weightsOf(twins, draw);
    const target = (): number => (draw() + 1) / 2;
    const batch: Batch = {
      x: matrix(rows, d, draw),
      y: matrix(rows, classes, target),
      weights: vector(rows, () => 1 + draw() / 2),
      step: { seed, iteration: 0 },
    };
    if (nearestKink(twins, weights, batch, loss) > 1e-4) return { weights, batch };
  }
  throw new Error(`${JSON.stringify({ rows, d, classes })}: every draw has a value at a kink`);
}

for (const [stack, twinsOf] of Object.entries(stacks)) {
  test(`layer gradients: ${stack}`, async ({ gpu, note }) => {
    let worst = 0;
    const maps = stack.includes("rff") || stack.includes("sorf");
    for (const [turn, shape] of [...shapes, ...(maps ? [wide] : [])].entries()) {
      const twins = twinsOf(shape);
      const crossentropy = endsInSoftmax(twins) ? "categorical_crossentropy" : "categorical_crossentropy_logits";
      const loss = turn % 2 === 0 ? crossentropy : "mean_squared_error";
      worst = Math.max(worst, await check(gpu, twins, shape, loss, turn));
    }
    note(`largest difference ${worst.toExponential(1)} of the largest gradient`);
  });
}

function endsInSoftmax(twins: LayerTwin[]): boolean {
  const last = twins.at(-1)!;
  return "activation" in last && last.activation === "softmax";
}

/** @returns the largest difference of a gradient, as a share of the largest of its weight. */
async function check(
  gpu: Context["gpu"],
  twins: LayerTwin[],
  shape: Shape,
  loss: keyof typeof madeLosses,
  turn: number,
) {
  const { weights, batch } = drawAwayFromKinks(twins, shape, loss, turn);
  const wanted = new Map(
    twins.flatMap(trained).map((name) => [name, slopes(twins, weights, name, batch, loss)] as const),
  );
  const statistics = moved(twins, weights, batch.x, batch.step!);
  const total = sum(rowLosses(twins, weights, batch, loss));
  const learningRate = wanted.has("features.kernel_scale") ? 1 / 8 : 1; // a scale stays above 0
  let worst = 0;
  for (const fuse of [true, false]) {
    const model = modelOf(gpu, twins, shape.d);
    try {
      model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: madeLosses[loss] });
      await model.setWeights(weights);
      const { history } = await model.fit(batch.x, batch.y, {
        batchSize: shape.rows + (turn % 2) * 3,
        sampleWeight: batch.weights,
        shuffle: false, // masks go by a row's place
        verbose: 0,
        fuse,
      });
      const label = `${loss}, ${JSON.stringify(shape)}, fuse ${fuse}`;
      const after = await model.getWeights();
      assertWithin(history.loss!, [total], 1e-5 * (1 + Math.abs(total)), `${label}: loss`);
      for (const [name, before] of Object.entries(weights)) {
        const values = after[name]!.data;
        const slope = wanted.get(name);
        if (slope) {
          const gradient = before.map((w, i) => (w - values[i]!) / learningRate);
          // Where the parts of a gradient cancel, as below a normalization, what counts is their size.
          const size = Math.max(...slope.sizes);
          const bounds = before.map((w) => 2e-5 * size + epsilon * (Math.abs(w) / learningRate) + 1e-8);
          assertWithin(gradient, slope.gradient, bounds, `${label}: ${name}`);
          if (size > 1e-3) {
            worst = Math.max(worst, ...gradient.map((g, i) => Math.abs(g - slope.gradient[i]!) / size));
          }
        } else {
          const expected = statistics[name] ?? before;
          const bounds = statistics[name] ? expected.map((value) => 1e-6 * (1 + Math.abs(value))) : 0;
          assertWithin(values, expected, bounds, `${label}: ${name}, which does not train`);
        }
      }
    } finally {
      model.dispose();
    }
  }
  return worst;
}

test("layer gradients: steps of training, evaluation and prediction follow the twin", async ({ gpu }) => {
  const [rows, batchSize, d, classes, epochs] = [19, 8, 5, 3, 2];
  const twins = [dense("below", d, 6, "tanh"), normalization(6), dropout(6), dense("head", 6, classes)];
  const draw = numbers(31);
  let weights = weightsOf(twins, draw);
  const [x, y] = [matrix(rows, d, draw), matrix(rows, classes, draw)];
  const model = modelOf(gpu, twins, d);
  const ones = (n: number) => vector(n, () => 1);
  const learningRate = 0.25;
  try {
    model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "mean_squared_error" });
    await model.setWeights(weights);
    const { history } = await model.fit(x, y, { epochs, batchSize, shuffle: false, verbose: 0 });

    let iteration = 0;
    const lossesByEpoch = vector(epochs, () => {
      let total = 0;
      for (let first = 0; first < rows; first += batchSize) {
        const own = <T>(all: T[]): T[] => all.slice(first, first + batchSize);
        const step = { seed, iteration: iteration++ };
        const batch: Batch = { x: own(x), y: own(y), weights: ones(own(x).length), step };
        total += batch.x.length * sum(rowLosses(twins, weights, batch, "mean_squared_error"));
        const next: WeightTwins = { ...weights, ...moved(twins, weights, batch.x, step) };
        for (const name of twins.flatMap(trained)) {
          const { gradient } = slopes(twins, weights, name, batch, "mean_squared_error");
          next[name] = weights[name]!.map((w, i) => w - learningRate * gradient[i]!);
        }
        weights = next;
      }
      return total / rows;
    });
    assertWithin(history.loss!, lossesByEpoch, 1e-5, "losses");
    const after = await model.getWeights();
    for (const [name, values] of Object.entries(weights)) assertWithin(after[name]!.data, values, 1e-5, name);

    // Without a step: moving statistics, and every value passes.
    const expected = outputs(twins, weights, x);
    const batch: Batch = { x, y, weights: ones(rows) };
    const evaluated = await model.evaluate(x, y, { batchSize });
    assertWithin([evaluated.loss!], [sum(rowLosses(twins, weights, batch, "mean_squared_error"))], 1e-5, "evaluate");
    const { data } = await model.predict(x);
    assertWithin(data, expected.flat(), 1e-4, "predict");
  } finally {
    model.dispose();
  }
});
