// Models of images: values and every gradient against the twins, frozen and trained, saved and loaded.
import { assert } from "chai";
import { layers, losses, optimizers, Sequential } from "../../src/index.ts";
import * as conv from "../twins/conv2d.ts";
import * as matmul from "../twins/matmul.ts";
import { type Matrix, map, matrix, numbers, vector } from "../twins/matrix.ts";
import * as pooling from "../twins/pooling2d.ts";
import { assertClose, type Context, test } from "./harness.ts";

const classes = 3;
const [first, second]: conv.WindowTwin[] = [
  { height: 11, width: 9, channels: 2, size: [3, 3], strides: [1, 1], padding: "same" },
  { height: 5, width: 4, channels: 5, size: [2, 3], strides: [2, 1], padding: "valid" },
] as const;
const [pool, last]: conv.WindowTwin[] = [
  { height: 11, width: 9, channels: 5, size: [2, 2], strides: [2, 2], padding: "valid" },
  { height: 2, width: 2, channels: 8, size: [2, 2], strides: [2, 2], padding: "same" },
] as const;

function stack(trainable: boolean, last: "max" | "average") {
  const { size, strides, padding } = second!;
  const ending = { poolSize: 2, padding: "same" } as const;
  return [
    layers.input({ shape: [11, 9, 2] }),
    layers.conv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "tanh", trainable, name: "first" }),
    layers.maxPooling2D(),
    layers.conv2d({ filters: 8, kernelSize: size, strides, padding, useBias: false, name: "second" }),
    last === "max" ? layers.maxPooling2D(ending) : layers.averagePooling2D(ending),
    layers.flatten(),
    layers.dense({ units: classes, name: "head" }),
  ];
}

function draws(seed: number, rows: number) {
  const draw = numbers(seed);
  return {
    x: matrix(rows, 11 * 9 * 2, draw),
    y: matrix(rows, classes, draw),
    w1: matrix(18, 5, draw),
    b1: vector(5, draw),
    w2: matrix(30, 8, draw),
    w3: matrix(8, classes, draw),
    b3: vector(classes, draw),
  };
}

/** Outputs, the mean squared error and its gradient for every weight. */
function twin({ x, y, w1, b1, w2, w3, b3 }: ReturnType<typeof draws>, kind: "max" | "average") {
  const a = map(conv.forward(x, w1, b1, first!), Math.tanh);
  const p = pooling.forward("max", a, pool!);
  const c = conv.forward(
    p,
    w2,
    vector(8, () => 0),
    second!,
  );
  const q = pooling.forward(kind, c, last!);
  const outputs = matmul.forward(q, w3, b3);
  const errors = outputs.map((row, i) => row.map((value, j) => value - y[i]![j]!));
  const dOutputs = map(errors, (error) => (2 * error) / (classes * x.length));
  const dQ = matmul.gradientInput(dOutputs, w3);
  const dC = pooling.gradientInput(kind, c, dQ, last!);
  const dP = conv.gradientInput(dC, w2, second!);
  const dA = pooling.gradientInput("max", a, dP, pool!).map((row, i) => row.map((g, j) => g * (1 - a[i]![j]! ** 2)));
  const [below, head] = [conv.gradientWeights(x, dA, 5, first!), matmul.gradientWeights(q, dOutputs)];
  return {
    outputs,
    loss: errors.flat().reduce((sum, error) => sum + error ** 2, 0) / (classes * x.length),
    gradients: {
      "first.kernel": below.dw.flat(),
      "first.bias": below.db,
      "second.kernel": conv.gradientWeights(p, dC, 8, second!).dw.flat(),
      "head.kernel": head.dw.flat(),
      "head.bias": head.db,
    },
  };
}

const weightsOf = ({ w1, b1, w2, w3, b3 }: ReturnType<typeof draws>) => ({
  "first.kernel": w1.flat(),
  "first.bias": b1,
  "second.kernel": w2.flat(),
  "head.kernel": w3.flat(),
  "head.bias": b3,
});

function images(x: Matrix) {
  return { data: Float32Array.from(x.flat()), shape: [x.length, 11, 9, 2] as const };
}

async function modelOf(
  gpu: Context["gpu"],
  given: ReturnType<typeof draws>,
  trainable: boolean,
  kind: "max" | "average",
) {
  const model = new Sequential(stack(trainable, kind), { gpu });
  // A power of two, so that a step divided by it is the gradient but for the rounding of the weight.
  model.compile({ optimizer: optimizers.sgd({ learningRate: 4 }), loss: losses.meanSquaredError() });
  await model.setWeights(weightsOf(given));
  return model;
}

for (const kind of ["max", "average"] as const) {
  test(`images: outputs, loss and every gradient of convolutions and ${kind} pooling`, async ({ gpu }) => {
    for (const [rows, batchSize] of [
      [1, 1],
      [17, 17],
      [65, 70],
    ] as const) {
      const given = draws(rows, rows);
      const expected = twin(given, kind);
      for (const trainable of [true, false]) {
        const model = await modelOf(gpu, given, trainable, kind);
        const label = `${rows} rows, ${trainable ? "all trained" : "the first frozen"}`;
        const outputs = await model.predict(images(given.x));
        assertClose(outputs.data, expected.outputs.flat(), { relative: 1e-5 }, `${label}: outputs`);
        const { history } = await model.fit(images(given.x), given.y, { batchSize, verbose: 0 });
        assertClose(history.loss!, [expected.loss], { relative: 1e-5 }, `${label}: loss`);
        const after = await model.getWeights();
        for (const [name, before] of Object.entries(weightsOf(given))) {
          const moved = before.map((value, i) => (value - after[name]!.data[i]!) / 4);
          const isFrozen = !trainable && name.startsWith("first.");
          const gradient = expected.gradients[name as keyof typeof expected.gradients];
          if (isFrozen)
            assertClose(
              moved,
              moved.map(() => 0),
              {},
              `${label}: ${name}`,
            );
          else assertClose(moved, gradient, { relative: 1e-5, absolute: 1e-7 }, `${label}: ${name}`);
        }
        model.dispose();
      }
    }
  });
}

test("images: a frozen convolution of bytes, computed in chunks, is the trained one, bit for bit", async ({ gpu }) => {
  const given = draws(5, 150);
  const data = Uint8Array.from(given.x.flat(), (value) => (value + 1) * 127.5);
  const bytes = { data, shape: [150, 11, 9, 2] as const, unit: 1 / 255 };
  const [trained, frozen] = [await modelOf(gpu, given, true, "max"), await modelOf(gpu, given, false, "max")];
  const expected = await trained.predict(bytes);
  assert.deepEqual((await frozen.predict(bytes)).data, expected.data);
  const loaded = Sequential.load(await frozen.save(), { gpu });
  assert.deepEqual((await loaded.predict(bytes)).data, expected.data);
  for (const model of [trained, frozen, loaded]) model.dispose();
});
