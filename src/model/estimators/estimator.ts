// What classifiers and regressors share: one machine at a time, from fit to dispose.
import type { Matrix } from "../../data/matrix.ts";
import type { TargetsLike } from "../../data/targets.ts";
import { ConfigError } from "../../errors.ts";
import type { History } from "../../train/history.ts";
import type { ModelMetadata } from "../metadata.ts";
import type { SaveOptions } from "../options.ts";
import type { Sequential } from "../sequential.ts";
import { scaleOf } from "./bandwidth.ts";
import { KernelMachine, type Objective } from "./machine.ts";
import type { EstimatorSettings, FitEstimatorOptions } from "./options.ts";
import { encodeEstimator } from "./saved.ts";

/** What all estimators have in common: scikit-learn's fit and predict around a model that is measured and made in fit. */
export abstract class Estimator {
  /** The class's name. */
  protected readonly kind: string;
  protected readonly settings: EstimatorSettings;
  readonly #options: Readonly<Record<string, unknown>>;
  #machine: KernelMachine | undefined;
  #history: History | undefined;

  /** @param options as given, without the device. */
  protected constructor(kind: string, settings: EstimatorSettings, options: Readonly<Record<string, unknown>>) {
    this.kind = kind;
    this.settings = settings;
    this.#options = options;
  }

  /** What the class learned beside the model, as JSON can hold it. */
  protected abstract learned(): Record<string, unknown>;

  /** What the model's own file says of the outputs. */
  protected abstract metadata(): ModelMetadata;

  /**
   * gamma as a number: the one given, or as measured in fit. On the columns after scaling.
   * @throws ConfigError before fit.
   */
  get gamma(): number {
    return this.machine("gamma").gamma;
  }

  /** The s of the feature map: 1 / sqrt(2 gamma), for "laplacian" 1 / gamma. @throws ConfigError before fit. */
  get scale(): number {
    return scaleOf(this.gamma, this.settings.kernel);
  }

  /** The model inside; its inputs are the columns after scaling. @throws ConfigError before fit. */
  get model(): Sequential {
    return this.machine("model").model;
  }

  /** Losses by epoch of the last fit, on the loss with its regularization; undefined after load. */
  get history(): History | undefined {
    return this.#history;
  }

  /**
   * The file of the model, with labels, scaling and everything else that `load` needs.
   * @throws ConfigError before fit.
   */
  save(options: SaveOptions = {}): Promise<Uint8Array> {
    const machine = this.machine("save");
    const state = { estimator: this.kind, options: this.#options, gamma: machine.gamma, learned: this.learned() };
    return encodeEstimator(machine, state, this.metadata(), options);
  }

  /** Frees everything on the GPU; `fit` may be called again. @throws ConfigError while a call is running. */
  dispose(): void {
    this.#machine?.model.dispose();
    this.#machine = undefined;
  }

  /** @throws ConfigError before fit. */
  protected machine(what: string): KernelMachine {
    if (!this.#machine) throw new ConfigError(`${this.kind}.${what}: call fit or partialFit first.`);
    return this.#machine;
  }

  protected get isFitted(): boolean {
    return this.#machine !== undefined;
  }

  protected restore(machine: KernelMachine): void {
    this.#machine = machine;
  }

  /**
   * Trains a new machine over all epochs, or the one there is by one more.
   * @param begin called once training begins, and not where it is refused: what is known of the weights changes with them.
   */
  protected async train(
    way: "fit" | "fitPart",
    x: Matrix,
    y: TargetsLike,
    objective: Objective,
    options: FitEstimatorOptions,
    begin: () => void,
  ): Promise<void> {
    const isNew = way === "fit" || !this.#machine;
    if (isNew) {
      this.dispose();
      this.#machine = KernelMachine.measure(x, objective, this.settings);
    }
    const machine = this.machine(way);
    try {
      const callbacks = [{ onTrainBegin: begin }, ...(options.callbacks ?? [])];
      this.#history = await machine[way](x, y, objective, { ...options, callbacks });
    } catch (error) {
      // What a first fit that failed leaves behind is no model.
      if (isNew && this.#machine === machine) this.dispose();
      throw error;
    }
  }
}
