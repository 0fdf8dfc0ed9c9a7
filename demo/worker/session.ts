// The digits' model: one training at a time, and what the page asks of it meanwhile.
import { transfer } from "comlink";
import {
  type Callbacks,
  ConfigError,
  type Evaluation,
  type Gpu,
  type GpuMemory,
  type LossName,
  Sequential,
  type Training,
} from "../../src/index.ts";
import type { Settings } from "../settings.ts";
import type { Digits } from "./digits.ts";
import { type EvaluatePart, evaluateInParts } from "./evaluate_in_parts.ts";
import { Gate } from "./gate.ts";
import type { Device } from "./gpu.ts";
import { Keeper, type Kept } from "./keeper.ts";
import { compile, metadataOf, newModel, savedModel, settingsOf } from "./model.ts";
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

/** One training. */
interface Run {
  readonly abort: AbortController;
  readonly gate: Gate;
  /** From its first minibatch to its last; before, features are computed. */
  training?: Training | undefined;
  isPreparing: boolean;
  /** True where nobody wants to know what it came to. */
  isForgotten: boolean;
  ended?: Promise<unknown>;
}

export class DigitsSession {
  readonly #device: Device;
  readonly #digits: Digits;
  #model: Sequential | undefined;
  /** What the model works on. */
  #gpu: Gpu | undefined;
  /** What the model was trained with; undefined for one of a file that does not tell. */
  #settings: Settings | undefined;
  /** What is left of the model should the device be lost. */
  #kept: Kept | undefined;
  /** True where the last training ended with an error, and the weights may be anything. */
  #isBroken = false;
  #running: Run | undefined;
  /** The last of what the model was asked: it answers one question at a time. */
  #asked: Promise<unknown> = Promise.resolve();

  constructor(device: Device, digits: Digits) {
    this.#device = device;
    this.#digits = digits;
  }

