// Training on rows that stream in, block by block: what lies in memory and on the GPU is bounded by the blocks.
import { DataError } from "../errors.ts";
import { Batches } from "./batches.ts";
import type { Engine } from "./engine.ts";
import { trainEpoch } from "./epoch.ts";
import { named } from "./evaluate.ts";
import type { CommonPlan } from "./fit.ts";
import { type FitData, sliceData } from "./fit_data.ts";
import type { History } from "./history.ts";
import { runEpochs } from "./loop.ts";
import { loadKept, measured } from "./measured.ts";
import type { Results } from "./row_set.ts";
import { openValidation } from "./validation.ts";

export interface DatasetPlan extends CommonPlan {
  /** Rows of a minibatch; undefined where each block is one. */
  readonly batchSize: number | undefined;
  /** Minibatches of an epoch, which then goes on where the last one ended; undefined for a whole iteration. */
  readonly stepsPerEpoch: number | undefined;
  /** Rows of a minibatch of validation. */
  readonly validationBatchSize: number;
}

/** An iteration over the data, begun. @param aborted ends the waiting for a block. */
export type OpenBlocks = (aborted: Promise<void>) => AsyncGenerator<FitData, void>;

/**
 * Trains, and validates after the epochs that are due.
 * @throws DivergenceError, and DataError where there are no rows.
 */
export function fitDataset(
  engine: Engine,
  open: OpenBlocks,
  validation: FitData | undefined,
  plan: DatasetPlan,
): Promise<History> {
  return measured(engine, plan, async (run, keep) => {
    const { stepsPerEpoch, precision, metrics, featureBudget: budget } = plan;
    const batches = keep(new Batches(engine, plan));
    const validationOptions = { batchSize: plan.validationBatchSize, precision, budget, metrics };
    const validating = validation && (await openValidation(engine, keep, validation, plan, validationOptions));
    if (validating) await loadKept([validating.set], run);
    const stream = new Stream(() => open(run.aborting), plan.batchSize);
    run.steps = stepsPerEpoch;
    // Minibatches are told of here, behind each block.
    const steps = { ...plan, shuffle: false, callbacks: [], stops: run.stops };
    const train = async () => {
      const total = { rows: 0, fault: undefined as number | undefined, sums: new Float64Array(1 + metrics.length) };
      let done = 0;
      while (!run.stops() && total.fault === undefined && done !== stepsPerEpoch) {
        const block = await stream.next(stepsPerEpoch === undefined ? undefined : stepsPerEpoch - done);
        if (!block) break;
        const batch = await batches.put(block.data, block.batchSize);
        const first = done;
        const beforeSubmit = (step: number) => run.beforeSubmit(first + step);
        const blockSteps = await trainEpoch(engine, batch.set, await batch.training(), { ...steps, beforeSubmit });
        const results: Results = await batch.set.read(blockSteps, total.sums);
        if (results.fault !== undefined) total.fault = done + results.fault;
        total.rows += results.rows;
        done += blockSteps;
        if (blockSteps > 0) {
          const logs = named(total.sums, total.rows, metrics);
          await run.call((each) => each.onBatchEnd?.(done - 1, logs));
        }
      }
      if (total.rows === 0 && !run.stops()) throw new DataError("model.fitDataset: the data gave no rows.");
      if (stepsPerEpoch === undefined) await stream.close();
      else if (done < stepsPerEpoch && total.fault === undefined && !run.stops()) {
        const message = `The data ran out after ${done} of the ${stepsPerEpoch} minibatches of an epoch.`;
        run.warn(`${message} It must give stepsPerEpoch times the number of epochs.`);
        run.stopTraining(message);
      }
      run.steps ??= done;
      return { read: async () => total };
    };
    return async () => {
      try {
        await runEpochs(engine, run, plan, train, validating);
      } finally {
        await stream.close();
      }
    };
  });
}

/** Blocks, cut where an epoch ends within one. */
class Stream {
  readonly #open: () => AsyncGenerator<FitData, void>;
  /** Rows of a minibatch; where none is given, those of the first block. */
  #batchSize: number | undefined;
  readonly #cuts: boolean;
  #blocks: AsyncGenerator<FitData, void> | undefined;
  #rest: FitData | undefined;

  constructor(open: () => AsyncGenerator<FitData, void>, batchSize: number | undefined) {
    this.#open = open;
    this.#cuts = batchSize !== undefined;
    this.#batchSize = batchSize;
  }

  /** The next rows, no more than `most` minibatches of them; undefined at the end. */
  async next(most: number | undefined): Promise<{ data: FitData; batchSize: number } | undefined> {
    this.#blocks ??= this.#open();
    const data = this.#rest ?? (await this.#blocks.next()).value;
    this.#rest = undefined;
    if (!data) return undefined;
    const { rows } = data.targets;
    this.#batchSize ??= rows;
    if (!this.#cuts) return { data, batchSize: Math.max(this.#batchSize, rows) };
    const batchSize = this.#batchSize;
    const wanted = most === undefined ? rows : Math.min(rows, most * batchSize);
    if (wanted < rows) this.#rest = sliceData(data, wanted, rows);
    return { data: sliceData(data, 0, wanted), batchSize };
  }

  /** Ends the iteration; the next call of `next` begins another. */
  async close(): Promise<void> {
    this.#rest = undefined;
    await this.#blocks?.return();
    this.#blocks = undefined;
  }
}
