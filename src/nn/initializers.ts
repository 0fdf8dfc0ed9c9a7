// Initial values of weights, drawn from our own random numbers.
import { ConfigError, show } from "../errors.ts";
import { cauchy, normal, type RandomStream } from "../random.ts";
import { sizeOf } from "./shape.ts";

/**
 * Draws all values of a weight of this shape, row after row, from its own stream of the model's seed: finite numbers,
 * as many as the product of the shape.
 */
export type Initializer = (shape: readonly number[], stream: RandomStream) => Float32Array;

const known = {
  /** N(0, 1), not truncated: features of the Gaussian kernel. */
  gaussian: (shape, stream) => fill(shape, () => normal(stream)),
  /** Standard Cauchy: features of the Laplacian kernel. */
  laplacian: (shape, stream) => fill(shape, () => cauchy(stream)),
  /** N(0, 0.05^2), Keras' default deviation. */
  random_normal: (shape, stream) => fill(shape, () => 0.05 * normal(stream)),
  /** Uniform on [-0.05, 0.05), Keras' default bounds. */
  random_uniform: (shape, stream) => fill(shape, () => 0.1 * stream.nextUniform() - 0.05),
  /** Uniform on +-sqrt(6 / (in + out)), each counted in every cell of a filter [height, width, in, out]. */
  glorot_uniform: (shape, stream) => {
    const cells = sizeOf(shape.slice(0, -2));
    const limit = Math.sqrt(6 / (cells * shape.slice(-2).reduce((a, b) => a + b, 0)));
    return fill(shape, () => limit * (2 * stream.nextUniform() - 1));
  },
  zeros: (shape) => fill(shape, () => 0),
  ones: (shape) => fill(shape, () => 1),
} as const satisfies Record<string, Initializer>;

/**
 * Of RandomFourierFeatures: "gaussian", N(0, 1), and "laplacian", standard Cauchy. Keras' own: "random_normal", N(0,
 * 0.05^2); "random_uniform" on [-0.05, 0.05); "glorot_uniform" on +-sqrt(6 / (in + out)) (Glorot and Bengio, 2010);
 * "zeros" and "ones".
 * @useDeclaredType
 */
export type InitializerName = keyof typeof known;
export const initializerNames = Object.keys(known) as InitializerName[];

/**
 * An initializer by its name, in any case.
 * @throws ConfigError with the names there are.
 */
export function initializerOf(given: InitializerName | string | Initializer, what: string): Initializer {
  if (typeof given === "function") return checked(given, what);
  return known[initializerName(given, what)];
}

/** The name in lower case, "custom" for a function. */
export function initializerName(given: string, what: string): InitializerName;
export function initializerName(given: string | Initializer, what: string): InitializerName | "custom";
export function initializerName(given: string | Initializer, what: string): InitializerName | "custom" {
  if (typeof given === "function") return "custom";
  const name = String(given).toLowerCase();
  if (!Object.hasOwn(known, name)) {
    throw new ConfigError(
      `${what}: unsupported initializer ${JSON.stringify(given)}. Supported: ${initializerNames.join(", ")}, ` +
        `or a function (shape, stream) => Float32Array.`,
    );
  }
  return name as InitializerName;
}

function fill(shape: readonly number[], draw: () => number): Float32Array {
  const values = allocate(shape);
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}

function allocate(shape: readonly number[]): Float32Array {
  try {
    return new Float32Array(sizeOf(shape));
  } catch (cause) {
    throw new ConfigError(`A weight [${shape.join(", ")}] does not fit into memory; make the layer smaller.`, {
      cause,
    });
  }
}

/** A function given by the user must draw what a weight can hold. */
function checked(given: Initializer, what: string): Initializer {
  return (shape, stream) => {
    const values = given(shape, stream);
    const size = sizeOf(shape);
    if (!(values instanceof Float32Array) || values.length !== size || !values.every(Number.isFinite)) {
      const came = values instanceof Float32Array ? `${values.length} values` : show(values);
      throw new ConfigError(
        `${what}: the initializer of a weight [${shape.join(", ")}] must give a Float32Array of ${size} finite numbers, got ${came}.`,
      );
    }
    return values;
  };
}
