/** Values by name, as in a history. */
export type Logs = Readonly<Record<string, number>>;

/** Functions called along a fit, in order; a fit waits for those that return a promise. */
export interface Callbacks {
  /** Called while features are computed once for all epochs. @param rows done so far, of `total`. */
  onFeatures?(rows: number, total: number): unknown;
  onTrainBegin?(): unknown;
  onTrainEnd?(logs: Logs): unknown;
  /** @param epoch from 0. */
  onEpochBegin?(epoch: number): unknown;
  /** @param logs with validation's values. */
  onEpochEnd?(epoch: number, logs: Logs): unknown;
  /** @param batch from 0 in its epoch. @param logs over the epoch so far. */
  onBatchEnd?(batch: number, logs: Logs): unknown;
}

/** Calls all, one after the other. */
export async function call(callbacks: readonly Callbacks[], run: (callbacks: Callbacks) => unknown): Promise<void> {
  for (const each of callbacks) await run(each);
}
