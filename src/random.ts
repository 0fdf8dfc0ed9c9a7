// Our own random numbers: counter-based, so that any draw can be made alone, and the same bits in every engine.
import { cosPi, log, sinPi } from "./elementary.ts";

const TWO_32 = 4294967296;

/** A seed: a whole number of at most 53 bits. */
export type Seed = number;

/** An endless sequence of draws; two streams of a seed with different names are independent. */
export interface RandomStream {
  /** 32 random bits. */
  nextUint32(): number;
  /** Uniform on (0, 1), never 0 nor 1, in steps of 2^-52. */
  nextUniform(): number;
}

/** @param name tells streams of one seed apart, for instance "dense.kernel". */
export function randomStream(seed: Seed, name: string): RandomStream {
  const {
    key,
    counter: [nameLow, nameHigh],
  } = streamKey(seed, name);
  const block = new Uint32Array(4);
  let counter = 0;
  let used = 4;
  const nextUint32 = (): number => {
    if (used === 4) {
      philox4x32([counter >>> 0, Math.floor(counter / TWO_32), nameLow, nameHigh], key, block);
      counter += 1;
      used = 0;
    }
    return block[used++] as number;
  };
  const nextUniform = (): number => {
    const high = nextUint32() >>> 6; // 26 bits
    const low = nextUint32() >>> 6; // 26 bits
    return (high * 67108864 + low + 0.5) / 4503599627370496;
  };
  return { nextUint32, nextUniform };
}

/** What tells a stream from all others: Philox' key, and the upper half of its counters. */
export function streamKey(seed: Seed, name: string): { key: [number, number]; counter: [number, number] } {
  return { key: [seed >>> 0, Math.floor(seed / TWO_32) >>> 0], counter: hash(name) };
}

/** Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): four words from a counter. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of a product of two 32-bit numbers; every intermediate is exact in float64. */
function multiplyHigh(a: number, b: number): number {
  const low = a * (b & 0xffff);
  const high = a * (b >>> 16);
  return Math.floor((high + Math.floor(low / 65536)) / 65536);
}

/** FNV-1a over the UTF-16 units of a name, twice with different offsets: 64 bits. */
function hash(name: string): [number, number] {
  const from = (offset: number): number => {
    let h = offset;
    for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
    return h >>> 0;
  };
  return [from(0x811c9dc5), from(0x9747b28c)];
}

/**
 * A standard normal draw: the inverse of the normal distribution by Wichura's AS 241 (PPND16, 1988), relative
 * accuracy about 1e-16. Not truncated.
 */
export function normal(stream: RandomStream): number {
  const u = stream.nextUniform();
  const q = u - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centralNumerator, r)) / polynomial(centralDenominator, r);
  }
  const r = Math.sqrt(-log(q < 0 ? u : 1 - u));
  const value =
    r <= 5
      ? polynomial(middleNumerator, r - 1.6) / polynomial(middleDenominator, r - 1.6)
      : polynomial(tailNumerator, r - 5) / polynomial(tailDenominator, r - 5);
  return q < 0 ? -value : value;
}

/** A standard Cauchy draw: tan(pi (u - 1/2)). */
export function cauchy(stream: RandomStream): number {
  const x = stream.nextUniform() - 0.5;
  return sinPi(x) / cosPi(x);
}

/**
 * The length of a vector of `degrees` standard normal draws: sqrt(2 gamma(degrees / 2)) by Marsaglia and Tsang, "A simple
 * method for generating gamma variables", 2000.
 */
export function chi(stream: RandomStream, degrees: number): number {
  if (degrees === 1) return Math.abs(normal(stream)); // their method begins at gamma(1)
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(stream);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(stream.nextUniform()) < (x * x) / 2 + d * (1 - v + log(v))) return Math.sqrt(2 * d * v);
  }
}

/** A whole number uniform on [0, bound), bound below 2^32 (Lemire's method, with rejection). */
export function below(stream: RandomStream, bound: number): number {
  const threshold = TWO_32 % bound;
  for (;;) {
    const x = stream.nextUint32();
    if (Math.imul(x, bound) >>> 0 >= threshold) return multiplyHigh(x, bound);
  }
}

/** Puts 0..n-1 into random order (Fisher and Yates). */
export function permutation(stream: RandomStream, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(stream, i + 1);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] as number);
  return sum;
}

const centralNumerator = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const centralDenominator = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852545925,
];
const middleNumerator = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const middleDenominator = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const tailNumerator = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123, 0.026532189526576123093,
  0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const tailDenominator = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];
