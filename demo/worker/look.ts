// What the trained model makes of the digits it has not seen, and what its settings come to.
import { transfer } from "comlink";
import {
  type ClassificationReport,
  classificationReport,
  layers,
  optimizers,
  type ScaleTrial,
  Sequential,
  searchScale,
} from "../../src/index.ts";
import type { Settings } from "../settings.ts";
import { featureCounts, type KernelError, kernelErrors } from "./approximation.ts";
import type { Digits } from "./digits.ts";
import type { Device } from "./gpu.ts";
import { lossOfOutputs } from "./model.ts";
import { ranked } from "./ranking.ts";
import type { DigitsSession } from "./session.ts";

/** What a model makes of the n = 10,000 test digits. */
export interface LookReport extends ClassificationReport {
  /** What each digit is [n]. */
  readonly labels: Uint8Array;
  /** What each was taken for [n]. */
  readonly predicted: Uint8Array;
  /** [n, 10] */
  readonly scores: Float32Array;
  /** The digits' numbers [n]: mistakes first, the most confident ones before; then the right ones, the surest last. */
  readonly order: Uint32Array;
}

/** What a search over scales is told beside the settings. */
export interface ScaleSearchOptions {
  readonly scales: readonly number[];
  /** The first so many of the 60,000 digits; a fifth of them judges. */
  readonly rows: number;
  /** D */
  readonly outputDim: number;
  /** Of the scale that is best. */
  readonly epochs: number;
}

/** Digits of the sample that the kernels are compared on: 4,950 pairs. */
const sampleRows = 100;
/** Digits that are predicted at a time, so that a training beside is not held for long; more where that is quick. */
const fewestRows = 500;
const longestMilliseconds = 100;

export class Look {
  readonly #device: Device;
  readonly #digits: Digits;
  readonly #session: DigitsSession;
  #search: AbortController | undefined;

  constructor(device: Device, digits: Digits, session: DigitsSession) {
    this.#device = device;
    this.#digits = digits;
    this.#session = session;
  }

  /**
   * What the model makes of the test digits, also in the middle of a training.
   * @param within milliseconds after which it is given up.
   * @returns "slow" where it was; undefined without a model.
   */
  async report(within = Number.POSITIVE_INFINITY): Promise<LookReport | "slow" | undefined> {
    const { x, y } = this.#digits.test;
    const [rows] = x.shape;
    const scores = new Float32Array(rows * 10);
    const begun = performance.now();
    for (let row = 0, count = fewestRows; row < rows; ) {
      const started = performance.now();
      const end = Math.min(rows, row + count);
      const part = await this.#session.predict((x.data as Uint8Array).subarray(row * 784, end * 784));
      if (!part) return undefined;
      scores.set(part, row * 10);
      row = end;
      const now = performance.now();
      if (row < rows && now - begun > within) return "slow";
      if (now - started < longestMilliseconds) count *= 2;
    }
    const labels = y.slice();
    const { predicted, order } = ranked(scores, labels);
    const report = { ...classificationReport(labels, predicted, 10), labels, predicted, scores, order };
    return transfer(report, [labels.buffer, predicted.buffer, scores.buffer, order.buffer]);
  }

  /** Images of test digits [n, 784], by their numbers, and what they are [n]. */
  images(numbers: readonly number[]): { pixels: Uint8Array; labels: Uint8Array } {
    const { x, y } = this.#digits.test;
    const pixels = new Uint8Array(numbers.length * 784);
    numbers.forEach((number, i) => {
      pixels.set((x.data as Uint8Array).subarray(number * 784, (number + 1) * 784), i * 784);
    });
    const labels = Uint8Array.from(numbers, (number) => y[number] as number);
    return transfer({ pixels, labels }, [pixels.buffer, labels.buffer]);
  }

  /**
   * How far the kernel of the settings' features is from the exact one, for 16, 32 and so on up to D features.
   * @throws QuasiSvmError for settings that a feature map can't work with.
   */
  async approximation(settings: Settings): Promise<KernelError[]> {
    const { outputDim, scale, kernel, featureMap, seed } = settings;
    const map = layers.randomFourierFeatures({ outputDim, scale, kernelInitializer: kernel, featureMap });
    const model = new Sequential([layers.input({ shape: [784] }), map], { seed, gpu: await this.#device.gpu() });
    try {
      const bytes = this.#digits.test.x.data.subarray(0, sampleRows * 784);
      const { data } = await model.predict({ data: bytes as Uint8Array, shape: [sampleRows, 784], unit: 1 / 255 });
      const rows = Array.from({ length: sampleRows }, (_, row) =>
        Float64Array.from(bytes.subarray(row * 784, (row + 1) * 784), (value) => value / 255),
      );
      return kernelErrors({ name: kernel, scale }, rows, data, featureCounts(outputDim));
    } finally {
      model.dispose();
    }
  }

  /**
   * Trains machines of different scales side by side.
   * @param onCompared called with those that were compared, the best first.
   * @returns all, the best first.
   * @throws QuasiSvmError for settings that it can't work with.
   */
  async searchScale(
    settings: Settings,
    { rows, ...options }: ScaleSearchOptions,
    onCompared: (trials: readonly ScaleTrial[]) => void,
  ): Promise<readonly ScaleTrial[]> {
    this.stopSearch();
    const search = new AbortController();
    this.#search = search;
    const { kernel, featureMap, loss, learningRate, batchSize, seed } = settings;
    const { x, y } = this.#digits.train;
    const { model, trials } = await searchScale(
      { ...x, data: x.data.subarray(0, rows * 784), shape: [rows, 784] },
      y.subarray(0, rows),
      {
        ...{ ...options, units: 10, kernelInitializer: kernel, featureMap, batchSize, seed, onCompared },
        loss: lossOfOutputs(loss),
        optimizer: optimizers.adam({ learningRate }),
        gpu: await this.#device.gpu(),
        signal: search.signal,
      },
    );
    model.dispose();
    return trials;
  }

  /** Ends a running search; what it has found so far is its result. */
  stopSearch(): void {
    this.#search?.abort();
  }
}
