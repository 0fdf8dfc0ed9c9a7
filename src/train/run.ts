// A fit while it runs: what its callbacks are given, and what ends it.
import type { Matrix, MatrixLike } from "../data/matrix.ts";
import { ConfigError } from "../errors.ts";
import { learningRateAt, type Optimizer } from "../nn/optimizers.ts";
import { type Callbacks, call, mostToSubmit, type Training } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { History } from "./history.ts";
import { type Predictions, predictRows } from "./predict.ts";

export interface RunPlan {
  /** The number of the first epoch, from 0. */
  readonly initialEpoch: number;
  /** The number behind the last epoch. */
  readonly epochs: number;
  readonly optimizer: Optimizer;
  readonly callbacks: readonly Callbacks[];
  readonly signal?: AbortSignal | undefined;
  /** The model as the bytes of a file. */
  readonly save: Training["save"];
  /** Rows as a user gives them, checked against the model. */
  readonly inputRows: (x: MatrixLike) => Matrix;
  /** Where warnings go beside the history. */
  readonly warn: (message: string) => void;
}

export class Run implements Training {
  readonly history = new History();
  readonly initialEpoch: number;
  readonly epochs: number;
  readonly save: Training["save"];
  /** Resolved once the caller's signal says so. */
  readonly aborting: Promise<void>;
  /** Lets go of the caller's signal, which may outlive many fits. */
  readonly #letGo: () => void;
  steps: number | undefined;
  readonly #engine: Engine;
  readonly #plan: RunPlan;
  /** Those that are on their way. */
  readonly #predictions = new Set<Promise<unknown>>();
  #isOver = false;

  constructor(engine: Engine, plan: RunPlan) {
    this.#engine = engine;
    this.#plan = plan;
    this.initialEpoch = plan.initialEpoch;
    this.epochs = plan.epochs;
    this.save = plan.save;
    const { signal } = plan;
    let abort = () => {};
    this.aborting = new Promise((resolve) => {
      abort = () => resolve();
    });
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    this.#letGo = () => signal?.removeEventListener("abort", abort);
  }

  get learningRate(): number {
    return learningRateAt(this.#plan.optimizer, this.#engine.iterations);
  }

  set learningRate(value: number) {
    this.#plan.optimizer.learningRate = value;
  }

  snapshot(): Promise<() => void> {
    return this.#engine.snapshot();
  }

  async predict(x: MatrixLike): Promise<Predictions> {
    if (this.#isOver) throw new ConfigError("training.predict: the fit is over; call model.predict.");
    const matrix = this.#plan.inputRows(x);
    const engine = this.#engine;
    const predictions = engine.queue.aside(() => predictRows(engine, matrix));
    this.#predictions.add(predictions);
    try {
      return await predictions;
    } finally {
      this.#predictions.delete(predictions);
    }
  }

  stopTraining(reason = "A callback stopped the training."): void {
    this.history.stopReason ??= reason;
  }

  warn(message: string): void {
    const { warnings } = this.history;
    if (warnings.includes(message)) return;
    warnings.push(message);
    this.#plan.warn(message);
  }

  /** True once the caller's signal says so: what is not whole does not count. */
  get aborted(): boolean {
    return this.#plan.signal?.aborted === true;
  }

  /** True once no further step shall be taken. */
  readonly stops = (): boolean => this.aborted || this.history.stopReason !== undefined;

  /**
   * What minibatches wait for before they go to the GPU, if anything: callbacks, and predictions on their way.
   * @param batch the first to go, from 0 in its epoch.
   * @returns how many may go at most.
   */
  readonly beforeSubmit = (batch: number): Promise<number> | undefined => {
    const asks = this.#plan.callbacks.some(({ onSubmit }) => onSubmit);
    return asks || this.#predictions.size > 0 ? this.#mostToSubmit(batch) : undefined;
  };

  async #mostToSubmit(batch: number): Promise<number> {
    const most = await mostToSubmit(this.#plan.callbacks, batch);
    await this.#predicted();
    return most;
  }

  async #predicted(): Promise<void> {
    while (this.#predictions.size > 0) await Promise.allSettled(this.#predictions);
  }

  /** Waits for predictions on their way, and lets go of the caller's signal. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#letGo();
    await this.#predicted();
  }

  /** Calls all callbacks, one after the other. */
  call(each: (callbacks: Callbacks) => unknown): Promise<void> {
    return call(this.#plan.callbacks, each);
  }

  /** Whether a callback takes an error for the quiet end of the fit. */
  async takes(error: Error): Promise<boolean> {
    for (const { onDivergence } of this.#plan.callbacks) if (await onDivergence?.(error)) return true;
    return false;
  }
}
