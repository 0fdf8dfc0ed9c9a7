// Layers of images: shapes, weights and refusals; and the twins that the GPU is compared with, against differences.
import { describe, expect, it } from "vitest";
import { layers } from "../../src/index.ts";
import type { Conv2DOptions } from "../../src/nn/layers/conv2d.ts";
import { randomStream } from "../../src/random.ts";
import * as conv from "../twins/conv2d.ts";
import { type Matrix, matrix, numbers, vector } from "../twins/matrix.ts";
import * as pooling from "../twins/pooling2d.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });

describe("layers.conv2d", () => {
  it.each([
    [[28, 28, 1], { filters: 8, kernelSize: 3 }, [26, 26, 8]],
    [[28, 28, 1], { filters: 8, kernelSize: 3, padding: "same" }, [28, 28, 8]],
    [[28, 27, 3], { filters: 5, kernelSize: [3, 5], strides: [2, 3], padding: "same" }, [14, 9, 5]],
    [[28, 27, 3], { filters: 5, kernelSize: [3, 5], strides: [2, 3] }, [13, 8, 5]],
    [[3, 3, 3], { filters: 1, kernelSize: 5, padding: "same" }, [3, 3, 1]],
  ] as [number[], Conv2DOptions, number[]][])("makes of images %j with %j images %j", (shape, options, expected) => {
    expect(layers.conv2d(options).outputShape(shape)).toEqual(expected);
  });

  it("has a kernel [height, width, channels, filters] drawn as Keras draws it, and a bias of zeros", () => {
    const [kernel, bias] = layers.conv2d({ filters: 64, kernelSize: [3, 5] }).weights([9, 9, 32]);
    expect([kernel!.shape, bias!.shape]).toEqual([[3, 5, 32, 64], [64]]);
    const limit = Math.sqrt(6 / (15 * (32 + 64)));
    const values = kernel!.initialize(randomStream(1, "kernel"));
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.999 * limit);
    expect(bias!.initialize(randomStream(1, "bias")).every((value) => value === 0)).toBe(true);
    expect(layers.conv2d({ filters: 1, kernelSize: 1, useBias: false }).weights([9, 9, 1])).toHaveLength(1);
  });

  it.each([
    ["no filters", { filters: 0, kernelSize: 3 }, /filters must be a positive whole number, got 0/],
    ["no kernel size", { filters: 1 }, /kernelSize must be a positive whole number, or two .* got undefined/],
    ["three sizes", { filters: 1, kernelSize: [1, 2, 3] }, /kernelSize .* got \[1,2,3\]/],
    ["a stride of zero", { filters: 1, kernelSize: 1, strides: 0 }, /strides must be .* got 0/],
    ["a fraction", { filters: 1, kernelSize: 1, strides: [1, 1.5] }, /strides must be .* got \[1,1\.5\]/],
    [
      "another padding",
      { filters: 1, kernelSize: 1, padding: "full" },
      /padding must be "valid" or "same", got "full"/,
    ],
    ["a bias of 1", { filters: 1, kernelSize: 1, useBias: 1 }, /useBias must be true or false, got 1/],
    ["another activation", { filters: 1, kernelSize: 1, activation: "gelu" }, /unknown activation "gelu"/],
    ["a misspelt option", { filters: 1, kernelSize: 1, stride: 1 }, /unknown option "stride"/],
  ])("refuses %s", (_, options, message) => {
    expect(() => layers.conv2d(options as unknown as Conv2DOptions)).toThrow(configError(message));
  });

  it("refuses rows that are no images, and images smaller than its filters", () => {
    const layer = layers.conv2d({ filters: 1, kernelSize: 3 });
    expect(() => layer.outputShape([784])).toThrow(
      configError(
        /expected images \[batch, height, width, channels\], got \[batch, 784\].*\[28, 28, 1\].*layers\.reshape/,
      ),
    );
    expect(() => layer.outputShape([28, 28])).toThrow(configError(/got \[batch, 28, 28\]/));
    expect(() => layer.outputShape([2, 28, 1])).toThrow(configError(/3 x 3 does not fit into images of 2 x 28/));
  });
});

