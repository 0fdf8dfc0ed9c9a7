// The digits' model: one training at a time, and what the page asks of it meanwhile.
import { type Callbacks, type Logs, layers, optimizers, Sequential } from "../../src/index.ts";
import type { Settings } from "../settings.ts";
import type { Digits } from "./digits.ts";
import type { Device } from "./gpu.ts";

/** What a training is doing. */
export interface Progress {
  readonly phase: "features" | "training" | "paused";
  /** The epoch's number, from 0. */
  readonly epoch: number;
  /** Minibatches of the epoch that are done, of `steps`; or rows of features, of all rows. */
  readonly done: number;
  readonly of: number;
  /** Over the epoch so far. */
  readonly logs: Logs;
  /** Wall time of a step, in milliseconds, lately. */
  readonly msPerStep: number;
  /** Seconds to the end, if nothing changes. */
  readonly secondsLeft: number;
}

export interface Listener {
  onProgress(progress: Progress): void;
  onEpoch(epoch: number, logs: Logs): void;
}

/** How a training ended. */
export interface Outcome {
  readonly stopped: boolean;
  readonly seconds: { readonly features: number; readonly train: number };
}

export class DigitsSession {
  readonly #device: Device;
  readonly #digits: Digits;
  #model: Sequential | undefined;
  #running: AbortController | undefined;

  constructor(device: Device, digits: Digits) {
    this.#device = device;
    this.#digits = digits;
  }

  /** Trains a new model. @throws QuasiSvmError for settings or a device that it can't work with. */
  async train(settings: Settings, listener: Listener): Promise<Outcome> {
    this.reset();
    const { outputDim, scale, kernel, featureMap, loss, learningRate, batchSize, epochs, seed, cache, rows } = settings;
    const model = new Sequential(
      [
        layers.input({ shape: [784] }),
        layers.randomFourierFeatures({ outputDim, scale, kernelInitializer: kernel, featureMap }),
        layers.dense({ units: 10 }),
      ],
      { seed, gpu: await this.#device.gpu() },
    );
    model.compile({ optimizer: optimizers.adam({ learningRate }), loss, metrics: ["acc"] });
    this.#model = model;
    this.#running = new AbortController();
    const callbacks: Callbacks = { onEpochEnd: (epoch, logs) => listener.onEpoch(epoch, logs) };
    const { x, y } = this.#digits.train;
    try {
      const history = await model.fit(
        { ...x, data: x.data.subarray(0, rows * 784), shape: [rows, 784] },
        y.subarray(0, rows),
        {
          ...{ epochs, batchSize, validationSplit: 0.2, verbose: 0, featureCache: cache },
          signal: this.#running.signal,
          callbacks: [callbacks],
        },
      );
      return { stopped: history.aborted, seconds: history.seconds };
    } finally {
      this.#running = undefined;
    }
  }

  stop(): void {
    this.#running?.abort();
  }

  /** Scores of images [n, 784] as bytes: [n, 10], or undefined while there is no model. */
  async predict(pixels: Uint8Array): Promise<Float32Array | undefined> {
    if (!this.#model) return undefined;
    const rows = pixels.length / 784;
    const { data } = await this.#model.predict({ data: pixels, shape: [rows, 784], unit: 1 / 255 });
    return data;
  }

  /** Forgets the model. */
  reset(): void {
    this.#model?.dispose();
    this.#model = undefined;
  }
}
