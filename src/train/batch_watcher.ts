// What the steps of an epoch gave, told while they run.
import { Buffers, mapAndCopy } from "../gpu/buffers.ts";
import type { SubmitObserver } from "../gpu/queue.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import { type Callbacks, call } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { named } from "./evaluate.ts";
import { penaltySum } from "./penalties.ts";
import { addUp, type RowSet } from "./row_set.ts";

/** Reads outcomes behind each submit and calls onBatchEnd for its steps, without stalling the queue. */
export class BatchWatcher {
  readonly observer: SubmitObserver;
  readonly #buffers: Buffers;

  constructor(engine: Engine, set: RowSet, metrics: readonly CompiledMetric[], callbacks: readonly Callbacks[]) {
    const { outcomeBytes, penaltyBytes, penalties } = set;
    const rowsUntil = (step: number) => set.rowsBefore(step);
    this.#buffers = new Buffers(engine.gpu, "batches");
    // At most two submits are in flight, and each is mapped before the next but one is recorded.
    const bytes = set.rowCount * outcomeBytes + set.steps * penaltyBytes;
    const staging = [0, 1].map((i) => this.#buffers.readback(`outcomes${i}`, bytes));
    const total = new Float64Array(1 + set.metrics.length);
    let recorded = 0;
    let read = 0;
    this.observer = {
      record: (encoder, begin, end) => {
        const first = rowsUntil(begin) * outcomeBytes;
        const target = staging[recorded++ % 2] as GPUBuffer;
        const bytes = rowsUntil(end) * outcomeBytes - first;
        encoder.copyBufferToBuffer(set.outcomes, first, target, 0, bytes);
        if (!penalties) return;
        encoder.copyBufferToBuffer(penalties.sums, begin * penaltyBytes, target, bytes, (end - begin) * penaltyBytes);
      },
      done: async (begin, end) => {
        const first = rowsUntil(begin);
        const bytes = (rowsUntil(end) - first) * outcomeBytes;
        const size = bytes + (end - begin) * penaltyBytes;
        const outcomes = await mapAndCopy(staging[read++ % 2] as GPUBuffer, size);
        for (let step = begin; step < end; step++) {
          const at = (step: number) => (rowsUntil(step) - first) * outcomeBytes;
          addUp(new Float32Array(outcomes.slice(at(step), at(step + 1))), total);
          if (penalties) {
            const from = bytes + (step - begin) * penaltyBytes;
            const rowsOf = () => rowsUntil(step + 1) - rowsUntil(step);
            const penalty = penaltySum(outcomes.slice(from, from + penaltyBytes), penalties.lanes, rowsOf);
            total[0] = (total[0] as number) + penalty;
          }
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
