// Structured orthogonal random features: what is drawn, the matrix it stands for, and how well it serves the kernel.
import { describe, expect, it } from "vitest";
import { initializerOf } from "../../src/nn/initializers.ts";
import { drawNorms, drawSigns, materializeProjection, type SorfShape, sorfShape } from "../../src/nn/sorf.ts";
import { normal, type RandomStream, randomStream } from "../../src/random.ts";
import { projection } from "../twins/features.ts";
import { multiply, transpose } from "../twins/matmul.ts";
import { type Matrix, matrix, vector } from "../twins/matrix.ts";
import { matrixOf, project, type Sorf, walshHadamard } from "../twins/sorf.ts";

function draw(shape: SorfShape, outputDim: number, seed: number): Sorf {
  const signs = drawSigns(shape, randomStream(seed, "signs"));
  const norms = drawNorms(shape, outputDim, randomStream(seed, "norms"));
  return { points: shape.points, signs, norms };
}

function rowsOf(data: Float32Array, columns: number): Matrix {
  return matrix(data.length / columns, columns, (i, j) => data[i * columns + j]!);
}

describe("sorfShape", () => {
  it.each([
    [1, 1, 64, 1],
    [64, 64, 64, 1],
    [65, 129, 128, 2],
    [784, 4096, 1024, 4],
    [4096, 4097, 4096, 2],
  ])("takes %i inputs and %i features to blocks of %i, %i of them", (inputs, features, points, blocks) => {
    expect(sorfShape(inputs, features)).toEqual({ points, blocks });
  });

  it("refuses more inputs than a block holds", () => {
    expect(() => sorfShape(4097, 10)).toThrow(/at most 4096 inputs, got 4097; use featureMap "dense"/);
  });
});

describe("what is drawn", () => {
  const shape = sorfShape(60, 640);

  it("signs are 1 and -1 in equal parts, in every round", () => {
    const signs = drawSigns(shape, randomStream(0, "signs"));
    expect(new Set(signs)).toEqual(new Set([1, -1]));
    for (const round of [0, 1, 2]) {
      const sum = signs.subarray(round * 640, (round + 1) * 640).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum)).toBeLessThan(4 * Math.sqrt(640));
    }
  });

  it("norms have the mean square of a row of P Gaussian values", () => {
    const norms = drawNorms(shape, 640, randomStream(0, "norms"));
    const meanSquare = norms.reduce((sum, norm) => sum + norm * norm, 0) / 640;
    // chi squared of P degrees has the variance 2 P
    expect(Math.abs(meanSquare - 64)).toBeLessThan(4 * Math.sqrt((2 * 64) / 640));
  });
});

