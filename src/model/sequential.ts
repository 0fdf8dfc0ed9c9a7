// Sequential: Keras' front door to the engine.
import type { MatrixLike } from "../data/matrix.ts";
import type { Targets, TargetsLike } from "../data/targets.ts";
import { ConfigError, checkOptions, DataError, show } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Layer } from "../nn/layer.ts";
import { type Loss, lossOf } from "../nn/losses.ts";
import { type Metric, metricOf } from "../nn/metrics.ts";
import { buildNetwork, type Network } from "../nn/network.ts";
import { checkLearningRate, type Optimizer, optimizerOf } from "../nn/optimizers.ts";
import { checkTuneMode, type Tuned, tune } from "../nn/tuning.ts";
import { checkWeight } from "../nn/weights.ts";
import { randomStream, type Seed } from "../random.ts";
import { checkFits, Engine, type WeightValues } from "../train/engine.ts";
import { type Evaluation, evaluateSet, predictSet } from "../train/evaluate.ts";
import { fit } from "../train/fit.ts";
import type { History } from "../train/history.ts";
import { evaluationPlan } from "../train/plan.ts";
import { progress } from "../train/progress.ts";
import { RowSet } from "../train/row_set.ts";
import { DeviceSession } from "./device_session.ts";
import { fitData, inputRows, labelledRows } from "./fit_data.ts";
import {
  type CompileOptions,
  type EvaluateOptions,
  type FitOptions,
  featureBudget,
  featurePrecision,
  fitOptions,
  positiveInteger,
  type SaveOptions,
  type SequentialOptions,
  type Weights,
} from "./options.ts";
import { decodeModel, encodeModel, type ModelMetadata } from "./serialization.ts";
import { summarize } from "./summary.ts";
import { browserStore } from "./tuning_store.ts";

const predictionRows = 256;

export class Sequential {
  readonly name: string;
  readonly seed: Seed;
  /** What a loaded model was saved with. */
  metadata: ModelMetadata = {};
  readonly #network: Network;
  readonly #session: DeviceSession;
  readonly #tune: (gpu: Gpu) => Promise<Tuned>;
  #values: WeightValues = new Map();
  #engine: Engine | undefined;
  #tuned: Tuned | undefined;
  #compiled: { optimizer: Optimizer; loss: Loss; metrics: Metric[] } | undefined;

