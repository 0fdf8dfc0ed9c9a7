// Every gradient of a model against central differences of its float64 twin. A gradient is what one step of plain SGD
// takes from a weight, divided by the learning rate: a power of two, so that only the weight itself is rounded.
import { layers, optimizers, Sequential } from "../../src/index.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import {
  isBinary,
  type LossName,
  lossNames,
  oneHot,
  signed,
  signsTargets,
  sum,
  takesProbabilities,
} from "../twins/losses.ts";
import { type Matrix, matrix, numbers, vector } from "../twins/matrix.ts";
import {
  type Batch,
  type LayerTwin,
  nearestKink,
  rowLosses,
  slopes,
  trained,
  type WeightTwins,
} from "../twins/model.ts";
import { type Context, test } from "./harness.ts";
import { madeLosses } from "./made_losses.ts";

interface Shape {
  rows: number;
  d: number;
  hidden: number;
  D: number;
  classes: number;
}

// The last but one is beyond the classes that are fused with the loss.
const shapes: Shape[] = [
  { rows: 1, d: 3, hidden: 1, D: 5, classes: 1 },
  { rows: 5, d: 4, hidden: 3, D: 17, classes: 3 },
  { rows: 17, d: 1, hidden: 5, D: 16, classes: 10 },
  { rows: 64, d: 17, hidden: 4, D: 65, classes: 5 },
  { rows: 63, d: 5, hidden: 3, D: 4, classes: 65 },
  { rows: 131, d: 5, hidden: 7, D: 3, classes: 17 },
];

const stacks: Record<string, (shape: Shape) => LayerTwin[]> = {
  "rff, dense": ({ d, D, classes }) => [features("features", d, D), dense("head", D, classes)],
  "rff with a trained scale, dense": ({ d, D, classes }) => [
    features("trained features", d, D),
    dense("head", D, classes),
  ],
  "dense, rff with a trained scale, dense": ({ d, hidden, D, classes }) => [
    dense("below", d, hidden),
    features("trained features", hidden, D),
    dense("head", D, classes),
  ],
  "dense, rff, dense": ({ d, hidden, D, classes }) => [
    dense("below", d, hidden),
    features("features", hidden, D),
    dense("head", D, classes),
  ],
  "dense, dense": ({ d, hidden, classes }) => [dense("below", d, hidden), dense("head", hidden, classes)],
  "rff, dense, dense": ({ d, hidden, D, classes }) => [
    features("features", d, D),
    dense("middle", D, hidden),
    dense("head", hidden, classes),
  ],
  dense: ({ d, classes }) => [dense("head", d, classes)],
};

function dense(name: string, inputs: number, outputs: number): LayerTwin {
  return { kind: "dense", name, inputs, outputs };
}

function features(kind: "features" | "trained features", inputs: number, outputs: number): LayerTwin {
  return { kind, name: "features", inputs, outputs };
}

for (const [stack, twinsOf] of Object.entries(stacks)) {
  test(`gradients: ${stack}, every loss, fused and not`, async ({ gpu, note }) => {
    const worst = { share: 0 };
    for (const [turn, loss] of lossNames.entries()) {
      // One shape a loss here, others in another stack.
      const shape = shapes[(turn + stack.length) % shapes.length]!;
      await check(gpu, twinsOf(shape), shape, loss, turn, worst);
    }
    note(`largest share of a bound ${worst.share.toFixed(2)}`);
  });
}

interface Problem {
  weights: WeightTwins;
  batch: Batch;
  y: Matrix | number[];
}

/** Weights, rows and targets away from the kinks of the loss: the first of the seeds that keeps its distance. */
function drawAwayFromKinks(twins: LayerTwin[], { rows, d, classes }: Shape, loss: LossName, turn: number): Problem {
  for (let seed = turn; seed < turn + 1e4; seed += 100) {
    const draw = numbers(seed);
    const problem = { weights: weightsOf(twins, loss, draw), ...targetsOf(rows, classes, loss, turn, draw) };
    const x = matrix(rows, d, draw);
    const batch = { x, y: problem.signed, weights: problem.sampleWeights };
    // Logits move by about 1e-5 at most, be it by a difference or by float32.
    if (nearestKink(twins, problem.weights, batch, loss) > 1e-4) return { ...problem, batch };
  }
  throw new Error(`${loss}: every draw has a row at a kink`);
}

