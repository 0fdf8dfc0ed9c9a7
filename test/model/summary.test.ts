import { describe, expect, it } from "vitest";
import { summarize } from "../../src/model/summary.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { conv2d } from "../../src/nn/layers/conv2d.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { input } from "../../src/nn/layers/input.ts";
import { randomFourierFeatures } from "../../src/nn/layers/random_fourier_features.ts";
import { buildNetwork } from "../../src/nn/network.ts";

const lines = (...layers: Layer[]) => summarize("sequential", buildNetwork(layers)).split("\n");
/** The cells of a row, which at least two spaces keep apart. */
const cells = (line: string | undefined) => line?.split(/ {2,}/);

const pixels = input({ shape: [784] });

describe("summarize", () => {
  const table = lines(pixels, randomFourierFeatures({ outputDim: 4096, scale: 10 }), dense({ units: 10 }));

  it("counts the example's parameters as Keras does", () => {
    const rff = table.find((line) => line.startsWith("random_fourier_features"));
    expect(rff).toMatch(/^random_fourier_features \(RandomFourierFeatures\)\s*\[null, 4096\]\s+3,215,361$/);
    expect(cells(table.find((line) => line.startsWith("dense")))).toEqual(["dense (Dense)", "[null, 10]", "40,970"]);
    expect(table).toContain("Total params: 3,256,331");
    expect(table).toContain("Trainable params: 40,970");
    expect(table).toContain("Non-trainable params: 3,215,361");
  });

  it("keeps its columns apart and its rows within the lines", () => {
    const rows = table.filter((line) => line.includes("[null, "));
    expect(rows.map((line) => cells(line)?.length)).toEqual([3, 3, 3]);
    const width = Math.max(...table.filter((line) => /^_+$/.test(line)).map(({ length }) => length));
    expect(rows.filter(({ length }) => length > width)).toEqual([]);
  });

  it("has room for images", () => {
    const image = lines(input({ shape: [28, 28, 1] }), conv2d({ filters: 128, kernelSize: 3 }));
    const row = image.find((line) => line.startsWith("conv2d"));
    expect(cells(row)).toEqual(["conv2d (Conv2D)", "[null, 26, 26, 128]", "1,280"]);
  });

  it("counts a trained scale as one", () => {
    const trained = lines(pixels, randomFourierFeatures({ outputDim: 4096, trainable: true }), dense({ units: 10 }));
    expect(trained).toContain("Trainable params: 40,971");
    expect(trained).toContain("Non-trainable params: 3,215,360");
  });

  it("numbers layers of one kind, and leaves given names alone", () => {
    const names = (...layers: Layer[]) => buildNetwork(layers).layers.map(({ name }) => name);
    const three = names(pixels, dense({ units: 3 }), dense({ units: 2, name: "middle" }), dense({ units: 1 }));
    expect(three).toEqual(["input", "dense", "middle", "dense_1"]);
  });
});
