// A fit while it runs: what its callbacks are given, and what ends it.
import { learningRateAt, type Optimizer } from "../nn/optimizers.ts";
import { type Callbacks, call, type Training } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { History } from "./history.ts";

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
  readonly end: () => void;
  steps: number | undefined;
  readonly #engine: Engine;
  readonly #plan: RunPlan;

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
    this.end = () => signal?.removeEventListener("abort", abort);
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