describe("layers.maxPooling2D and averagePooling2D", () => {
  it("halve images by default, and round up with padding", () => {
    for (const pooling2D of [layers.maxPooling2D, layers.averagePooling2D]) {
      expect(pooling2D().outputShape([29, 28, 3])).toEqual([14, 14, 3]);
      expect(pooling2D({ padding: "same" }).outputShape([29, 28, 3])).toEqual([15, 14, 3]);
      expect(pooling2D({ poolSize: 3, strides: 1 }).outputShape([29, 28, 3])).toEqual([27, 26, 3]);
      expect(pooling2D({ poolSize: [1, 4] }).outputShape([29, 28, 3])).toEqual([29, 7, 3]);
    }
    expect(layers.maxPooling2D().defaultName).toBe("max_pooling2d");
  });

  it("refuse what they can't use", () => {
    expect(() => layers.maxPooling2D({ poolSize: 0 })).toThrow(configError(/maxPooling2D: poolSize must be .* got 0/));
    expect(() => layers.averagePooling2D({ strides: -1 })).toThrow(configError(/averagePooling2D: strides .* got -1/));
    expect(() => layers.maxPooling2D({ poolSize: 3 }).outputShape([2, 2, 1])).toThrow(
      configError(/3 x 3 does not fit into images of 2 x 2.*"same"/),
    );
    expect(() => layers.maxPooling2D().outputShape([784])).toThrow(configError(/expected images/));
  });
});

const overs: conv.WindowTwin[] = [
  { height: 4, width: 5, channels: 2, size: [3, 2], strides: [1, 1], padding: "same" },
  { height: 5, width: 4, channels: 1, size: [2, 3], strides: [2, 1], padding: "valid" },
  { height: 5, width: 7, channels: 3, size: [2, 2], strides: [3, 2], padding: "same" },
];

/** The slope of f's outputs, weighed by g, along every value of x, by central differences. */
function slopes(x: Matrix, f: (x: Matrix) => Matrix, g: Matrix): Matrix {
  const h = 2 ** -16;
  const weighed = (y: Matrix) => y.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * g[i]![j]!, 0), 0);
  return x.map((row, i) =>
    row.map((_, j) => {
      const at = (by: number) => weighed(f(x.map((r, k) => r.map((v, l) => (k === i && l === j ? v + by : v)))));
      return (at(h) - at(-h)) / (2 * h);
    }),
  );
}

function expectClose(actual: Matrix, expected: Matrix) {
  actual.flat().forEach((value, i) => {
    expect(value).toBeCloseTo(expected.flat()[i]!, 8);
  });
}

describe.each(overs)("the twins over %j", (over) => {
  const draw = numbers(over.height);
  const [rows, columns] = conv.countOf(over);
  const x = matrix(2, over.height * over.width * over.channels, draw);

  it("of a convolution have the gradients that differences give", () => {
    const w = matrix(over.size[0] * over.size[1] * over.channels, 2, draw);
    const b = vector(2, draw);
    const g = matrix(2, rows * columns * 2, draw);
    const { dw, db } = conv.gradientWeights(x, g, 2, over);
    expectClose(
      conv.gradientInput(g, w, over),
      slopes(x, (moved) => conv.forward(moved, w, b, over), g),
    );
    expectClose(
      dw,
      slopes(w, (moved) => conv.forward(x, moved, b, over), g),
    );
    expectClose(
      [db],
      slopes([b], ([moved]) => conv.forward(x, w, moved!, over), g),
    );
  });

  it.each(["max", "average"] as const)("of %s pooling have the gradients that differences give", (kind) => {
    const g = matrix(2, rows * columns * over.channels, draw);
    const forward = (moved: Matrix) => pooling.forward(kind, moved, over);
    expectClose(pooling.gradientInput(kind, x, g, over), slopes(x, forward, g));
  });
});

describe("the twins, by hand", () => {
  it("convolve without mirroring, with the smaller half of the padding before", () => {
    const over: conv.WindowTwin = { height: 1, width: 3, channels: 1, size: [1, 2], strides: [1, 1], padding: "same" };
    expect(conv.forward([[1, 2, 3]], [[10], [1]], [0.5], over)).toEqual([[12.5, 23.5, 30.5]]);
  });

  it("leave padding out of a mean, and give a maximum's gradient to the first", () => {
    const over: conv.WindowTwin = { height: 1, width: 3, channels: 1, size: [1, 2], strides: [1, 2], padding: "same" };
    expect(pooling.forward("average", [[1, 3, 5]], over)).toEqual([[2, 5]]);
    expect(pooling.gradientInput("max", [[4, 4, 4]], [[1, 2]], over)).toEqual([[1, 0, 2]]);
  });
});
