// Sequential: Keras' front door to the engine.
import type { MatrixLike } from "../data/matrix.ts";
import type { Targets, TargetsLike } from "../data/targets.ts";
import { ConfigError, checkOptions, DataError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Layer } from "../nn/layer.ts";
import { buildNetwork, type Network } from "../nn/network.ts";
import { checkTuneMode, type Tuned } from "../nn/tuning.ts";
import { checkWeight } from "../nn/weights.ts";
import type { Seed } from "../random.ts";
import type { WeightValues } from "../train/engine.ts";
import { type Evaluation, evaluateSet, predictSet } from "../train/evaluate.ts";
import { fit } from "../train/fit.ts";
import type { History } from "../train/history.ts";
import { evaluationPlan } from "../train/plan.ts";
import { RowSet } from "../train/row_set.ts";
import { type Compiled, compiled } from "./compile.ts";
import { fitData, inputRows, labelledRows } from "./fit_data.ts";
import { fitSettings } from "./fit_plan.ts";
import type { ModelMetadata } from "./metadata.ts";
import {
  type CompileOptions,
  type EvaluateOptions,
  type FitOptions,
  positiveInteger,
  type SaveOptions,
  type SequentialOptions,
  type Weights,
} from "./options.ts";
import { decodeModel, encodeModel } from "./serialization.ts";
import { ModelState } from "./state.ts";
import { summarize } from "./summary.ts";
import { browserStore } from "./tuning_store.ts";

const predictionRows = 256;

export class Sequential {
  readonly name: string;
  readonly seed: Seed;
  /** What a loaded model was saved with. */
  metadata: ModelMetadata = {};
  readonly #network: Network;
  readonly #values: WeightValues = new Map();
  readonly #state: ModelState;
  #compiled: Compiled | undefined;

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
    this.#network = buildNetwork(layers);
    this.#state = new ModelState(this.#network, seed, { gpu, tune: mode, tuningStore }, this.#values);
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
    this.#state.session.refuseWhileBusy("compile");
    const next = compiled(options, this.#network);
    this.#state.engine?.resetOptimizer(); // a new optimizer begins with empty slots, as in Keras
    this.#compiled = next;
  }

  /**
   * Trains on rows x [n, inputDim] and targets y: integer labels [n], or values [n, outputDim].
   * @throws DataError for bad rows or targets, ConfigError for bad settings, DivergenceError, DeviceError.
   */
  async fit(x: MatrixLike, y: TargetsLike, options: FitOptions = {}): Promise<History> {
    const settings = fitSettings(this.#network, this.seed, this.#requireCompiled("fit"), options);
    const { training, validation } = fitData(this.#network, x, y, options);
    return this.#state.onEngine("fit", async (engine) => {
      const steps = Math.ceil(training.targets.rows / settings.batchSize);
      try {
        return await fit(engine, training, validation, settings.plan(steps));
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
    return this.#state.onEngine("evaluate", async (engine) => {
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
    return this.#state.onEngine("predict", async (engine) => {
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
    const values = await this.#state.currentValues();
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
    await this.#state.session.alone("setWeights", async () => this.#state.replace(given));
  }

  /** The model as the bytes of a safetensors file: weights, configuration, and what else `metadata` says. */
  async save(metadata: ModelMetadata = this.metadata, options: SaveOptions = {}): Promise<Uint8Array> {
    checkOptions(options, ["compact"], "model.save");
    const { name, fromLogits } = this.#compiled?.loss ?? {};
    const loss = name && { loss: name, ...(fromLogits !== undefined && { fromLogits }) };
    const values = await this.#state.currentValues();
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
    for (const [name, data] of values) model.#values.set(name, data);
    model.metadata = metadata;
    return model;
  }

  /** Frees everything on the GPU; the model can't be used afterwards. @throws ConfigError while a call is running. */
  dispose(): void {
    this.#state.session.dispose();
  }

  /** Which kernels this model computes with; undefined until it has computed something. */
  get tuning(): Tuned | undefined {
    return this.#state.tuned;
  }

  /** The device this model works on; opened at first use. */
  gpu(): Promise<Gpu> {
    return this.#state.session.gpu();
  }

  #requireCompiled(what: string) {
    if (!this.#compiled) throw new ConfigError(`Call model.compile({ optimizer, loss }) before model.${what}.`);
    return this.#compiled;
  }
}
