import type { MatrixLike } from "../data/matrix.ts";
import { ConfigError, show } from "../errors.ts";
import type { Predictions } from "./predict.ts";

/** Values by name, as in a history. */
export type Logs = Readonly<Record<string, number>>;

/** A training as its callbacks see it: what they may ask of it and do to it. */
export interface Training {
  /** The number of the first epoch, from 0. */
  readonly initialEpoch: number;
  /** The number behind the last epoch. */
  readonly epochs: number;
  /** Minibatches of an epoch; undefined while a stream of unknown length is in its first. */
  readonly steps: number | undefined;
  /**
   * The optimizer's; what is set counts from the next minibatches on that go to the GPU.
   * @throws ConfigError for what is no number from 0 on, and for any where a schedule gives it.
   */
  learningRate: number;
  /** Remembers the weights as they are now. @returns what puts them back. */
  snapshot(): Promise<() => void>;
  /**
   * The model as the bytes of a file, with all that training needs to go on from here if `optimizer` is true; without the
   * frozen weights that the seed gives again if `compact` is.
   */
  save(options: { optimizer: boolean; compact?: boolean }): Promise<Uint8Array>;
  /**
   * The model's outputs [n, outputDim] for rows x [n, inputDim], as it is now: behind all minibatches that have gone to
   * the GPU, and before the next, which wait for it. They learn the same with and without it.
   * @throws DataError for bad rows, or outputs that are not finite, ConfigError behind the fit's end, DeviceError.
   */
  predict(x: MatrixLike): Promise<Predictions>;
  /** Ends the fit after the running minibatches. @param reason goes into the history. */
  stopTraining(reason?: string): void;
  /** Says something that does not end the fit: into the history, and on the console unless the fit is silent. */
  warn(message: string): void;
}

/** Functions called along a fit, in order; a fit waits for those that return a promise. */
export interface Callbacks {
  /** Called while features are computed once for all epochs. @param rows done so far, of `total`. */
  onFeatures?(rows: number, total: number): unknown;
  /** Called before the first epoch. @param training stays the same until the fit's end. */
  onTrainBegin?(training: Training): unknown;
  /** Called at any end of a fit that has begun: after its last epoch, when it was stopped or aborted, after an error. */
  onTrainEnd?(logs: Logs): unknown;
  /** Called before each epoch. @param epoch from 0. */
  onEpochBegin?(epoch: number): unknown;
  /**
   * Called after each epoch.
   * @param logs with validation's values, where it was due; what a callback adds, later ones and the history have too.
   */
  onEpochEnd?(epoch: number, logs: Record<string, number>): unknown;
  /**
   * Called before minibatches go to the GPU, many at a time. A promise that is not yet resolved is a pause; an abort or
   * a stop meanwhile counts once it is resolved, and then none of these go.
   * @param batch the first to go, from 0 in its epoch.
   * @returns how many may go at most, from 1 on, or nothing for as many as suit the device; 1 is a single step. Of several
   * callbacks the smallest number counts; anything else ends the fit with a ConfigError.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one that may be given
  onSubmit?(batch: number): number | void | Promise<number | void>;
  /**
   * Called for each minibatch, in order. Many go to the GPU at a time: their calls come together, when they are done,
   * while the weights may be further on.
   * @param batch from 0 in its epoch.
   * @param logs over the epoch so far.
   */
  onBatchEnd?(batch: number, logs: Logs): unknown;
  /**
   * Called when a value is not finite, at the end of the epoch it came in.
   * @returns true to end the fit quietly, in place of a DivergenceError.
   */
  onDivergence?(error: Error): boolean | Promise<boolean>;
}

/** Calls all, one after the other. */
export async function call(callbacks: readonly Callbacks[], run: (callbacks: Callbacks) => unknown): Promise<void> {
  for (const each of callbacks) await run(each);
}

/** Asks all, one after the other, how many minibatches may go to the GPU from this one on. @returns the smallest number. */
export async function mostToSubmit(callbacks: readonly Callbacks[], batch: number): Promise<number> {
  let most = Number.POSITIVE_INFINITY;
  for (const each of callbacks) {
    const given = await each.onSubmit?.(batch);
    if (given === undefined) continue;
    if (!(Number.isInteger(given) && given > 0)) {
      throw new ConfigError(
        `onSubmit: expected how many minibatches may go, from 1 on, or nothing, got ${show(given)}.`,
      );
    }
    most = Math.min(most, given);
  }
  return most;
}