describe("materializeProjection", () => {
  it("the twin's transform is a product with H", () => {
    const parity = (n: number): number => (n === 0 ? 0 : (n & 1) ^ parity(n >> 1));
    const h = matrix(64, 64, (i, j) => (parity(i & j) ? -1 : 1));
    const x = vector(64, (i) => Math.sin(i + 1));
    const expected = multiply([x], h)[0]!;
    for (const [i, value] of walshHadamard(Float64Array.from(x)).entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });

  it.each([
    [1, 1],
    [5, 130],
    [63, 64],
    [65, 200],
    [784, 1030],
  ])("gives the images of %i unit vectors in %i features", (d, D) => {
    const sorf = draw(sorfShape(d, D), D, 1);
    const { shape, data } = materializeProjection({ signs: { data: sorf.signs }, norms: { data: sorf.norms } }, d);
    expect(shape).toEqual([d, D]);
    const expected = matrixOf(sorf, d).flat();
    expect(data.length).toBe(expected.length);
    data.forEach((value, i) => {
      if (Math.abs(value - expected[i]!) > 2 ** -24 * Math.abs(expected[i]!)) expect(value).toBe(expected[i]);
    });
  });

  it("has orthogonal columns as long as their norms", () => {
    const sorf = draw(sorfShape(64, 64), 64, 2);
    const { data } = materializeProjection({ signs: { data: sorf.signs }, norms: { data: sorf.norms } }, 64);
    const u = rowsOf(data, 64);
    multiply(transpose(u), u).forEach((row, i) => {
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(i === j ? sorf.norms[i]! ** 2 : 0, 4);
    });
  });

  it("refuses signs of other inputs", () => {
    const { signs, norms } = draw(sorfShape(64, 64), 64, 0);
    expect(() => materializeProjection({ signs: { data: signs }, norms: { data: norms } }, 65)).toThrow(
      expect.objectContaining({ code: "data", message: expect.stringContaining("take 3 x 128 signs, got 192") }),
    );
  });
});

const sizes = [512, 1024, 2048, 4096, 8192];
const seeds = 20;
/** p [D] of a row */
type Projector = (x: Float64Array) => ArrayLike<number>;
const pairs = 40;

/**
 * For each size D, the mean of |2/D z z' - k| over pairs and seeds as a share of what independent directions give, with
 * k = exp(-r^2 / 2), r = |x - y|. For independent directions the error is nearly normal, of variance
 * (1 - k^2 + k^4 / 2) / D: that of 2 cos(a + b) cos(a' + b) = cos(a - a') + cos(a + a' + 2b), whose means are k and 0 and
 * whose mean squares are (1 + k^4) / 2 and 1 / 2.
 */
function errorShares(d: number, projectorOf: (seed: number) => Projector): number[] {
  const measured = sizes.map(() => 0);
  const expected = sizes.map(() => 0);
  const largest = sizes.at(-1)!;
  for (let seed = 0; seed < seeds; seed++) {
    const stream = randomStream(seed, "pairs");
    const projector = projectorOf(seed);
    const b = Float64Array.from({ length: largest }, () => 2 * Math.PI * stream.nextUniform());
    for (let pair = 0; pair < pairs; pair++) {
      const r = 3 * stream.nextUniform();
      const x = Float64Array.from({ length: d }, () => normal(stream));
      const direction = pair % 2 === 0 ? anyDirection(d, stream) : oneInput(d, stream);
      const p = projector(x);
      const q = projector(x.map((value, i) => value + r * direction[i]!));
      const k = Math.exp((-r * r) / 2);
      const deviation = Math.sqrt(1 - k ** 2 + k ** 4 / 2);
      let sum = 0;
      for (let j = 0; j < largest; j++) {
        sum += 2 * Math.cos(p[j]! + b[j]!) * Math.cos(q[j]! + b[j]!);
        const size = sizes.indexOf(j + 1);
        if (size < 0) continue;
        measured[size]! += Math.abs(sum / (j + 1) - k);
        expected[size]! += Math.sqrt(2 / (Math.PI * (j + 1))) * deviation;
      }
    }
  }
  return measured.map((error, i) => error / expected[i]!);
}

function anyDirection(d: number, stream: RandomStream): number[] {
  const direction = vector(d, () => normal(stream));
  const length = Math.hypot(...direction);
  return direction.map((value) => value / length);
}

/** Rows that differ in one input: what too small a block mixes worst. */
function oneInput(d: number, stream: RandomStream): number[] {
  const input = Math.floor(d * stream.nextUniform());
  return vector(d, (i) => (i === input ? 1 : 0));
}

describe("the kernel's mean error against that of independent directions", { timeout: 60_000 }, () => {
  const ofShape =
    (shape: SorfShape) =>
    (seed: number): Projector => {
      const sorf = draw(shape, sizes.at(-1)!, seed);
      return (x) => project(sorf, x);
    };

  it("is what the formula says for independent directions", () => {
    const gaussian = initializerOf("gaussian", "test");
    const shares = errorShares(5, (seed) => {
      const u = rowsOf(gaussian([5, sizes.at(-1)!], randomStream(seed, "dense")), sizes.at(-1)!);
      return (x) => projection([[...x]], u)[0]!;
    });
    for (const share of shares) expect(Math.abs(share - 1)).toBeLessThan(0.06);
  });

  it.each([5, 20, 784])("is at most 1.05 times as large for %i inputs", (d) => {
    const shares = errorShares(d, ofShape(sorfShape(d, sizes.at(-1)!)));
    for (const share of shares) expect(share).toBeLessThan(1.05);
  });

  it("would be larger if 5 inputs were padded only to 8", () => {
    const shares = errorShares(5, ofShape({ points: 8, blocks: sizes.at(-1)! / 8 }));
    for (const share of shares) expect(share).toBeGreaterThan(1.05);
    expect(shares.at(-1)!).toBeGreaterThan(1.5);
  });
});
