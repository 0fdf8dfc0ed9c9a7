// What the steps of an epoch gave, told while they run.
import { Buffers, mapAndCopy } from "../gpu/buffers.ts";
import type { SubmitObserver } from "../gpu/queue.ts";
import type { Metric } from "../nn/metrics.ts";
import { type Callbacks, call } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { named } from "./evaluate.ts";
import { addUp, type RowSet, type Sums } from "./row_set.ts";

/** Reads outcomes behind each submit and calls onBatchEnd for its steps, without stalling the queue. */
export class BatchWatcher {
  readonly observer: SubmitObserver;
  readonly #buffers: Buffers;

  constructor(engine: Engine, set: RowSet, metrics: readonly Metric[], callbacks: readonly Callbacks[]) {
    const { batchSize, rowCount } = set;
    this.#buffers = new Buffers(engine.gpu, "batches");
    // At most two submits are in flight, and each is mapped before the next but one is recorded.
    const staging = [0, 1].map((i) => this.#buffers.readback(`outcomes${i}`, rowCount * 8));
    const rowsUntil = (step: number) => Math.min(step * batchSize, rowCount);
    const total: Sums = { loss: 0, correct: 0 };
    let recorded = 0;
    let read = 0;
    this.observer = {
      record: (encoder, begin, end) => {
        const first = rowsUntil(begin) * 8;
        const target = staging[recorded++ % 2] as GPUBuffer;
        encoder.copyBufferToBuffer(set.outcomes, first, target, 0, rowsUntil(end) * 8 - first);
      },
      done: async (begin, end) => {
        const first = rowsUntil(begin);
        const outcomes = await mapAndCopy(staging[read++ % 2] as GPUBuffer, (rowsUntil(end) - first) * 8);
        for (let step = begin; step < end; step++) {
          const rows = outcomes.slice((rowsUntil(step) - first) * 8, (rowsUntil(step + 1) - first) * 8);
          const sums = addUp(rows);
          total.loss += sums.loss;
          total.correct += sums.correct;
          const logs = named(total, rowsUntil(step + 1), metrics);
          await call(callbacks, (each) => each.onBatchEnd?.(step, logs));
        }
      },
    };
  }

  destroy(): void {
    this.#buffers.destroy();
  }
}
