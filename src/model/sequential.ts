// Sequential: Keras' front door to the engine.
import type { MatrixLike } from "../data/matrix.ts";
import { classesOf, type TargetsLike } from "../data/targets.ts";
import { ConfigError, checkOptions } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Layer } from "../nn/layer.ts";
import { buildNetwork, type Network } from "../nn/network.ts";
import { checkTuneMode, type Tuned } from "../nn/tuning.ts";
import type { Seed } from "../random.ts";
import type { Evaluation } from "../train/evaluate.ts";
import { fit } from "../train/fit.ts";
import { fitDataset } from "../train/fit_dataset.ts";
import type { History } from "../train/history.ts";
import { testBatch, trainBatch } from "../train/on_batch.ts";
import { type Predictions, predictRows } from "../train/predict.ts";
import { checkpointOf } from "./checkpoint.ts";
import { type Compiled, compiled } from "./compile.ts";
import { type Dataset, openDataset } from "./dataset.ts";
import { evaluateRows, type ReportedEvaluation } from "./evaluation.ts";
import { fitData, inputRows, labelledRows, type Taker, validationRows, weighted } from "./fit_data.ts";
import { datasetPlan, fitPlan, type Trainee } from "./fit_plan.ts";
import { type ModelMetadata, withLoss } from "./metadata.ts";
import {
  type BatchOptions,
  type CompileOptions,
  checkSeed,
  type EvaluateOptions,
  type FitDatasetOptions,
  type FitOptions,
  type LoadOptions,
  positiveInteger,
  type SaveOptions,
  type SequentialOptions,
  type Weights,
} from "./options.ts";
import { decodeModel, encodeModel } from "./serialization.ts";
import { ModelState } from "./state.ts";
import { summarize } from "./summary.ts";
import { browserStore } from "./tuning_store.ts";
import { checkedWeights, type GivenWeights, namedWeights } from "./weights.ts";

/**
 * Layers one behind the other, trained on the GPU: Keras' Sequential, with its semantics of `compile`, `fit`,
 * `evaluate` and `predict`. One call runs at a time; a second one is refused with a ConfigError. The same seed, rows
 * and adapter give the same bits.
 *
 * ```ts
 * const model = new Sequential([
 *   layers.input({ shape: [784] }),
 *   layers.randomFourierFeatures({ outputDim: 4096, scale: 10, kernelInitializer: "gaussian" }),
 *   layers.dense({ units: 10 }),
 * ]);
 * model.compile({ optimizer: "adam", loss: "hinge", metrics: ["acc"] });
 * await model.fit(x, labels, { epochs: 20, batchSize: 128, validationSplit: 0.2 });
 * ```
 */
export class Sequential {
  /** As given; in the summary. */
  readonly name: string;
  /** Of everything that is drawn. */
  readonly seed: Seed;
  /** What a loaded model was saved with. */
  metadata: ModelMetadata = {};
  readonly #network: Network;
  readonly #state: ModelState;
  #compiled: Compiled | undefined;

  /**
   * @param layers an input first.
   * @throws ConfigError for layers that do not make a model, or a seed that is not a whole number.
   */
  constructor(layers: readonly Layer[], options: SequentialOptions = {}) {
    checkOptions(options, ["seed", "gpu", "name", "tune", "tuningStore"], "new Sequential");
    const { seed = 0, gpu, name = "sequential", tune: mode = "auto", tuningStore = browserStore() } = options;
    checkSeed(seed);
    checkTuneMode(mode);
    this.name = name;
    this.seed = seed;
    this.#network = buildNetwork(layers);
    this.#state = new ModelState(this.#network, seed, { gpu, tune: mode, tuningStore });
  }

  /** Values of a row of inputs: the product of their shape. */
  get inputDim(): number {
    return this.#network.inputDim;
  }

  /** Values of a row of outputs. */
  get outputDim(): number {
    return this.#network.outputDim;
  }

