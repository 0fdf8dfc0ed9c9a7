// What a training is doing, told to the page a few times a second.
import type { Callbacks, Gpu, GpuMemory, Logs, Training } from "../../src/index.ts";
import type { Gate } from "./gate.ts";
import { Pace } from "./pace.ts";

/** What a training is doing. */
export interface Progress {
  readonly phase: "preparing" | "features" | "training" | "paused" | "testing";
  /** The epoch's number, from 0. */
  readonly epoch: number;
  /** Minibatches of the epoch that are done, of `of`; while features are computed, rows of all rows. */
  readonly done: number;
  readonly of: number;
  /** Loss and accuracy over the epoch so far. */
  readonly logs: Logs;
  /** Wall time of a step, over the last seconds; undefined until it is known. */
  readonly millisecondsPerStep: number | undefined;
  /** To the end of this phase, if nothing changes; undefined until it can be told. */
  readonly secondsLeft: number | undefined;
  /** What lives on the GPU. */
  readonly memory: GpuMemory;
}

export interface Listener {
  onProgress(progress: Progress): void;
  onEpoch(epoch: number, logs: Logs): void;
}

/** Between two reports: a page that is told more often shows no more. */
const reportMilliseconds = 100;
/** Over which the pace is judged. */
const paceMilliseconds = 2000;

/** Callbacks that follow a fit for a listener. */
export class Reporter implements Callbacks {
  readonly #listener: Listener;
  readonly #gate: Gate;
  readonly #gpu: Gpu;
  readonly #pace = new Pace(paceMilliseconds);
  #training: Training | undefined;
  #phase: Progress["phase"] = "preparing";
  #epoch: number;
  #done = 0;
  #of = 1;
  #logs: Logs = {};
  /** Minibatches since the fit's beginning. */
  #steps = 0;
  #lastBatchAt = 0;
  #validationMilliseconds = 0;
  /** Milliseconds that went by without training: in pauses and validation. */
  #aside = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #late: ReturnType<typeof setTimeout> | undefined;

  #isOver = false;

  /** @param epoch the number of the first, from 0. */
  constructor(listener: Listener, gate: Gate, gpu: Gpu, epoch: number) {
    this.#listener = listener;
    this.#gate = gate;
    this.#gpu = gpu;
    this.#epoch = epoch;
  }

  /** Tells of another phase at once. */
  enter(phase: Progress["phase"]): void {
    this.#phase = phase;
    this.#report();
  }

  async onFeatures(rows: number, total: number): Promise<void> {
    await this.#gate.pass();
    this.#of = total;
    this.#done = rows;
    if (this.#phase !== "features") this.enter("features");
    this.#pace.mark(performance.now(), rows);
    this.#reportSoon();
  }

  onTrainBegin(training: Training): void {
    this.#training = training;
    this.#of = training.steps as number;
    this.#done = 0;
    this.#pace.clear();
    this.enter("training");
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
    this.#done = 0;
    this.#logs = {};
  }

  async onSubmit(): Promise<number | undefined> {
    if (this.#gate.paused && this.#phase !== "paused") this.enter("paused");
    const reached = performance.now();
    const most = await this.#gate.pass();
    this.#aside += performance.now() - reached;
    if (!this.#gate.paused && this.#phase === "paused") this.enter("training");
    return most;
  }

  onBatchEnd(batch: number, logs: Logs): void {
    this.#done = batch + 1;
    this.#logs = logs;
    this.#lastBatchAt = performance.now();
    this.#pace.mark(this.#lastBatchAt - this.#aside, ++this.#steps);
    this.#reportSoon();
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    this.#validationMilliseconds = performance.now() - this.#lastBatchAt;
    this.#aside += this.#validationMilliseconds;
    this.#report();
    if (!this.#isOver) this.#listener.onEpoch(epoch, { ...logs });
  }

  /** Nothing is reported behind this. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#late);
  }

  #reportSoon(): void {
    const wait = this.#reportedAt + reportMilliseconds - performance.now();
    if (wait <= 0) this.#report();
    else this.#late ??= setTimeout(() => this.#report(), wait);
  }

  #report(): void {
    if (this.#isOver) return;
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#reportedAt = performance.now();
    const { buffers, textures, bytes } = this.#gpu.memory;
    const inTraining = this.#training !== undefined && this.#phase !== "testing";
    this.#listener.onProgress({
      phase: this.#phase,
      epoch: this.#epoch,
      done: this.#done,
      of: this.#of,
      logs: this.#logs,
      millisecondsPerStep: inTraining ? this.#pace.milliseconds : undefined,
      secondsLeft: this.#secondsLeft(),
      memory: { buffers, textures, bytes },
    });
  }

  #secondsLeft(): number | undefined {
    const { milliseconds } = this.#pace;
    if (milliseconds === undefined || this.#phase === "testing") return undefined;
    const rest = this.#of - this.#done;
    if (!this.#training) return (rest * milliseconds) / 1000;
    const epochsBehind = this.#training.epochs - this.#epoch - 1;
    const validations = (epochsBehind + 1) * this.#validationMilliseconds;
    return ((rest + epochsBehind * this.#of) * milliseconds + validations) / 1000;
  }
}
