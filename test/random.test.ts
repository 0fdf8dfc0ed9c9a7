import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cosPi, log, sinPi } from "../src/elementary.ts";
import { below, cauchy, chi, normal, permutation, philox4x32, type RandomStream, randomStream } from "../src/random.ts";
import { cauchyCdf, chiSquared, distance, normalCdf } from "./statistics.ts";

const draws = 1_000_000;
/** Bounds are five standard errors: one seed in two million would fail, and the seeds here are fixed. */
const sigmas = 5;

function fake({ uniform = 0.5, words = [0] }: { uniform?: number; words?: number[] }): RandomStream {
  let at = 0;
  return { nextUniform: () => uniform, nextUint32: () => words[at++ % words.length]! };
}

function sample(draw: (stream: RandomStream) => number, name: string): Float64Array {
  const stream = randomStream(20200, name);
  return Float64Array.from({ length: draws }, () => draw(stream));
}

function mean(values: Float64Array, of: (value: number) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}

/** Whether `share` of a million draws is what a probability predicts. */
function expectShare(share: number, probability: number): void {
  expect(Math.abs(share - probability)).toBeLessThan(sigmas * Math.sqrt((probability * (1 - probability)) / draws));
}

describe("philox4x32", () => {
  // Known answers of Random123 (kat_vectors, philox4x32-10).
  it.each([
    ["zeros", [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [
      "ones",
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      "digits of pi",
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)("gives the known answer for %s", (_, counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(counter, key, out);
    expect([...out]).toEqual(expected);
  });
});

describe("randomStream", () => {
  const first = (seed: number, name: string) => {
    const stream = randomStream(seed, name);
    return Array.from({ length: 8 }, () => stream.nextUint32()).join();
  };

  it("is Philox over a counter, keyed by the seed", () => {
    const stream = randomStream(7 * 2 ** 32 + 5, "");
    const out = new Uint32Array(4);
    for (const counter of [0, 1, 2]) {
      philox4x32([counter, 0, 0x811c9dc5, 0x9747b28c], [5, 7], out);
      expect(Array.from({ length: 4 }, () => stream.nextUint32())).toEqual([...out]);
    }
  });

  it("repeats itself, and differs by name and by every part of the seed", () => {
    expect(first(1, "dense.kernel")).toBe(first(1, "dense.kernel"));
    const seeds = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    const names = ["", "dense.kernel", "dense.bias", "dense_1.kernel", "shuffle.0", "shuffle.1"];
    const all = seeds.flatMap((seed) => names.map((name) => first(seed, name)));
    expect(new Set(all).size).toBe(seeds.length * names.length);
  });

  it("keeps its draws: a saved seed must mean the same weights for ever", () => {
    const stream = randomStream(42, "dense.kernel");
    expect(Array.from({ length: 4 }, () => stream.nextUint32())).toEqual([
      656407867, 1246612684, 1862550613, 1371886731,
    ]);
    const values = [normal(stream), cauchy(stream), stream.nextUniform()];
    expect(values).toEqual([0.37360598994698296, 0.2439157404554058, 0.02430390269045224]);
  });

  it("draws uniforms from (0, 1), never its ends", () => {
    const values = sample((stream) => stream.nextUniform(), "uniform");
    expect(distance(values, (x) => x)).toBeLessThan(1.95 / Math.sqrt(draws));
    expect(values.every((u) => u > 0 && u < 1)).toBe(true);
  });
});

describe("normal", () => {
  // sqrt(2) erfinv(2 u - 1) in 60 digits, for u as float64 holds it; 0.075 is where two approximations meet.
  it.each([
    [2 ** -53, -8.209536151601387],
    [1e-15, -7.941345326170997],
    [1e-13, -7.348796102800677],
    [1e-10, -6.361340902404057],
    [1e-6, -4.753424308822899],
    [0.001, -3.0902323061678136],
    [0.075, -1.439531470938456],
    [0.25, -0.6744897501960817],
    [0.5, 0],
    [0.9, 1.2815515655446006],
    [0.975, 1.9599639845400538],
  ])("has the quantile of %d at %d", (uniform, expected) => {
    expect(Math.abs(normal(fake({ uniform })) - expected)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(expected)));
  });

  it("has the moments, the tails and the shape of N(0, 1), not truncated", () => {
    const values = sample(normal, "normal");
    const error = sigmas / Math.sqrt(draws);
    expect(Math.abs(mean(values, (x) => x))).toBeLessThan(error);
    expect(Math.abs(mean(values, (x) => x ** 2) - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(mean(values, (x) => x ** 3))).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(mean(values, (x) => x ** 4) - 3)).toBeLessThan(error * Math.sqrt(96));
    for (const bound of [1, 2, 3, 4])
      expectShare(
        mean(values, (x) => Number(x > bound)),
        1 - normalCdf(bound),
      );
    // P(sqrt(n) D > 1.95) is .001 (Kolmogorov).
    expect(distance(values, normalCdf)).toBeLessThan(1.95 / Math.sqrt(draws));
  });
});

describe("cauchy", () => {
  // tan(pi (u - 1/2)) in 60 digits.
  it.each([
    [2 ** -53, -2867080569611329.5],
    [0.25, -1],
    [0.5, 0],
    [0.75, 1],
    [0.9, 3.0776835371752536],
  ])("has the quantile of %d at %d", (uniform, expected) => {
    expect(Math.abs(cauchy(fake({ uniform })) - expected)).toBeLessThanOrEqual(1e-15 * Math.abs(expected));
  });

  it("has the quartiles, the tails and the shape of Cauchy's distribution", () => {
    const values = sample(cauchy, "cauchy");
    for (const bound of [-1, 0, 1, 10, 1000]) {
      expectShare(
        mean(values, (x) => Number(x > bound)),
        1 - cauchyCdf(bound),
      );
    }
    expect(distance(values, cauchyCdf)).toBeLessThan(1.95 / Math.sqrt(draws));
  });
});

describe("chi", () => {
  it.each<[degrees: number, cdf: (x: number) => number]>([
    [1, (x) => 2 * normalCdf(x) - 1],
    [2, (x) => 1 - Math.exp((-x * x) / 2)],
    [4, (x) => 1 - Math.exp((-x * x) / 2) * (1 + (x * x) / 2)],
  ])("of %i degrees of freedom has the shape of its distribution", (degrees, cdf) => {
    const values = sample((stream) => chi(stream, degrees), `chi ${degrees}`);
    expect(distance(values, cdf)).toBeLessThan(1.95 / Math.sqrt(draws));
  });

  it.each([3, 5, 64, 784, 4096])("of %i degrees of freedom has the moments of its square", (degrees) => {
    const squares = sample((stream) => chi(stream, degrees), `chi ${degrees}`).map((x) => x * x);
    const variance = 2 * degrees;
    const error = sigmas / Math.sqrt(draws);
    expect(Math.abs(mean(squares, (x) => x) - degrees)).toBeLessThan(error * Math.sqrt(variance));
    // The fourth central moment is 12 k (k + 4).
    const spread = Math.sqrt(12 * degrees * (degrees + 4) - variance ** 2);
    expect(Math.abs(mean(squares, (x) => (x - degrees) ** 2) - variance)).toBeLessThan(error * spread);
  });

  it("keeps its draws", () => {
    const stream = randomStream(42, "norms");
    expect([1, 5, 1024].map((degrees) => chi(stream, degrees))).toEqual([
      0.8852537214260772, 1.9632915552591177, 32.73033770620733,
    ]);
  });
});

describe("below", () => {
  it("favours no number, where taking remainders or products would", () => {
    // 2^32 / (3 2^30) is 4/3: without rejection a third of the numbers would come twice as often.
    const stream = randomStream(3, "below");
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) counts[below(stream, 3 * 2 ** 30) % 3]! += 1;
    expect(chiSquared(counts)).toBeLessThan(13.8); // 2 degrees of freedom, p = .001
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) thirds[Math.floor(below(stream, 3 * 2 ** 30) / 2 ** 30)]! += 1;
    expect(chiSquared(thirds)).toBeLessThan(13.8);
  });

  it("gives each of ten numbers a tenth, and of one number that one", () => {
    const stream = randomStream(3, "ten");
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[below(stream, 10)]! += 1;
    expect(chiSquared(counts)).toBeLessThan(27.9); // 9 degrees of freedom, p = .001
    expect(below(stream, 1)).toBe(0);
  });

  it("covers its range and stays inside it", () => {
    expect(below(fake({ words: [0xffffffff] }), 10)).toBe(9);
    expect(below(fake({ words: [0xffffffff] }), 0xffffffff)).toBe(0xfffffffe);
    // 0 x 10 lies under 2^32 mod 10 = 6: refused, and the next word counts.
    expect(below(fake({ words: [0, 0x80000001] }), 10)).toBe(5);
  });
});

describe("permutation", () => {
  it.each([0, 1, 2, 1000])("of %d holds every number once", (n) => {
    const order = permutation(randomStream(1, "p"), n);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it("of 4 comes in all 24 orders, about equally often", () => {
    const stream = randomStream(1, "orders");
    const counts = new Map<string, number>();
    for (let i = 0; i < 48_000; i++) {
      const order = permutation(stream, 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquared([...counts.values()])).toBeLessThan(49.7); // 23 degrees of freedom, p = .001
  });
});

describe("elementary", () => {
  const ulp = 2 ** -52;
  const points = sample((stream) => stream.nextUniform(), "points").subarray(0, 100_000);
  const worst = (ours: (x: number) => number, theirs: (x: number) => number, xs: Float64Array) =>
    xs.reduce((most, x) => Math.max(most, Math.abs(ours(x) / theirs(x) - 1)), 0);

  it("log is within 2 ulp of Math.log, near 1 and far away", () => {
    expect(worst(log, Math.log, points)).toBeLessThanOrEqual(2 * ulp);
    expect(
      worst(
        log,
        Math.log,
        points.map((x) => 1 - x * 1e-3),
      ),
    ).toBeLessThanOrEqual(2 * ulp);
    expect(
      worst(
        log,
        Math.log,
        points.map((x) => x * 2 ** -1000),
      ),
    ).toBeLessThanOrEqual(2 * ulp);
    expect(
      worst(
        log,
        Math.log,
        points.map((x) => x * 2 ** 1000),
      ),
    ).toBeLessThanOrEqual(2 * ulp);
    expect(log(1)).toBe(0);
  });

  it("sinPi and cosPi are within 2 ulp over half a turn", () => {
    const half = points.map((x) => x - 0.5);
    // cos near pi/2 as a sine, for pi x itself is already rounded there.
    expect(worst(sinPi, (x) => Math.sin(Math.PI * x), half)).toBeLessThanOrEqual(2 * ulp);
    expect(worst(cosPi, (x) => Math.sin(Math.PI * (0.5 - Math.abs(x))), half)).toBeLessThanOrEqual(2 * ulp);
    expect([sinPi(0), cosPi(0.5), cosPi(-0.5)]).toEqual([0, 0, 0]);
    expect(sinPi(-0.5)).toBe(-sinPi(0.5));
  });
});

describe("what draws initial values", () => {
  /** Uses of Math that engines may round differently, or of `**`; comments are not code. */
  function inexact(source: string): string[] {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const exact = "sqrt|imul|floor|ceil|round|abs|min|max|PI|LN2|SQRT2";
    return code.match(new RegExp(`\\bMath\\b(?!\\.(?:${exact})\\b)(?:\\.\\w+)?|\\*\\*`, "g")) ?? [];
  }

  it.each(["src/random.ts", "src/elementary.ts", "src/nn/initializers.ts", "src/nn/orthogonal.ts", "src/nn/sorf.ts"])(
    "%s uses exact arithmetic only",
    (path) => {
      expect(inexact(readFileSync(path, "utf8"))).toEqual([]);
    },
  );

  it("the check finds what it looks for, and only in code", () => {
    const source = `const { exp } = Math; /** Math.log */ // Math.cos\n Math.log(x) * Math.sqrt(2 ** x) + Math.sqrt1_2`;
    expect(inexact(source)).toEqual(["Math", "Math.log", "**", "Math.sqrt1_2"]);
  });
});