  /**
   * Says what the model is trained with and measured by. A new optimizer begins with empty slots; one that a loaded
   * file holds the state of goes on from it, with the learning rate it had, which may then be set, or by the same
   * schedule; of a custom function of the step the file knows nothing, and the caller must give the same one.
   * @throws ConfigError for an unknown optimizer, loss or metric, with the known ones, or for an optimizer that can't
   * go on from the file.
   */
  compile(options: CompileOptions): void {
    this.#state.session.refuseWhileBusy("compile");
    const next = compiled(options, this.#network);
    this.#state.begin(next.optimizer);
    this.#compiled = next;
  }

  /**
   * Trains on rows x [n, inputDim], or images of as many values, and targets y: integer labels [n], or values [n,
   * outputDim].
   * @returns losses and metrics, epoch by epoch.
   * @throws DataError for bad rows or targets, ConfigError for bad settings, DivergenceError, DeviceError.
   */
  async fit(x: MatrixLike, y: TargetsLike, options: FitOptions = {}): Promise<History> {
    const plan = fitPlan(this.#trainee("fit"), options);
    const { training, validation } = fitData(this.#taker("fit"), x, y, options);
    return this.#state.fitting("fit", (engine) => fit(engine, training, validation, plan));
  }

  /**
   * Trains on blocks of rows as they come: the next are fetched while the GPU works, and no more than these lie in memory.
   * On the same minibatches it learns what `fit` does with `shuffle: false`, to the bit.
   * @param dataset blocks { x, y } or [x, y], or for more than one epoch a function that begins an iteration over them.
   * @throws DataError for a bad block, with its number, ConfigError for bad settings, DivergenceError, DeviceError.
   */
  async fitDataset(dataset: Dataset, options: FitDatasetOptions = {}): Promise<History> {
    const plan = datasetPlan(this.#trainee("fitDataset"), options);
    const taker = this.#taker("fitDataset");
    const open = openDataset(taker, dataset, { lookAhead: plan.lookAhead, classWeight: options.classWeight });
    const validation = validationRows(taker, options.validationData);
    return this.#state.fitting("fitDataset", (engine) => fitDataset(engine, open, validation, plan));
  }

  /**
   * One optimizer step on these rows. Plans and buffers are kept for the next minibatch of the same size, and the weights
   * stay on the device until they are asked for.
   * @returns loss and metrics before the step.
   * @throws DataError for bad rows or targets, DivergenceError, DeviceError.
   */
  async trainOnBatch(x: MatrixLike, y: TargetsLike, options: BatchOptions = {}): Promise<Evaluation> {
    checkOptions(options, ["sampleWeight", "classWeight"], "model.trainOnBatch");
    const { compiled, seed } = this.#trainee("trainOnBatch");
    const data = weighted(labelledRows(this.#taker("trainOnBatch"), x, y, options.sampleWeight), options.classWeight);
    return this.#state.training("trainOnBatch", (engine) =>
      trainBatch(engine, this.#state.batches(engine, compiled), data, { ...compiled, seed }),
    );
  }

  /**
   * Loss and metrics over one minibatch; what it works with is kept as by `trainOnBatch`.
   * @throws ConfigError before compile, DataError for bad rows or targets, DivergenceError for outputs that are not
   * finite, DeviceError.
   */
  async testOnBatch(
    x: MatrixLike,
    y: TargetsLike,
    options: Pick<BatchOptions, "sampleWeight"> = {},
  ): Promise<Evaluation> {
    checkOptions(options, ["sampleWeight"], "model.testOnBatch");
    const compiled = this.#requireCompiled("testOnBatch");
    const data = labelledRows(this.#taker("testOnBatch"), x, y, options.sampleWeight);
    return this.#state.onEngine("testOnBatch", (engine) =>
      testBatch(engine, this.#state.batches(engine, compiled), data, compiled),
    );
  }

  /**
   * Loss and metrics over rows x [n, inputDim] and their targets, by name; with `report` also which classes were taken
   * for which. A single output is class 1 above 0.5 or, where the loss takes margins or logits, above 0.
   * @throws ConfigError before compile or for bad settings, DataError for bad rows or targets, DivergenceError for
   * outputs that are not finite, DeviceError.
   */
  evaluate(x: MatrixLike, y: TargetsLike, options: EvaluateOptions & { report: true }): Promise<ReportedEvaluation>;
  evaluate(x: MatrixLike, y: TargetsLike, options?: EvaluateOptions): Promise<Evaluation>;
  async evaluate(x: MatrixLike, y: TargetsLike, options: EvaluateOptions = {}): Promise<Evaluation> {
    checkOptions(options, ["batchSize", "sampleWeight", "report"], "model.evaluate");
    const { batchSize = 32, sampleWeight, report = false } = options;
    const compiled = this.#requireCompiled("evaluate");
    positiveInteger("batchSize", batchSize);
    const data = labelledRows(this.#taker("evaluate"), x, y, sampleWeight);
    const classes = report ? classesOf(data.targets, "y") : undefined;
    return this.#state.onEngine("evaluate", (engine) => evaluateRows(engine, data, compiled, { batchSize, classes }));
  }

  /**
   * The model's outputs [n, outputDim] for rows x [n, inputDim], computed 256 at a time.
   * @throws DataError for bad rows, or outputs that are not finite, DeviceError.
   */
  async predict(x: MatrixLike): Promise<Predictions> {
    const matrix = inputRows(this.#network, x);
    return this.#state.onEngine("predict", (engine) => predictRows(engine, matrix));
  }

  /** A table of layers, output shapes and parameter counts, as Keras prints it. */
  summary(): string {
    return summarize(this.name, this.#network);
  }

  /** Copies of all weights, by `layer.weight`, in the order of import and export. @throws DeviceError. */
  async getWeights(): Promise<Weights> {
    return namedWeights(this.#network, await this.#state.currentValues());
  }

  /**
   * Replaces weights by name, `layer.weight`, each as many values as its shape; the others stay.
   * @throws DataError for an unknown name, a wrong length, or a value that is not finite.
   */
  async setWeights(weights: GivenWeights): Promise<void> {
    const given = checkedWeights(this.#network, weights);
    await this.#state.session.alone("setWeights", () => this.#state.replace(given));
  }

  /**
   * The model as the bytes of a safetensors file: weights, configuration, and what else `metadata` says; with
   * `optimizer: true` a checkpoint, from which training goes on to the same bits: load it, compile with the same
   * optimizer and fit with `initialEpoch: model.trained.epochs`. It may be called by callbacks; after a whole epoch,
   * that is.
   * @throws ConfigError for a checkpoint of a model that is not compiled; DataError for weights that are not finite;
   * FormatError for metadata that could not be read again.
   */
  async save(metadata: ModelMetadata = this.metadata, options: SaveOptions = {}): Promise<Uint8Array> {
    checkOptions(options, ["compact", "optimizer"], "model.save");
    const loss = this.#compiled?.loss;
    const described = loss ? withLoss(metadata, loss) : metadata;
    const { compact, optimizer } = options;
    const trainedWith = optimizer ? this.#requireCompiled("save with its optimizer").optimizer : undefined;
    const [values, progress] = await Promise.all([
      this.#state.currentValues(),
      trainedWith && this.#state.currentProgress(),
    ]);
    const checkpoint = trainedWith && progress && checkpointOf(trainedWith, progress);
    return encodeModel(this.#network, values, this.seed, described, { compact, checkpoint });
  }

  /**
   * A model from the bytes of a file that `save` made.
   * @throws FormatError that says what was expected, what was found and where; ConfigError for bad settings.
   */
  static load(bytes: Uint8Array, options: LoadOptions = {}): Sequential {
    const { what = "model", optimizer = true, ...rest } = options;
    const { layers, values, seed, metadata, checkpoint } = decodeModel(bytes, what);
    const model = new Sequential(layers, { ...rest, seed });
    model.#state.load(values, optimizer ? checkpoint : undefined);
    model.metadata = metadata;
    return model;
  }

  /** Frees everything on the GPU; the model can't be used afterwards. @throws ConfigError while a call is running. */
  dispose(): void {
    this.#state.session.dispose();
  }

  /** Whole epochs and optimizer steps since the model was compiled, those that a loaded checkpoint goes on from included. */
  get trained(): {
    /** Whole epochs. */
    readonly epochs: number;
    /** Optimizer steps. */
    readonly steps: number;
  } {
    return this.#state.trained;
  }

  /** Which kernels this model computes with; undefined until it has computed something. */
  get tuning(): Tuned | undefined {
    return this.#state.tuned;
  }

  /**
   * The device this model works on; opened at first use.
   * @throws DeviceError where there is none, ConfigError after dispose.
   */
  gpu(): Promise<Gpu> {
    return this.#state.session.gpu();
  }

  /** What rows and targets have to suit. */
  #taker(what: string): Taker {
    return { ...this.#network, ...this.#requireCompiled(what) };
  }

  #requireCompiled(what: string) {
    if (!this.#compiled) throw new ConfigError(`Call model.compile({ optimizer, loss }) before model.${what}.`);
    return this.#compiled;
  }

  #trainee(what: string): Trainee {
    const compiled = this.#requireCompiled(what);
    const save: Trainee["save"] = (options) => this.save(this.metadata, options);
    const rows: Trainee["inputRows"] = (x) => inputRows(this.#network, x);
    return { network: this.#network, seed: this.seed, compiled, save, inputRows: rows };
  }
}
