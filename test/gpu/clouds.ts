// A small problem for tests of behaviour: clouds of points that a few dozen features tell apart, mostly.
import {
  type Gpu,
  type Layer,
  layers,
  type Matrix,
  optimizers,
  Sequential,
  type SequentialOptions,
} from "../../src/index.ts";
import { normal, randomStream } from "../../src/random.ts";

export const columns = 5;
export const classes = 3;

/** Points x [rows, columns] around one centre for each class, and their labels. */
export function clouds(rows: number): { x: Matrix & { data: Float32Array }; labels: Uint8Array } {
  const stream = randomStream(11, "clouds");
  const labels = Uint8Array.from({ length: rows }, (_, row) => (row * 7) % classes);
  const data = Float32Array.from({ length: rows * columns }, (_, i) => {
    const centre = labels[Math.floor(i / columns)] === i % columns ? 1.5 : 0;
    return centre + normal(stream);
  });
  return { x: { data, shape: [rows, columns] }, labels };
}

/** The one-hot form of labels. */
export function oneHot(labels: ArrayLike<number>): number[][] {
  return Array.from(labels, (label) => Array.from({ length: classes }, (_, c) => Number(c === label)));
}

/** A model of any layers, and what it is compiled with unless told otherwise: Adam, hinge, acc. */
export function modelOf(gpu: Gpu, given: readonly Layer[], options: SequentialOptions = {}): Sequential {
  const model = new Sequential([layers.input({ shape: [columns] }), ...given], { gpu, seed: 5, ...options });
  if (model.outputDim > 1) model.compile({ optimizer: optimizers.adam(), loss: "hinge", metrics: ["acc"] });
  return model;
}

/** A quasi-SVM of 24 features. */
export function svm(gpu: Gpu, options: SequentialOptions = {}): Sequential {
  return modelOf(
    gpu,
    [layers.randomFourierFeatures({ outputDim: 24, scale: 3 }), layers.dense({ units: classes })],
    options,
  );
}

/** The same without features. */
export function linear(gpu: Gpu): Sequential {
  return modelOf(gpu, [layers.dense({ units: classes })]);
}

/** All weights of a model, one after the other, as their bits. */
export async function bitsOf(model: Sequential): Promise<number[]> {
  const weights = Object.values(await model.getWeights());
  return weights.flatMap(({ data }) => [...new Uint32Array(data.buffer, data.byteOffset, data.length)]);
}

/** mean over outputs of max(1 - y p, 0) for one row of outputs, in float64. */
export function hinge(outputs: ArrayLike<number>, label: number): number {
  return (
    Array.from(outputs, (p, c) => Math.max(1 - (c === label ? p : -p), 0)).reduce((a, b) => a + b) / outputs.length
  );
}

/** The rows of a matrix of outputs. */
export function rowsOf({
  data,
  shape: [rows, outputs],
}: {
  data: Float32Array;
  shape: readonly [number, number];
}): Float32Array[] {
  return Array.from({ length: rows }, (_, row) => data.subarray(row * outputs, (row + 1) * outputs));
}
