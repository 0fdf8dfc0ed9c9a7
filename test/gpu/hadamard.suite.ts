// shaders/hadamard.wgsl against test/twins/sorf.ts, and models with it against models with the matrix it stands for.
import { assert } from "chai";
import { type Layer, layers, materializeProjection, optimizers, Sequential } from "../../src/index.ts";
import { hadamard, tileBytes } from "../../src/nn/kernels/hadamard.ts";
import { drawNorms, drawSigns, type SorfShape, sorfShape } from "../../src/nn/sorf.ts";
import { packNorms, packSigns } from "../../src/nn/sorf_stage.ts";
import { randomStream } from "../../src/random.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import { type Matrix, map, matrix, numbers, padded, padded32, up4, vector } from "../twins/matrix.ts";
import * as twin from "../twins/sorf.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, state, untouched } from "./run_kernel.ts";

/** Every number of points, and around each edge of rows, inputs and features. */
const shapes = [
  { rows: 1, d: 1, D: 1 },
  { rows: 63, d: 5, D: 63 },
  { rows: 65, d: 63, D: 64 },
  { rows: 65, d: 64, D: 65 },
  { rows: 63, d: 65, D: 130 },
  { rows: 65, d: 5, D: 4096 },
  { rows: 17, d: 129, D: 260 },
  { rows: 9, d: 257, D: 1025 },
  { rows: 65, d: 784, D: 4096 },
  { rows: 3, d: 1024, D: 1027 },
  { rows: 5, d: 1025, D: 2055 },
  { rows: 3, d: 4096, D: 4101 },
] as const;

interface Problem {
  x: Matrix;
  shape: SorfShape;
  sorf: twin.Sorf;
  b: number[];
  s: number;
  kind: "floats" | "bytes";
  rowCount?: number;
  destination?: number;
  keepProjection?: boolean;
  workgroups?: number;
}

function draws(seed: number, { rows, d, D }: { rows: number; d: number; D: number }, kind: Problem["kind"]): Problem {
  const draw = numbers(seed);
  const shape = sorfShape(d, D);
  const signs = drawSigns(shape, randomStream(seed, "signs"));
  const norms = drawNorms(shape, D, randomStream(seed, "norms"));
  const value = kind === "bytes" ? () => Math.floor(128 * (draw() + 1)) : draw;
  return {
    x: matrix(rows, d, value),
    shape,
    sorf: { points: shape.points, signs, norms },
    b: vector(D, () => Math.fround(Math.PI * (1 + draw()))),
    s: Math.sqrt(d / 2),
    kind,
  };
}

async function check(gpu: Context["gpu"], label: string, problem: Problem): Promise<number> {
  const { x, shape, sorf, b, s, kind, destination = 0, keepProjection = false, workgroups = 3 } = problem;
  const [rows, D] = [x.length, b.length];
  const { rowCount = rows } = problem;
  const features4 = up4(D) / 4;
  const unit = kind === "bytes" ? Math.fround(1 / 255) : 1;
  const source = kind === "bytes" ? new Uint32Array(Uint8Array.from(padded(x)).buffer) : padded32(x);
  const turnsPerUnit = 1 / (2 * Math.PI * s);
  const { output } = await runKernels(
    gpu,
    {
      source,
      state: state({ rowCount, destination }),
      signs: packSigns(Float32Array.from(sorf.signs), shape),
      norms: packNorms(Float32Array.from(sorf.norms), shape),
      biasTurns: Float32Array.from(padded([b.map((value) => value / (2 * Math.PI))])),
      scratch: new Float32Array((workgroups * tileBytes) / 4),
      output: new Float32Array((destination + rows + 2) * features4 * 4).fill(untouched),
    },
    [
      {
        kernel: hadamard(kind, "floats", Math.log2(shape.points), keepProjection),
        uniforms: {
          params: {
            rows,
            columns4: up4(x[0]!.length) / 4,
            first: 0,
            unit,
            outputDim: D,
            features4,
            turnsPerUnit,
          },
          shape: { columns4: features4, first: 0 },
        },
        workgroups: [workgroups, 1, 1],
      },
    ],
  );
  const inputs = map(x, (value) => value * unit);
  const values = keepProjection ? twin.projection(sorf, inputs) : twin.featureMap(sorf, inputs, b, s);
  const levels = 3 * Math.log2(shape.points);
  const bounds = inputs.map((row) => {
    const length = Math.hypot(...row);
    return b.map((bias, j) => {
      // Every level of an orthogonal transform adds at most half an epsilon of the row's length to the error's length,
      // and so to each value's; two for the unit, N and their products.
      const p = (levels / 2 + 2) * epsilon * length * sorf.norms[j]!;
      // Then 1 / (2 pi s), b / (2 pi) and their product and sum, each rounded. The cosine: 5e-7.
      return keepProjection ? p : p / s + 2 * epsilon * (bias + (length * sorf.norms[j]!) / s) + 5e-7;
    });
  });
  const written = Math.min(rows, rowCount);
  const expected = new Float64Array(output.length).fill(untouched);
  expected.set(padded(values.slice(0, written)), destination * features4 * 4);
  const allowed = new Float64Array(output.length);
  allowed.set(padded(bounds.slice(0, written)), destination * features4 * 4);
  assertWithin(output, expected, allowed, label);
  return output.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
}