  /** @throws ConfigError for layers that do not make a model, or a seed that is not a whole number. */
  constructor(layers: readonly Layer[], options: SequentialOptions = {}) {
    checkOptions(options, ["seed", "gpu", "name", "tune", "tuningStore"], "new Sequential");
    const { seed = 0, gpu, name = "sequential", tune: mode = "auto", tuningStore = browserStore() } = options;
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ConfigError(`seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${seed}.`);
    }
    checkTuneMode(mode);
    this.name = name;
    this.seed = seed;
    this.#tune = (gpu) => tune(gpu, mode, tuningStore);
    this.#network = buildNetwork(layers);
    this.#session = new DeviceSession(gpu, () => {
      this.#engine?.destroy();
      this.#engine = undefined;
      this.#tuned = undefined; // the next device may be another
    });
  }

  /** The number of features of a row. */
  get inputDim(): number {
    return this.#network.inputDim;
  }

  /** The number of outputs. */
  get outputDim(): number {
    return this.#network.outputDim;
  }

  /** @throws ConfigError for an unknown optimizer, loss or metric; it lists the known ones. */
  compile(options: CompileOptions): void {
    checkOptions(options, ["optimizer", "loss", "metrics"], "model.compile");
    const { optimizer, loss, metrics = [] } = options;
    if (!Array.isArray(metrics)) throw new ConfigError(`model.compile: metrics must be a list, got ${show(metrics)}.`);
    this.#session.refuseWhileBusy("compile");
    const compiled = { optimizer: optimizerOf(optimizer), loss: lossOf(loss), metrics: metrics.map(metricOf) };
    if (this.outputDim === 1 && compiled.metrics.length > 0) {
      throw new ConfigError(
        "Categorical accuracy needs a model with at least 2 outputs; this one has 1. Compile it without metrics.",
      );
    }
    this.#engine?.resetOptimizer(); // a new optimizer begins with empty slots, as in Keras
    this.#compiled = compiled;
  }

  /**
   * Trains on rows x [n, inputDim] and targets y: integer labels [n], or values [n, outputDim].
   * @throws DataError for bad rows or targets, ConfigError for bad settings, DivergenceError, DeviceError.
   */
  async fit(x: MatrixLike, y: TargetsLike, options: FitOptions = {}): Promise<History> {
    checkOptions(options, fitOptions, "model.fit");
    const { epochs = 1, batchSize = 32, shuffle = true, verbose = 1, fuse = true, profile = false } = options;
    const { optimizer, loss, metrics } = this.#requireCompiled("fit");
    if (this.#network.suffix.length === 0)
      throw new ConfigError("model.fit: no layer of the model trains; add a dense one.");
    positiveInteger("epochs", epochs);
    positiveInteger("batchSize", batchSize);
    if (![0, 1, 2].includes(verbose)) throw new ConfigError(`verbose must be 0, 1 or 2, got ${show(verbose)}.`);
    checkLearningRate(optimizer);
    const budget = featureBudget(options.featureCache ?? "auto");
    const precision = featurePrecision(options.featureStorage ?? "float32");
    const { training, validation } = fitData(this.#network, x, y, options);
    return this.#onEngine("fit", async (engine) => {
      const steps = Math.ceil(training.targets.rows / batchSize);
      const callbacks = [...(options.callbacks ?? []), progress(epochs, steps, verbose)];
      try {
        return await fit(engine, training, validation, {
          epochs,
          batchSize,
          shuffle,
          seed: this.seed,
          optimizer,
          loss,
          metrics,
          callbacks,
          signal: options.signal,
          fuse,
          featureBudget: budget,
          precision,
          profile,
        });
      } finally {
        await engine.download();
      }
    });
  }

  /** Loss and metrics over rows, by name. */
  async evaluate(x: MatrixLike, y: TargetsLike, options: EvaluateOptions = {}): Promise<Evaluation> {
    checkOptions(options, ["batchSize", "sampleWeight"], "model.evaluate");
    const { batchSize = 32, sampleWeight } = options;
    const { optimizer, loss, metrics } = this.#requireCompiled("evaluate");
    positiveInteger("batchSize", batchSize);
    const data = labelledRows(this.#network, x, y, sampleWeight);
    return this.#onEngine("evaluate", async (engine) => {
      const set = await RowSet.create(engine, data.x, data.targets, {
        batchSize,
        budget: 0,
        precision: "float32",
        weights: data.weights,
      });
      try {
        const plan = await evaluationPlan(engine, set, { loss, optimizer, fuse: true });
        try {
          return await evaluateSet(engine, set, plan, metrics);
        } finally {
          plan.destroy();
        }
      } finally {
        set.destroy();
      }
    });
  }

  /** The model's outputs [n, outputDim] for rows x [n, inputDim]. */
  async predict(x: MatrixLike): Promise<{ data: Float32Array; shape: [rows: number, outputs: number] }> {
    const matrix = inputRows(this.#network, x);
    return this.#onEngine("predict", async (engine) => {
      const [rows] = matrix.shape;
      const targets: Targets = { kind: "labels", labels: new Uint32Array(rows), rows };
      const set = await RowSet.create(engine, matrix, targets, {
        batchSize: Math.min(rows, predictionRows),
        budget: 0,
        precision: "float32",
      });
      try {
        return { data: await predictSet(engine, set), shape: [rows, this.outputDim] };
      } finally {
        set.destroy();
      }
    });
  }

  /** A table of layers, output shapes and parameter counts. */
  summary(): string {
    return summarize(this.name, this.#network);
  }

  /** Copies of all weights, by `layer.weight`, in the order of import and export. */
  async getWeights(): Promise<Weights> {
    const values = await this.#currentValues();
    return Object.fromEntries(
      this.#network.weights.map(({ name, spec }) => [
        name,
        { shape: [...spec.shape], data: (values.get(name) as Float32Array).slice() },
      ]),
    );
  }

  /**
   * Replaces weights by name; the others stay.
   * @throws DataError for an unknown name, a wrong length, or a value that is not finite.
   */
  async setWeights(
    weights: Readonly<Record<string, ArrayLike<number> | { readonly data: ArrayLike<number> }>>,
  ): Promise<void> {
    const known = new Map(this.#network.weights.map(({ name, spec }) => [name, spec]));
    const given = Object.entries(weights).map(([name, value]) => {
      const data = Float32Array.from("data" in value ? value.data : value);
      const spec = known.get(name);
      if (!spec) throw new DataError(`No weight "${name}". Known: ${[...known.keys()].join(", ")}.`);
      checkWeight(spec, data, name);
      return [name, data] as const;
    });
    await this.#session.alone("setWeights", async () => {
      const values = this.#requireValues();
      for (const [name, data] of given) values.set(name, data);
      this.#engine?.upload(values);
    });
  }

  /** The model as the bytes of a safetensors file: weights, configuration, and what else `metadata` says. */
  async save(metadata: ModelMetadata = this.metadata, options: SaveOptions = {}): Promise<Uint8Array> {
    checkOptions(options, ["compact"], "model.save");
    const { name, fromLogits } = this.#compiled?.loss ?? {};
    const loss = name && { loss: name, ...(fromLogits !== undefined && { fromLogits }) };
    const values = await this.#currentValues();
    return encodeModel(this.#network, values, this.seed, { ...metadata, ...loss }, options);
  }

  /**
   * A model from the bytes of a file that `save` made.
   * @throws FormatError that says what was expected, what was found and where.
   */
  static load(bytes: Uint8Array, options: Omit<SequentialOptions, "seed"> & { what?: string } = {}): Sequential {
    const { layers, values, seed, metadata } = decodeModel(bytes, options.what ?? "model");
    const { what: _, ...rest } = options;
    const model = new Sequential(layers, { ...rest, seed });
    model.#values = values;
    model.metadata = metadata;
    return model;
  }

  /** Frees everything on the GPU; the model can't be used afterwards. @throws ConfigError while a call is running. */
  dispose(): void {
    this.#session.dispose();
  }

  /** Which kernels this model computes with; undefined until it has computed something. */
  get tuning(): Tuned | undefined {
    return this.#tuned;
  }

  /** The device this model works on; opened at first use. */
  gpu(): Promise<Gpu> {
    return this.#session.gpu();
  }

  #requireCompiled(what: string) {
    if (!this.#compiled) throw new ConfigError(`Call model.compile({ optimizer, loss }) before model.${what}.`);
    return this.#compiled;
  }

  #onEngine<T>(what: string, run: (engine: Engine) => Promise<T>): Promise<T> {
    return this.#session.onDevice(what, async (gpu) => {
      checkFits(gpu, this.#network);
      if (!this.#engine) {
        this.#tuned ??= await this.#tune(gpu);
        this.#engine = await Engine.create(gpu, this.#tuned, {
          network: this.#network,
          seed: this.seed,
          values: this.#requireValues(),
        });
      }
      return run(this.#engine);
    });
  }

  /** Values that no file gave are drawn at first use, so that a model too large for the device is refused before. */
  #requireValues(): WeightValues {
    for (const { name, spec } of this.#network.weights) {
      if (!this.#values.has(name)) this.#values.set(name, spec.initialize(randomStream(this.seed, name)));
    }
    return this.#values;
  }

  /** The weights as they are now, in the middle of a fit too. */
  async #currentValues(): Promise<WeightValues> {
    const values = this.#requireValues();
    if (this.#session.busy === "fit") await this.#engine?.download();
    return values;
  }
}
