// A linear model under mean squared error, trained as Keras trains it: what stands around the optimizer, in its order.
import { losses } from "./losses.ts";
import { forward, gradientWeights } from "./matmul.ts";
import { type Matrix, vector } from "./matrix.ts";
import type { Update, Weight } from "./optimizers.ts";

export interface Factors {
  readonly l1: number;
  readonly l2: number;
}

export interface Training {
  readonly batchSize: number;
  /** Rows that train; the others validate. */
  readonly trainRows: number;
  /** The optimizer at a learning rate. */
  update(rate: number): Update;
  /** Of one weight. */
  readonly slots: number;
  /** The learning rate behind so many steps. */
  rate(step: number): number;
  readonly decay?: number;
  readonly clip?: { readonly by: "value" | "norm" | "globalNorm"; readonly limit: number };
  readonly average?: { readonly momentum: number; readonly every: number | null };
  readonly kernel?: Factors;
  readonly bias?: Factors;
}

/** Keras' L1L2. */
export function penalty(weights: readonly number[], { l1, l2 }: Factors): number {
  return weights.reduce((sum, w) => sum + l1 * Math.abs(w) + l2 * w ** 2, 0);
}

export function penaltyGradient(w: number, { l1, l2 }: Factors): number {
  return l1 * Math.sign(w) + 2 * l2 * w;
}

/** Keras' clip_by_norm. */
export function clippedByNorm(gradient: readonly number[], limit: number): number[] {
  const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g ** 2, 0));
  return gradient.map((g) => (g * limit) / Math.max(norm, limit));
}

export class LinearTwin {
  /** Rows of inputs, the last of them the bias. */
  readonly #weights: Weight[][];
  readonly #averages: number[][];
  #steps = 0;
  readonly #settings: Training;
  readonly #x: Matrix;
  readonly #y: Matrix;

  constructor(x: Matrix, y: Matrix, initial: Matrix, settings: Training) {
    this.#weights = initial.map((row) => row.map((w) => ({ w, slots: vector(settings.slots, () => 0) })));
    this.#averages = initial.map((row) => row.map(() => 0));
    this.#settings = settings;
    this.#x = x;
    this.#y = y;
  }

  /** [inputs + 1, outputs] */
  get weights(): Matrix {
    return this.#weights.map((row) => row.map(({ w }) => w));
  }

  /** Losses as they are shown: of each step before its update, of the epoch, and of validation behind it. */
  epoch(): { steps: number[]; loss: number; validation: number } {
    const { batchSize, trainRows } = this.#settings;
    const steps: number[] = [];
    let sum = 0;
    for (let begin = 0; begin < trainRows; begin += batchSize) {
      const end = Math.min(begin + batchSize, trainRows);
      const loss = this.#loss(begin, end);
      steps.push(loss);
      sum += loss * (end - begin);
      this.#step(begin, end);
    }
    return { steps, loss: sum / trainRows, validation: this.#loss(trainRows, this.#x.length) };
  }

  /** Keras' finalize_variable_values, at the end of a fit. */
  finalize(): void {
    if (this.#settings.average) this.#overwrite();
  }

  #overwrite(): void {
    for (const [i, row] of this.#weights.entries())
      for (const [c, one] of row.entries()) one.w = this.#averages[i]![c]!;
  }

  #outputs(begin: number, end: number): Matrix {
    return forward(this.#x.slice(begin, end), this.weights.slice(0, -1), this.weights.at(-1)!);
  }

  #loss(begin: number, end: number): number {
    const { kernel, bias } = this.#settings;
    const values = this.#outputs(begin, end).map((p, i) => losses.mean_squared_error(p, this.#y[begin + i]!).value);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const penalties = kernel ? penalty(this.weights.slice(0, -1).flat(), kernel) : 0;
    return mean + penalties + (bias ? penalty(this.weights.at(-1)!, bias) : 0);
  }

  #gradient(begin: number, end: number): Matrix {
    const { kernel, bias } = this.#settings;
    const { weights } = this;
    const g = this.#outputs(begin, end).map((p, i) =>
      losses.mean_squared_error(p, this.#y[begin + i]!).gradient.map((value) => value / (end - begin)),
    );
    const { dw, db } = gradientWeights(this.#x.slice(begin, end), g);
    return [...dw, db].map((row, i) => {
      const factors = i < dw.length ? kernel : bias;
      return row.map((value, c) => value + (factors ? penaltyGradient(weights[i]![c]!, factors) : 0));
    });
  }

  #clipped(gradient: Matrix): Matrix {
    const { clip } = this.#settings;
    if (!clip) return gradient;
    const { by, limit } = clip;
    if (by === "value") return gradient.map((row) => row.map((g) => Math.min(Math.max(g, -limit), limit)));
    const columns = gradient[0]!.length;
    const parts = by === "globalNorm" ? [gradient] : [gradient.slice(0, -1), gradient.slice(-1)];
    const flat = parts.flatMap((part) => clippedByNorm(part.flat(), limit));
    return vector(gradient.length, (i) => flat.slice(i * columns, (i + 1) * columns));
  }

  #step(begin: number, end: number): void {
    const { update, rate: rateAt, decay = 0, average } = this.#settings;
    const gradient = this.#clipped(this.#gradient(begin, end));
    const rate = rateAt(this.#steps);
    const apply = update(rate);
    for (const [i, row] of this.#weights.entries()) {
      for (const [c, one] of row.entries()) {
        one.w -= one.w * decay * rate;
        apply(one, gradient[i]![c]!, this.#steps + 1);
        const momentum = this.#steps === 0 ? 0 : (average?.momentum ?? 0);
        this.#averages[i]![c] = momentum * this.#averages[i]![c]! + (1 - momentum) * one.w;
      }
    }
    this.#steps++;
    if (average?.every && this.#steps % average.every === 0) this.#overwrite();
  }
}