for (const kind of ["floats", "bytes"] as const) {
  test(`hadamard: features of rows of ${kind} at ragged sizes, padding exactly zero, other rows untouched`, async (t) => {
    let largest = 0;
    for (const [i, shape] of shapes.entries()) {
      const problem = draws(i, shape, kind);
      largest = Math.max(largest, await check(t.gpu, JSON.stringify(shape), problem));
      const part = { destination: i % 4, rowCount: Math.ceil((shape.rows * 2) / 3), workgroups: 1 + (i % 5) };
      await check(t.gpu, JSON.stringify({ ...shape, ...part }), { ...problem, ...part });
    }
    t.note(`largest error ${largest.toExponential(2)}`);
  });
}

test("hadamard: the bare projection at ragged sizes", async ({ gpu }) => {
  for (const [i, shape] of shapes.entries()) {
    const problem = { ...draws(100 + i, shape, i % 2 ? "bytes" : "floats"), keepProjection: true };
    await check(gpu, JSON.stringify(shape), problem);
    const part = { destination: i % 4, rowCount: Math.ceil((shape.rows * 2) / 3) };
    await check(gpu, JSON.stringify({ ...shape, ...part }), { ...problem, ...part });
  }
});

const [d, D] = [20, 130];

/** A model with structured features, and one with the same weights and the matrix that they stand for. */
async function twoModels(gpu: Context["gpu"], below: () => Layer[], trainable: boolean): Promise<Sequential[]> {
  const models = (["sorf", "dense"] as const).map(
    (featureMap) =>
      new Sequential(
        [
          layers.input({ shape: [d] }),
          ...below(),
          layers.randomFourierFeatures({ outputDim: D, featureMap, trainable, name: "features" }),
          layers.dense({ units: 3, name: "head" }),
        ],
        { gpu, seed: 4 },
      ),
  );
  const [structured, plain] = models as [Sequential, Sequential];
  const { "features.signs": signs, "features.norms": norms, ...rest } = await structured.getWeights();
  await plain.setWeights({
    ...rest,
    "features.unscaled_kernel": materializeProjection({ signs: signs!, norms: norms! }, d),
  });
  return models;
}

for (const [what, below, trainable] of [
  ["frozen features", () => [], false],
  ["a trained scale", () => [], true],
  ["trained layers below", () => [layers.dense({ units: d, name: "below" })], false],
  ["a trained scale and layers below", () => [layers.dense({ units: d, name: "below" })], true],
] as const) {
  test(`hadamard: a dense layer with the materialized matrix trains alike, ${what}`, async ({ gpu }) => {
    const draw = numbers(1);
    const x = matrix(70, d, draw);
    const y = vector(70, (i) => i % 3);
    const models = await twoModels(gpu, () => [...below()], trainable);
    try {
      const results: Float32Array[] = [];
      for (const model of models) {
        model.compile({ optimizer: optimizers.sgd({ learningRate: 1 / 128 }), loss: "mean_squared_error" });
        await model.fit(x, y, { epochs: 2, batchSize: 32, verbose: 0 });
        const trained = Object.entries(await model.getWeights()).filter(([name]) => !/signs|norms|unscaled/.test(name));
        const weights = trained.flatMap(([, { data }]) => [...data]);
        results.push(Float32Array.from([...(await model.predict(x)).data, ...weights]));
      }
      // Six steps on arguments that differ by a few roundings.
      assertWithin(results[0]!, results[1]!, 2e-5, what);
      if (trainable) {
        const { "features.kernel_scale": scale } = await models[0]!.getWeights();
        assert.isAbove(Math.abs(scale!.data[0]! - Math.sqrt(d / 2)), 1e-4);
      }
    } finally {
      for (const model of models) model.dispose();
    }
  });
}

test("hadamard: features of a saved model are the same bits", async ({ gpu }) => {
  const [model, other] = await twoModels(gpu, () => [], false);
  other!.dispose();
  const x = matrix(9, d, numbers(2));
  const before = await model!.predict(x);
  const again = Sequential.load(await model!.save(), { gpu });
  assert.deepEqual((await again.predict(x)).data, before.data);
  model!.dispose();
  again.dispose();
});

for (const featureMap of ["sorf", "orthogonal"] as const) {
  test(`hadamard: a fit with featureMap ${featureMap} tells two rings apart`, async ({ gpu, note }) => {
    const draw = numbers(3);
    const y = vector(200, (i) => i % 2);
    const x = y.map((ring) => {
      const [radius, angle] = [1 + 1.5 * ring + 0.2 * draw(), Math.PI * draw()];
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    const model = new Sequential(
      [
        layers.input({ shape: [2] }),
        layers.randomFourierFeatures({ outputDim: 100, featureMap }),
        layers.dense({ units: 2 }),
      ],
      { gpu },
    );
    try {
      model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "hinge", metrics: ["acc"] });
      const { history } = await model.fit(x, y, { epochs: 20, batchSize: 32, verbose: 0 });
      note(`accuracy ${history.acc!.at(-1)!.toFixed(3)}`);
      assert.isAbove(history.acc!.at(-1)!, 0.98);
    } finally {
      model.dispose();
    }
  });
}