  /** Trains a new model in place of the one before. @throws QuasiSvmError for settings or a device that can't do it. */
  async train(settings: Settings, listener: Listener): Promise<Outcome> {
    await this.reset();
    return this.#run(async (run) => {
      this.#settings = settings;
      this.#model = await this.#made(settings);
      return this.#fit(this.#model, settings, listener, run);
    });
  }

  /**
   * Trains the model further, up to the settings' epochs: from where it was stopped or, where that failed or its device
   * was lost, from the last epoch that is kept; that is from the beginning where there is none.
   * @param settings as `furtherSettings` gives them.
   * @throws QuasiSvmError as `train`.
   */
  async goOn(settings: Settings, listener: Listener): Promise<Outcome> {
    await this.restore();
    return this.#run(async (run) => {
      this.#settings = settings;
      this.#model ??= await this.#made(settings);
      return this.#fit(this.#model, settings, listener, run);
    });
  }

  /** Settings to go on with: what the model is made of and its data stay as they were. */
  furtherSettings({ epochs, learningRate, batchSize, cache, ...others }: Settings): Settings {
    return { ...(this.#settings ?? others), epochs, learningRate, batchSize, cache } as Settings;
  }

  /** Whole epochs that are left of a training that failed. */
  keptEpochs(): number {
    return this.#kept?.epochs ?? 0;
  }

  /**
   * Where a training failed or the device is another now: brings the model back as it is kept.
   * @returns the epochs that it was trained for; undefined where there is no model.
   */
  async restore(): Promise<number | undefined> {
    await this.#idle();
    const gpu = await this.#device.gpu();
    if (gpu !== this.#gpu || this.#isBroken) {
      this.#model?.dispose();
      this.#model = this.#kept && Sequential.load(this.#kept.file, { gpu });
      if (this.#model && this.#settings) compile(this.#model, this.#settings);
      this.#gpu = gpu;
      this.#isBroken = false;
    }
    return this.#model?.trained.epochs;
  }

  pause(): void {
    this.#running?.gate.pause();
  }

  resume(): void {
    this.#running?.gate.resume();
  }

  step(): void {
    this.#running?.gate.step();
  }

  /** Ends the training; the model stays as it is. */
  async stop(): Promise<void> {
    this.#running?.abort.abort();
    this.#running?.gate.resume();
    await this.#idle();
  }

  /** Forgets the model and frees what it has on the GPU. @returns what is left there. */
  async reset(): Promise<GpuMemory> {
    if (this.#running) this.#running.isForgotten = true;
    await this.stop();
    this.#model?.dispose();
    this.#model = undefined;
    this.#kept = undefined;
    this.#isBroken = false;
    return this.#device.memory();
  }

  /** Counts from the next minibatches on. */
  setLearningRate(learningRate: number): void {
    if (!this.#running || !this.#settings) return;
    this.#settings = { ...this.#settings, learningRate };
    if (this.#running.training) this.#running.training.learningRate = learningRate;
  }

  /** Scores of images [n, 784] as bytes: [n, 10]; undefined while there is no model that could tell. */
  predict(pixels: Uint8Array): Promise<Float32Array | undefined> {
    return this.#ask(async () => {
      const x = { data: pixels, shape: [pixels.length / 784, 784] as [number, number], unit: 1 / 255 };
      if (this.#running?.training) return (await this.#running.training.predict(x)).data;
      if (this.#running?.isPreparing) return undefined;
      return this.#model && (await this.#model.predict(x)).data;
    });
  }

  /** What the model was trained with, where that is known. */
  loss(): LossName | undefined {
    return this.#settings?.loss ?? this.#model?.metadata.loss;
  }

  /** The model as a file, with the settings. @throws ConfigError without a model. */
  async save(): Promise<Uint8Array> {
    if (!this.#model) throw new ConfigError("There is no model to save: train one first.");
    const metadata = this.#settings ? metadataOf(this.#settings) : this.#model.metadata;
    const bytes = await this.#model.save(metadata, { compact: true });
    return transfer(bytes, [bytes.buffer]);
  }

  /**
   * Takes a saved model in place of the present one.
   * @returns the settings that it was trained with, where the file tells them.
   * @throws FormatError for a file that is no model of the digits; the present one stays.
   */
  async open(bytes: Uint8Array): Promise<Settings | undefined> {
    if (this.#running) throw new ConfigError("A model can't be opened while one is trained: stop that first.");
    const gpu = await this.#device.gpu();
    const model = savedModel(bytes, gpu);
    await this.reset();
    this.#model = model;
    this.#gpu = gpu;
    this.#kept = { file: bytes, epochs: 0 };
    this.#settings = settingsOf(model.metadata);
    return this.#settings;
  }

  async #made(settings: Settings): Promise<Sequential> {
    this.#gpu = await this.#device.gpu();
    const model = newModel(settings, this.#gpu);
    compile(model, settings);
    return model;
  }

  async #fit(model: Sequential, settings: Settings, listener: Listener, run: Run): Promise<Outcome> {
    model.metadata = metadataOf(settings);
    const { epochs, batchSize, cache, rows } = settings;
    const { train } = this.#digits;
    const initialEpoch = model.trained.epochs;
    const reporter = new Reporter(listener, run.gate, await this.#device.gpu(), initialEpoch);
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
          ...{ epochs, batchSize, initialEpoch, validationSplit: 0.2, verbose: 0, featureCache: cache },
          signal: run.abort.signal,
          callbacks: [this.#answerer(run, fitted), new Keeper((kept) => this.#keep(run, kept)), reporter],
        },
      );
      if (!run.isForgotten) {
        this.#keep(run, { file: await model.save(model.metadata, { optimizer: true }), epochs: model.trained.epochs });
      }
      endFit();
      run.isPreparing = false; // stopped before its first minibatch
      const isTrained = model.trained.steps > 0;
      if (isTrained) reporter.enter("testing");
      const evaluate: EvaluatePart = (...part) => this.#ask(() => model.evaluate(...part));
      const test = isTrained ? await evaluateInParts(this.#digits.test, evaluate, () => run.isForgotten) : undefined;
      const memory = await this.#device.memory();
      return { stopped: aborted, epochs: model.trained.epochs, seconds, ...(test && { test }), memory };
    } finally {
      endFit();
      reporter.end();
    }
  }

  /** A fit that lost its device may find that out, and say more, when another one runs. */
  #keep(run: Run, kept: Kept): void {
    if (run === this.#running) this.#kept = kept;
  }

  /** Makes the model answer in the middle of a fit. */
  #answerer(run: Run, fitted: Promise<void>): Callbacks {
    return {
      onTrainBegin: (training) => {
        // A model that goes on remembers another rate, and this one may have been changed since the beginning.
        if (this.#settings) training.learningRate = this.#settings.learningRate;
        run.training = training;
        run.isPreparing = false;
      },
      onTrainEnd: async () => {
        // What was asked in the middle of the fit is answered there; what comes now waits for its end.
        const asked = this.#asked;
        this.#asked = asked.then(() => fitted);
        await asked;
        run.training = undefined;
      },
    };
  }

  /** One training at a time. */
  async #run(train: (run: Run) => Promise<Outcome>): Promise<Outcome> {
    const run: Run = { abort: new AbortController(), gate: new Gate(), isPreparing: true, isForgotten: false };
    this.#running = run;
    const training = train(run);
    run.ended = training.catch(() => {});
    try {
      return await training;
    } catch (error) {
      this.#isBroken = true;
      throw error;
    } finally {
      // A fit whose device was lost may still wait at the gate: it ends there.
      run.abort.abort();
      run.gate.resume();
      if (this.#running === run) this.#running = undefined;
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
