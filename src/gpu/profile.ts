// How long each dispatch takes on the GPU, by timestamp queries.
import { Buffers, mapAndCopy } from "./buffers.ts";
import type { Gpu } from "./device.ts";
import { type Dispatch, record } from "./dispatch.ts";

/** The dispatches of one label, together. */
export interface KernelTime {
  /** What was computed: the layer or part of a step, and the operation. */
  readonly label: string;
  /** How many there were. */
  readonly dispatches: number;
  /** GPU time of all of them. */
  readonly milliseconds: number;
}

/** The most that WebGPU allows in a query set: two for each dispatch. */
const queries = 4096;
/** One more reading than submits wait for theirs while another is recorded. */
const readings = 2;

/** Records dispatches in passes of their own, and adds up their times. */
export class Profiler {
  /** How many dispatches a submit may have. */
  readonly capacity = queries / 2;
  readonly #buffers: Buffers;
  readonly #querySet: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #readbacks: readonly GPUBuffer[];
  readonly #times = new Map<string, { dispatches: number; milliseconds: number }>();
  #submits = 0;

  /** @param gpu one whose device has the feature "timestamp-query". */
  constructor(gpu: Gpu) {
    this.#buffers = new Buffers(gpu, "profile");
    this.#querySet = gpu.device.createQuerySet({ label: "profile.queries", type: "timestamp", count: queries });
    this.#resolved = this.#buffers.queryResults("resolved", queries);
    this.#readbacks = Array.from({ length: readings }, (_, i) => this.#buffers.readback(`readback${i}`, queries * 8));
  }

  /** Why no profile can be made on this device, or undefined. */
  static obstacle({ device, adapter }: Gpu): string | undefined {
    if (device.features.has("timestamp-query")) return undefined;
    return `A profile needs the WebGPU feature "timestamp-query", which ${adapter.name} does not offer here.`;
  }

  /**
   * Records dispatches, `times` over, with what reads their times.
   * @returns what waits, once all is submitted, for the times and adds them up. It must be called once, and at most
   * two at a time may wait.
   */
  record(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[], times: number): () => Promise<void> {
    const recorded = Array.from({ length: times }, () => dispatches).flat();
    recorded.forEach((dispatch, i) => {
      const timestampWrites = {
        querySet: this.#querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      };
      const pass = encoder.beginComputePass({ label: dispatch.label, timestampWrites });
      record(pass, [dispatch]);
      pass.end();
    });
    const count = 2 * recorded.length;
    const readback = this.#readbacks[this.#submits++ % readings] as GPUBuffer;
    encoder.resolveQuerySet(this.#querySet, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, readback, 0, count * 8);
    return async () => {
      const stamps = new BigUint64Array(await mapAndCopy(readback, count * 8)); // nanoseconds
      recorded.forEach(({ label }, i) => {
        const nanoseconds = Number((stamps[2 * i + 1] as bigint) - (stamps[2 * i] as bigint));
        this.#add(label, Math.max(0, nanoseconds) / 1e6); // clocks may be set back
      });
    };
  }

  /** What was recorded so far, the longest first. */
  get times(): KernelTime[] {
    return Array.from(this.#times, ([label, sums]) => ({ label, ...sums })).sort(
      (a, b) => b.milliseconds - a.milliseconds,
    );
  }

  destroy(): void {
    this.#querySet.destroy();
    this.#buffers.destroy();
  }

  #add(label: string, milliseconds: number): void {
    const sums = this.#times.get(label) ?? { dispatches: 0, milliseconds: 0 };
    this.#times.set(label, {
      dispatches: sums.dispatches + 1,
      milliseconds: sums.milliseconds + milliseconds,
    });
  }
}
