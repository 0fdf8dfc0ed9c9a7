import { describe, expect, it } from "vitest";
import type { Layer } from "../../src/nn/layer.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { type InputOptions, input } from "../../src/nn/layers/input.ts";
import {
  type RandomFourierFeaturesOptions,
  randomFourierFeatures,
} from "../../src/nn/layers/random_fourier_features.ts";
import { randomStream } from "../../src/random.ts";

const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });

/** Initial values by name. */
function initial(layer: Layer, ...inputShape: number[]): Record<string, Float32Array> {
  const weights = layer.weights(inputShape).map((spec) => [spec.name, spec.initialize(randomStream(1, spec.name))]);
  return Object.fromEntries(weights);
}

describe("layers.input", () => {
  it.each([
    ["no dimension", [], /the shape of a row.* got \[\]/],
    ["a number", 784, /the shape of a row.* got 784/],
    ["nothing", undefined, /the shape of a row.* got undefined/],
    ["an unknown dimension", [null], /must be known .* got null/],
    ["an undefined dimension", [undefined], /must be known .* got undefined/],
    ["a dimension of NaN", [Number.NaN], /must be known .* got NaN/],
    ["a dimension of 0", [0], /positive whole number, got 0/],
    ["a fraction", [1.5], /positive whole number, got 1\.5/],
    ["an image without a width", [28, null, 1], /must be known .* got null/],
  ])("refuses %s", (_, shape, message) => {
    expect(() => input({ shape } as InputOptions)).toThrow(configError(message));
  });
});

describe("layers.dense", () => {
  it.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, "10", null, undefined])("refuses units of %s", (units) => {
    const message = new RegExp(`units must be a positive whole number, got "?${units}"?\\.`);
    expect(() => dense({ units: units as number })).toThrow(configError(message));
  });

  it("begins glorot uniform, its bias at zero", () => {
    const { kernel, bias } = initial(dense({ units: 50 }), 100);
    const limit = Math.sqrt(6 / 150);
    const largest = kernel!.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.99 * limit);
    // The variance of 5000 uniform draws: limit^2 / 3, within five standard errors.
    const variance = kernel!.reduce((sum, w) => sum + w * w, 0) / 5000;
    expect(Math.abs(variance / (limit ** 2 / 3) - 1)).toBeLessThan((5 * Math.sqrt(4 / 5)) / Math.sqrt(5000));
    expect(bias).toEqual(new Float32Array(50));
  });
});

