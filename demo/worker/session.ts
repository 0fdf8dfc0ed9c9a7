// The digits' model: one training at a time, and what the page asks of it meanwhile.
import { transfer } from "comlink";
import {
  type Callbacks,
  ConfigError,
  type Evaluation,
  FormatError,
  type Gpu,
  type GpuMemory,
  type LossName,
  Sequential,
  type Training,
} from "../../src/index.ts";
import { defaults, fromQuery, type Settings } from "../settings.ts";
import type { Digits } from "./digits.ts";
import { Gate } from "./gate.ts";
import type { Device } from "./gpu.ts";
import { compile, newModel } from "./model.ts";
import { type Listener, Reporter } from "./reporter.ts";

/** How a training ended. */
export interface Outcome {
  /** Before its last epoch. */
  readonly stopped: boolean;
  /** Whole epochs that the model was trained for. */
  readonly epochs: number;
  readonly seconds: { readonly features: number; readonly train: number };
  /** Loss and accuracy on the 10,000 test digits, where a step was made. */
  readonly test?: Evaluation;
  readonly memory: GpuMemory;
}

const testBatch = 256;

export class DigitsSession {
  readonly #device: Device;
  readonly #digits: Digits;
  #model: Sequential | undefined;
  /** What the model works on. */
  #gpu: Gpu | undefined;
  #settings: Settings = defaults;
  /** The model after its last whole epoch, with all that training needs to go on, should the device be lost. */
  #checkpoint: Uint8Array | undefined;
  #gate = new Gate();
  /** True until a fit's features are there. */
  #isPreparing = false;
  #running: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined;
  /** Of the fit that runs, from its first minibatch on. */
  #training: Training | undefined;
  /** The last of what the model was asked: it answers one question at a time. */
  #asked: Promise<unknown> = Promise.resolve();

  constructor(device: Device, digits: Digits) {
    this.#device = device;
    this.#digits = digits;
  }

