// Replays a frozen list of dispatches, many steps to a submit, two submits in flight.

import type { Gpu } from "./device.ts";
import { type Dispatch, record } from "./dispatch.ts";
import type { Profiler } from "./profile.ts";

/** Submits of this length keep every watchdog calm and no CPU call between steps. */
const targetMilliseconds = 40;
const inFlight = 2;

/** Called once for each submit, in order; `record` may add copies behind the steps. */
export interface SubmitObserver {
  /** Adds commands behind the steps [begin, end). */
  record?(encoder: GPUCommandEncoder, begin: number, end: number): void;
  /** Called when the steps [begin, end) are done, in order. */
  done?(begin: number, end: number): void | Promise<void>;
  /**
   * Asked before each submit which begins with this step; what it promises is waited for.
   * @returns how many steps the submit may have at most; undefined for as many as fill it, without a wait.
   */
  before?(begin: number): Promise<number> | undefined;
  /** Asked before each submit, and again behind a wait; true ends the replay. */
  stop?(): boolean;
}

/** Learns how many steps fill a submit, and keeps that between replays. */
export class StepQueue {
  /** While there is one, it times every dispatch. */
  profiler: Profiler | undefined;
  readonly #gpu: Gpu;
  #stepsPerSubmit = 1;
  /** How much runs aside. */
  #aside = 0;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /**
   * Replays one step's dispatches for the steps [begin, end).
   * @returns the step after the last one that ran: `end`, unless the observer asked to stop.
   */
  async replay(
    dispatches: readonly Dispatch[],
    begin: number,
    end: number,
    observer: SubmitObserver = {},
  ): Promise<number> {
    const most = this.profiler ? Math.floor(this.profiler.capacity / dispatches.length) : Number.POSITIVE_INFINITY;
    const pending: Promise<void>[] = [];
    let previous = Promise.resolve();
    let lastDone = performance.now();
    let step = begin;
    try {
      while (step < end && !observer.stop?.()) {
        const answer = observer.before?.(step);
        const allowed = answer ? await answer : Number.POSITIVE_INFINITY;
        if (answer && observer.stop?.()) break;
        const from = step;
        step = Math.min(end, from + Math.min(this.#stepsPerSubmit, most, allowed));
        const to = step;
        const more = (encoder: GPUCommandEncoder) => observer.record?.(encoder, from, to);
        const submitted = performance.now();
        const work = this.submit(`steps ${from} to ${to}`, dispatches, to - from, more).then(() => {
          const now = performance.now();
          this.#learn(now - Math.max(submitted, lastDone), to - from); // it begins behind the one before, if that still runs
          lastDone = now;
        });
        previous = Promise.all([previous, work]).then(() => observer.done?.(from, to));
        previous.catch(() => {}); // awaited below, or after another one that failed
        pending.push(previous);
        if (pending.length === inFlight) await pending.shift();
      }
    } finally {
      await previous;
    }
    return step;
  }

  /** Runs what is to leave no trace here: it is not timed, and its steps say nothing of how long others take. */
  async aside<T>(run: () => Promise<T>): Promise<T> {
    this.#aside++;
    try {
      return await run();
    } finally {
      this.#aside--;
    }
  }

  /**
   * Submits dispatches, `times` over, and what `more` adds behind them.
   * @returns a promise for when they are done; at most two may be waited for at a time.
   */
  submit(
    label: string,
    dispatches: readonly Dispatch[],
    times = 1,
    more?: (encoder: GPUCommandEncoder) => void,
  ): Promise<unknown> {
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder({ label });
    const profiler = this.#aside > 0 ? undefined : this.profiler;
    const readTimes = profiler?.record(encoder, dispatches, times);
    if (!readTimes) {
      const pass = encoder.beginComputePass({ label });
      for (let i = 0; i < times; i++) record(pass, dispatches);
      pass.end();
    }
    more?.(encoder);
    device.queue.submit([encoder.finish()]);
    return readTimes?.() ?? device.queue.onSubmittedWorkDone();
  }

  #learn(milliseconds: number, steps: number): void {
    // The rest of an epoch says little, and so does a single step.
    if (steps < this.#stepsPerSubmit || this.#aside > 0) return;
    const fitting = Math.floor((steps * targetMilliseconds) / Math.max(milliseconds, 0.1));
    this.#stepsPerSubmit = Math.max(1, Math.min(fitting, steps * 2, 4096));
  }
}
