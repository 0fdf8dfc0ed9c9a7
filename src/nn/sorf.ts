// Structured orthogonal random features (Yu et al., "Orthogonal Random Features", 2016): a Gaussian projection's
// stand-in U' = N H D1 H D2 H D3 / P^1.5, which takes P log P operations for P features in place of P^2. Inputs are padded
// with zeros to P; H is the Walsh-Hadamard matrix, D1 to D3 are random signs, N are the rows' norms.
import { ConfigError, DataError } from "../errors.ts";
import { chi, type RandomStream } from "../random.ts";

/** Three rounds mix fewer points too little: rows that differ in one input would meet too few directions. */
const fewestPoints = 64;
/** What the kernel's tile holds. */
const mostPoints = 4096;
/** Rounds of signs and transforms. */
const rounds = 3;

/** The features of a block, and the blocks that D features take; the last one is cut. */
export interface SorfShape {
  /** P, a power of two */
  readonly points: number;
  readonly blocks: number;
}

/** @throws ConfigError where the inputs exceed a block. */
export function sorfShape(inputDim: number, outputDim: number): SorfShape {
  let points = fewestPoints;
  while (points < inputDim) points *= 2;
  if (points > mostPoints) {
    throw new ConfigError(
      `featureMap "sorf" takes at most ${mostPoints} inputs, got ${inputDim}; use featureMap "dense" or "orthogonal".`,
    );
  }
  return { points, blocks: Math.ceil(outputDim / points) };
}

/** The shape of the layer's `signs`: the diagonals of D1, D2 and D3, block after block. */
export function signsShape({ points, blocks }: SorfShape): [rounds: number, values: number] {
  return [rounds, blocks * points];
}

export function drawSigns(shape: SorfShape, stream: RandomStream): Float32Array {
  const [rows, columns] = signsShape(shape);
  const signs = new Float32Array(rows * columns);
  for (let first = 0; first < signs.length; first += 32) {
    const bits = stream.nextUint32();
    for (let i = 0; i < 32; i++) signs[first + i] = (bits >>> i) & 1 ? -1 : 1;
  }
  return signs;
}

/**
 * Norms of the D rows. A row of P Gaussian values has a norm of P degrees of freedom; what it does to the inputs, its
 * first d values, is then Gaussian too.
 */
export function drawNorms({ points }: SorfShape, outputDim: number, stream: RandomStream): Float32Array {
  return Float32Array.from({ length: outputDim }, () => chi(stream, points));
}

/** P^-1.5: what makes three products with H a rotation. */
export function sorfScale({ points }: SorfShape): number {
  return 1 / (points * Math.sqrt(points));
}

/** A layer's `signs` and `norms`, as `Sequential.getWeights` gives them. */
export interface SorfWeights {
  /** Diagonals of D1, D2 and D3, each of -1 and 1 [3, points of all blocks]. */
  readonly signs: {
    /** Row after row. */
    readonly data: ArrayLike<number>;
  };
  /** Lengths of the directions [D]. */
  readonly norms: {
    /** One after the other. */
    readonly data: ArrayLike<number>;
  };
}

/**
 * The matrix U [d, D] that a layer with featureMap "sorf" multiplies by, computed in float64: the `unscaled_kernel`
 * with which a dense layer gives the same features. U' = N H D1 H D2 H D3 / P^1.5 (Yu et al., "Orthogonal Random
 * Features", 2016).
 * @throws ConfigError for more than 4,096 inputs, DataError where the signs are not as many as inputs and norms ask
 * for.
 */
export function materializeProjection(
  { signs: { data: signs }, norms: { data: norms } }: SorfWeights,
  inputDim: number,
): {
  /** d and D. */
  shape: [inputs: number, features: number];
  /** U, row after row. */
  data: Float32Array;
} {
  const outputDim = norms.length;
  const shape = sorfShape(inputDim, outputDim);
  const { points } = shape;
  const [rows, columns] = signsShape(shape);
  if (signs.length !== rows * columns) {
    throw new DataError(
      `materializeProjection: ${inputDim} inputs and ${outputDim} norms take ${rows} x ${columns} signs, got ${signs.length}.`,
    );
  }
  const scale = sorfScale(shape);
  const data = new Float32Array(inputDim * outputDim);
  const row = new Float64Array(points);
  for (let first = 0; first < outputDim; first += points) {
    for (let i = 0; i < inputDim; i++) {
      row.fill(0);
      row[i] = 1;
      for (let round = rounds - 1; round >= 0; round--) {
        for (let k = 0; k < points; k++) row[k] = (row[k] as number) * (signs[round * columns + first + k] as number);
        walshHadamard(row);
      }
      for (let k = 0; k < points && first + k < outputDim; k++) {
        data[i * outputDim + first + k] = (norms[first + k] as number) * (scale * (row[k] as number));
      }
    }
  }
  return { shape: [inputDim, outputDim], data };
}

/** x becomes H x, with H[i][j] = 1 where i and j have an even number of bits in common, else -1. */
function walshHadamard(x: Float64Array): void {
  for (let half = 1; half < x.length; half *= 2) {
    for (let i = 0; i < x.length; i++) {
      if (i & half) continue;
      const a = x[i] as number;
      const b = x[i + half] as number;
      x[i] = a + b;
      x[i + half] = a - b;
    }
  }
}