  /** Trains a new model in place of the one before. @throws QuasiSvmError for settings or a device that can't do it. */
  async train(settings: Settings, listener: Listener): Promise<Outcome> {
    await this.reset();
    return this.#run(async (signal) => {
      this.#model = await this.#made(settings);
      return this.#fit(this.#model, settings, listener, signal);
    });
  }

  /**
   * Trains the model further, up to the settings' epochs: from where it was stopped or, where its device was lost, from
   * its last whole epoch; that is from the beginning where there was none.
   * @throws QuasiSvmError as `train`.
   */
  async goOn(settings: Settings, listener: Listener): Promise<Outcome> {
    await this.restore();
    return this.#run(async (signal) => {
      this.#model ??= await this.#made(settings);
      return this.#fit(this.#model, settings, listener, signal);
    });
  }

  /** Brings the model back on another device, as it was after its last whole epoch; without one there is no model. */
  async restore(): Promise<void> {
    await this.#idle();
    const gpu = await this.#device.gpu();
    if (gpu === this.#gpu) return;
    this.#gpu = gpu;
    this.#model?.dispose();
    this.#model = this.#checkpoint && Sequential.load(this.#checkpoint, { gpu });
    if (this.#model) compile(this.#model, this.#settings);
  }

  pause(): void {
    this.#gate.pause();
  }

  resume(): void {
    this.#gate.resume();
  }

  step(): void {
    this.#gate.step();
  }

  /** Ends the training; the model stays as it is. */
  async stop(): Promise<void> {
    this.#running?.abort.abort();
    this.#gate.resume();
    await this.#idle();
  }

  /** Forgets the model and frees what it has on the GPU. @returns what is left there. */
  async reset(): Promise<GpuMemory> {
    await this.stop();
    this.#model?.dispose();
    this.#model = undefined;
    this.#checkpoint = undefined;
    return this.#device.memory();
  }

  /** Counts from the next minibatches on. */
  setLearningRate(rate: number): void {
    if (this.#training) this.#training.learningRate = rate;
  }

  /** Scores of images [n, 784] as bytes: [n, 10]; undefined while there is no model that could tell. */
  predict(pixels: Uint8Array): Promise<Float32Array | undefined> {
    return this.#ask(async () => {
      const x = { data: pixels, shape: [pixels.length / 784, 784] as [number, number], unit: 1 / 255 };
      if (this.#training) return (await this.#training.predict(x)).data;
      if (this.#isPreparing) return undefined;
      return this.#model && (await this.#model.predict(x)).data;
    });
  }

  /** What the model was trained with. */
  loss(): LossName {
    return this.#settings.loss;
  }

  /** The model as a file, with the settings. @throws ConfigError without a model. */
  async save(): Promise<Uint8Array> {
    if (!this.#model) throw new ConfigError("There is no model to save: train one first.");
    const bytes = await this.#model.save(metadataOf(this.#settings), { compact: true });
    return transfer(bytes, [bytes.buffer]);
  }

  /**
   * Takes a saved model in place of the present one.
   * @returns the settings that it was trained with, where the file tells them.
   * @throws FormatError for a file that is no model of the digits; the present one stays.
   */
  async open(bytes: Uint8Array): Promise<Settings | undefined> {
    if (this.#running) throw new ConfigError("A model can't be opened while one is trained: stop that first.");
    const model = Sequential.load(bytes, { gpu: await this.#device.gpu(), what: "The file" });
    if (model.inputDim !== 784 || model.outputDim !== 10) {
      const { inputDim, outputDim } = model;
      model.dispose();
      throw new FormatError(
        `The file holds a model of ${inputDim} inputs and ${outputDim} outputs; expected one of the digits, 784 and 10.`,
      );
    }
    await this.reset();
    this.#model = model;
    this.#gpu = await this.#device.gpu();
    this.#checkpoint = bytes;
    const settings = settingsOf(model.metadata);
    this.#settings = settings ?? defaults;
    compile(model, this.#settings);
    return settings;
  }

  async #made(settings: Settings): Promise<Sequential> {
    this.#gpu = await this.#device.gpu();
    const model = newModel(settings, this.#gpu);
    compile(model, settings);
    return model;
  }

  async #fit(model: Sequential, settings: Settings, listener: Listener, signal: AbortSignal): Promise<Outcome> {
    this.#settings = settings;
    model.metadata = metadataOf(settings);
    const { epochs, batchSize, cache, rows } = settings;
    const { train, test } = this.#digits;
    const reporter = new Reporter(listener, this.#gate, await this.#device.gpu());
    let endFit = () => {};
    const fitted = new Promise<void>((resolve) => {
      endFit = resolve;
    });
    try {
      reporter.enter("preparing");
      const { seconds, aborted } = await model.fit(
        { ...train.x, data: train.x.data.subarray(0, rows * 784), shape: [rows, 784] },
        train.y.subarray(0, rows),
        {
          ...{ epochs, batchSize, initialEpoch: model.trained.epochs, validationSplit: 0.2, verbose: 0, signal },
          featureCache: cache,
          callbacks: [this.#keeper(settings, fitted), reporter],
        },
      );
      this.#training = undefined;
      endFit();
      const done = { stopped: aborted, epochs: model.trained.epochs, seconds };
      if (model.trained.steps === 0) return { ...done, memory: await this.#device.memory() };
      reporter.enter("testing");
      const evaluation = await this.#ask(() => model.evaluate(test.x, test.y, { batchSize: testBatch }));
      return { ...done, test: evaluation, memory: await this.#device.memory() };
    } finally {
      this.#training = undefined;
      endFit();
      reporter.end();
    }
  }

  /** Keeps what is needed to answer in the middle of a fit, and to go on without its device. */
  #keeper({ learningRate }: Settings, fitted: Promise<void>): Callbacks {
    return {
      onTrainBegin: (training) => {
        training.learningRate = learningRate; // a model that goes on remembers another
        this.#training = training;
        this.#isPreparing = false;
      },
      onEpochEnd: async () => {
        this.#checkpoint = await this.#training?.save({ optimizer: true, compact: true });
      },
      onTrainEnd: async () => {
        // What was asked in the middle of the fit is answered there; what comes now waits for its end.
        const asked = this.#asked;
        this.#asked = asked.then(() => fitted);
        await asked;
        this.#training = undefined;
      },
    };
  }

  /** One training at a time. */
  async #run(train: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    const abort = new AbortController();
    this.#gate = new Gate();
    this.#isPreparing = true;
    const training = train(abort.signal);
    this.#running = { abort, ended: training.catch(() => {}) };
    try {
      return await training;
    } finally {
      this.#isPreparing = false;
      this.#running = undefined;
    }
  }

  /** Waits for the end of what runs. */
  async #idle(): Promise<void> {
    await this.#running?.ended;
    await this.#asked;
  }

  #ask<T>(question: () => Promise<T>): Promise<T> {
    const answer = this.#asked.then(question);
    this.#asked = answer.catch(() => {});
    return answer;
  }
}

function metadataOf(settings: Settings): Sequential["metadata"] {
  return { classNames: Array.from("0123456789"), notes: { ...settings } };
}

function settingsOf({ notes = {} }: Sequential["metadata"]): Settings | undefined {
  if (!("outputDim" in notes)) return undefined; // a file that was made elsewhere
  return fromQuery(new URLSearchParams(Object.entries(notes).map(([name, value]) => [name, String(value)])).toString());
}
