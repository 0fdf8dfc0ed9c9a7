// Orthogonal random features (Yu et al., "Orthogonal Random Features", 2016): Gaussian projections whose directions are
// orthogonal within blocks, so that the kernel's error is smaller.
import { chi, normal, type RandomStream } from "../random.ts";

/**
 * U [d, D]: columns in blocks of d, in each the columns of a Haar-distributed orthogonal matrix, every column as long as
 * a Gaussian one. A column alone is distributed as N(0, I).
 */
export function orthogonalProjection(inputDim: number, outputDim: number, stream: RandomStream): Float32Array {
  const projection = new Float32Array(inputDim * outputDim);
  for (let first = 0; first < outputDim; first += inputDim) {
    const columns = orthonormalColumns(inputDim, Math.min(inputDim, outputDim - first), stream);
    columns.forEach((column, j) => {
      const norm = chi(stream, inputDim);
      for (let i = 0; i < inputDim; i++) projection[i * outputDim + first + j] = norm * (column[i] as number);
    });
  }
  return projection;
}

/**
 * The first columns of a Haar-distributed orthogonal d x d matrix: the Q of a Gaussian matrix's QR decomposition, as a
 * product of reflections drawn outright (Stewart, "The efficient generation of random orthogonal matrices", 1980).
 */
function orthonormalColumns(d: number, count: number, stream: RandomStream): Float64Array[] {
  const reflections = Array.from({ length: count }, (_, k) => reflection(d, k, stream));
  return reflections.map(({ sign }, j) => {
    const column = new Float64Array(d);
    column[j] = sign;
    // The reflections after the j-th leave the j-th unit vector as it is.
    for (let k = j; k >= 0; k--) reflect(column, (reflections[k] as Reflection).vector, k);
    return column;
  });
}

/** I - v v', with |v|^2 = 2 and zeros before the k-th component; `sign` makes R's diagonal positive. */
interface Reflection {
  readonly vector: Float64Array;
  readonly sign: number;
}

/** The reflection that takes a Gaussian vector of the last d - k components to the k-th unit vector. */
function reflection(d: number, k: number, stream: RandomStream): Reflection {
  const vector = new Float64Array(d);
  let square = 0;
  for (let i = k; i < d; i++) {
    const value = normal(stream);
    vector[i] = value;
    square += value * value;
  }
  const length = Math.sqrt(square);
  const first = vector[k] as number;
  const sign = first < 0 ? 1 : -1;
  vector[k] = first - sign * length;
  const scale = 1 / Math.sqrt(length * (length + Math.abs(first)));
  for (let i = k; i < d; i++) vector[i] = scale * (vector[i] as number);
  return { vector, sign };
}

function reflect(x: Float64Array, v: Float64Array, k: number): void {
  let dot = 0;
  for (let i = k; i < x.length; i++) dot += (x[i] as number) * (v[i] as number);
  for (let i = k; i < x.length; i++) x[i] = (x[i] as number) - dot * (v[i] as number);
}