/** Small enough that outputs stay near 1; for a loss that takes them as probabilities near 4 or, one by one, 1/2. */
function weightsOf(twins: LayerTwin[], loss: LossName, draw: () => number): WeightTwins {
  const weights: WeightTwins = {};
  for (const { kind, name, inputs, outputs } of twins) {
    if (kind === "dense") {
      const positive = takesProbabilities(loss) && name === "head";
      const middle = positive ? (loss.startsWith("binary") ? 0.5 : 4) : 0;
      const size = positive ? middle / 4 / inputs : 2 / Math.sqrt(inputs);
      weights[`${name}.kernel`] = vector(inputs * outputs, () => Math.fround(size * draw()));
      weights[`${name}.bias`] = vector(outputs, () => Math.fround((positive ? middle / 8 : 0.5) * draw() + middle));
    } else {
      weights[`${name}.kernel_scale`] = [1.5];
      weights[`${name}.unscaled_kernel`] = vector(inputs * outputs, () => 2 * draw());
      weights[`${name}.bias`] = vector(outputs, () => Math.fround(Math.PI * (1 + draw())));
    }
  }
  return weights;
}

/** Labels, one-hot and soft targets in turn; every other time rows have weights. */
function targetsOf(rows: number, classes: number, loss: LossName, turn: number, draw: () => number) {
  const labels = vector(rows, () => Math.floor(((draw() + 1) / 2) * classes));
  const isSoft = turn % 3 === 2;
  const dense = isSoft ? matrix(rows, classes, () => (draw() + 1) / 2) : labels.map((label) => oneHot(label, classes));
  return {
    // A list of numbers would be the values of a single output.
    y: turn % 3 === 0 && classes > 1 ? labels : dense,
    signed: signsTargets(loss) && isBinary(dense) ? dense.map(signed) : dense,
    sampleWeights: vector(rows, () => (turn % 2 === 0 ? 1 : 1 + draw())),
  };
}

async function check(
  gpu: Context["gpu"],
  twins: LayerTwin[],
  shape: Shape,
  loss: LossName,
  turn: number,
  worst: { share: number },
): Promise<void> {
  const { weights, batch, y } = drawAwayFromKinks(twins, shape, loss, turn);
  const names = twins.flatMap(trained);
  const wanted = new Map(names.map((name) => [name, slopes(twins, weights, name, batch, loss)]));
  const learningRate = learningRateFor(weights, wanted);
  const total = sum(rowLosses(twins, weights, batch, loss));
  // A row's part is a product with one factor a layer and one of the loss, each a sum of at most this many terms. Where
  // such a sum cancels, its terms are of the size of another weight's part: of the bias, whose input is 1.
  const longest = Math.max(shape.rows, shape.classes, ...twins.map(({ inputs, outputs }) => Math.max(inputs, outputs)));
  const rounding =
    (twins.length + 1) * longest * epsilon * Math.max(...[...wanted.values()].flatMap(({ sizes }) => sizes));

  for (const fuse of [true, false]) {
    const model = new Sequential(
      [
        layers.input({ shape: [shape.d] }),
        ...twins.map(({ kind, name, outputs }) =>
          kind === "dense"
            ? layers.dense({ units: outputs, name })
            : layers.randomFourierFeatures({ outputDim: outputs, trainable: kind === "trained features", name }),
        ),
      ],
      { gpu },
    );
    try {
      model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: madeLosses[loss] });
      await model.setWeights(weights);
      const history = await model.fit(batch.x, y, {
        batchSize: shape.rows + (turn % 2) * 3,
        sampleWeight: batch.weights,
        verbose: 0,
        fuse,
      });
      const label = `${loss}, ${twins.map(({ name }) => name).join(" ")}, ${JSON.stringify(shape)}, fuse ${fuse}`;
      const after = await model.getWeights();
      assertWithin(history.history.loss!, [total], 1e-5 * (1 + Math.abs(total)), `${label}: loss`);
      for (const [name, before] of Object.entries(weights)) {
        const values = after[name]!.data;
        const slope = wanted.get(name);
        if (!slope) {
          assertWithin(values, before, 0, `${label}: ${name}, which does not train`);
          continue;
        }
        const gradient = before.map((w, i) => (w - values[i]!) / learningRate);
        const bounds = slope.gradient.map(
          (g, i) => rounding + epsilon * (Math.abs(before[i]!) / learningRate + Math.abs(g)) + 1e-8,
        );
        assertWithin(gradient, slope.gradient, bounds, `${label}: ${name}`);
        for (const [i, bound] of bounds.entries()) {
          worst.share = Math.max(worst.share, Math.abs(gradient[i]! - slope.gradient[i]!) / bound);
        }
      }
    } finally {
      model.dispose();
    }
  }
}

/** The largest power of two up to 64 that keeps a trained scale, which may not become negative, above its half. */
function learningRateFor(weights: WeightTwins, wanted: Map<string, { gradient: number[] }>): number {
  let rate = 64;
  for (const [name, { gradient }] of wanted) {
    if (!name.endsWith(".kernel_scale")) continue;
    while (rate * Math.abs(gradient[0]!) > weights[name]![0]! / 2) rate /= 2;
  }
  return rate;
}
