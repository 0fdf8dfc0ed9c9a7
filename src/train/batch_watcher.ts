// What the steps of an epoch gave, told while they run.
import { Buffers, mapAndCopy } from "../gpu/buffers.ts";
import type { SubmitObserver } from "../gpu/queue.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import { type Callbacks, call } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { named } from "./evaluate.ts";
import { penaltyBytes, penaltySum } from "./penalties.ts";
import { addUp, type RowSet } from "./row_set.ts";

/** Reads outcomes behind each submit and calls onBatchEnd for its steps, without stalling the queue. */
export class BatchWatcher {
  readonly observer: SubmitObserver;
  readonly #buffers: Buffers;

  constructor(engine: Engine, set: RowSet, metrics: readonly CompiledMetric[], callbacks: readonly Callbacks[]) {
    const { outcomeBytes } = set;
    const rowsUntil = (step: number) => set.rowsBefore(step);
    this.#buffers = new Buffers(engine.gpu, "batches");
    // At most two submits are in flight, and each is mapped before the next but one is recorded.
    const bytes = set.rowCount * outcomeBytes + (set.penalties?.size ?? 0);
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
        if (!set.penalties) return;
        encoder.copyBufferToBuffer(set.penalties, begin * penaltyBytes, target, bytes, (end - begin) * penaltyBytes);
      },
      done: async (begin, end) => {
        const first = rowsUntil(begin);
        const bytes = (rowsUntil(end) - first) * outcomeBytes;
        const penalties = set.penalties ? (end - begin) * penaltyBytes : 0;
        const outcomes = await mapAndCopy(staging[read++ % 2] as GPUBuffer, bytes + penalties);
        for (let step = begin; step < end; step++) {
          const at = (step: number) => (rowsUntil(step) - first) * outcomeBytes;
          addUp(new Float32Array(outcomes.slice(at(step), at(step + 1))), total);
          const partials = outcomes.slice(
            bytes + (step - begin) * penaltyBytes,
            bytes + (step + 1 - begin) * penaltyBytes,
          );
          total[0] = (total[0] as number) + penaltySum(partials, () => rowsUntil(step + 1) - rowsUntil(step));
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