describe("layers.randomFourierFeatures", () => {
  const make = (options: object) => () => randomFourierFeatures(options as RandomFourierFeaturesOptions);

  it.each([0, -4, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "16", null, undefined])(
    "refuses an outputDim of %s",
    (outputDim) => {
      const message = new RegExp(`outputDim must be a positive whole number, got "?${outputDim}"?\\.`);
      expect(make({ outputDim })).toThrow(configError(message));
    },
  );

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "10"])("refuses a scale of %s", (scale) => {
    const message = new RegExp(`scale, where given, must be a positive number, got "?${scale}"?\\.`);
    expect(make({ outputDim: 1, scale })).toThrow(configError(message));
  });

  it.each(["he_normal", "", "toString", 5, null])(
    "refuses the initializer %s, and lists those there are",
    (kernelInitializer) => {
      const supported =
        /gaussian, laplacian, random_normal, random_uniform, glorot_uniform, zeros, ones, or a function/;
      expect(make({ outputDim: 1, kernelInitializer })).toThrow(configError(supported));
      const received = new RegExp(`unsupported initializer ${JSON.stringify(kernelInitializer)}\\.`);
      expect(make({ outputDim: 1, kernelInitializer })).toThrow(configError(received));
    },
  );

  it.each([
    ["gaussian", 8, 2],
    ["Gaussian", 8, 2],
    ["gaussian", 5, Math.fround(Math.sqrt(2.5))],
    ["laplacian", 8, 1],
    ["LAPLACIAN", 8, 1],
    ["random_normal", 8, 1],
    [() => new Float32Array(8), 8, 1],
  ])("has a default scale for %s of %d inputs: %d", (kernelInitializer, inputDim, scale) => {
    const { kernel_scale } = initial(randomFourierFeatures({ outputDim: 1, kernelInitializer }), inputDim);
    expect(kernel_scale).toEqual(Float32Array.of(scale));
  });

  it("takes names in any case", () => {
    const kernel = (kernelInitializer: string) =>
      initial(randomFourierFeatures({ outputDim: 4, kernelInitializer }), 3).unscaled_kernel;
    expect(kernel("LaPlacian")).toEqual(kernel("laplacian"));
    expect(kernel("laplacian")).not.toEqual(kernel("gaussian"));
  });

  it("has the weights of Keras in Keras' order, with phases on [0, 2 pi)", () => {
    const layer = randomFourierFeatures({ outputDim: 2000, scale: 3 });
    const specs = layer.weights([2]).map(({ name, shape, trainable }) => ({ name, shape, trainable }));
    expect(specs).toEqual([
      { name: "kernel_scale", shape: [1], trainable: false },
      { name: "unscaled_kernel", shape: [2, 2000], trainable: false },
      { name: "bias", shape: [2000], trainable: false },
    ]);
    const { kernel_scale, bias } = initial(layer, 2);
    expect(kernel_scale).toEqual(Float32Array.of(3));
    expect(bias!.every((b) => b >= 0 && b < 2 * Math.PI)).toBe(true);
    // The ends of 2000 uniform draws: 20 / 2000 of the range is missed with probability 2e-9.
    expect(Math.min(...bias!)).toBeLessThan(2 * Math.PI * 0.01);
    expect(Math.max(...bias!)).toBeGreaterThan(2 * Math.PI * 0.99);
  });

  it("trains its scale alone, which then stays non-negative", () => {
    const specs = randomFourierFeatures({ outputDim: 4, trainable: true }).weights([2]);
    expect(specs.map(({ trainable }) => trainable)).toEqual([true, false, false]);
    expect(specs[0]?.nonNegative).toBe(true);
  });

  it.each(["dense ", "SORF", "", null, 1])("refuses the feature map %s, and lists those there are", (featureMap) => {
    const message = new RegExp(
      `featureMap must be one of dense, orthogonal, sorf, got ${JSON.stringify(featureMap)}\\.`,
    );
    expect(make({ outputDim: 1, featureMap })).toThrow(configError(message));
  });

  it.each(["orthogonal", "sorf"])("refuses kernels but the gaussian with feature map %s", (featureMap) => {
    for (const kernelInitializer of ["laplacian", "Random_Normal", () => new Float32Array(4)]) {
      const name = typeof kernelInitializer === "string" ? kernelInitializer.toLowerCase() : "custom";
      const message = new RegExp(`featureMap "${featureMap}" is for .*"gaussian", got "${name}"; leave featureMap out`);
      expect(make({ outputDim: 4, featureMap, kernelInitializer })).toThrow(configError(message));
    }
    expect(make({ outputDim: 4, featureMap, kernelInitializer: "Gaussian" })).not.toThrow();
  });

  it("has signs and norms in place of a matrix with feature map sorf", () => {
    const layer = randomFourierFeatures({ outputDim: 130, featureMap: "sorf" });
    const specs = layer.weights([65]).map(({ name, shape }) => [name, shape]);
    expect(specs).toEqual([
      ["kernel_scale", [1]],
      ["signs", [3, 256]],
      ["norms", [130]],
      ["bias", [130]],
    ]);
    const { signs, norms } = initial(layer, 65);
    expect([signs!.length, norms!.length]).toEqual([768, 130]);
    expect(() => layer.weights([4097])).toThrow(configError(/"sorf" takes at most 4096 inputs, got 4097/));
  });
});
