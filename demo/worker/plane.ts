// Kernel machines on points of the plane: one training at a time.
import { type ProxyMarked, type Remote, releaseProxy } from "comlink";
import type { Device } from "./gpu.ts";
import { PictureRate } from "./plane/picture_rate.ts";
import { type OnState, type PlaneProblem, PlaneTraining } from "./plane/training.ts";

export class Plane {
  readonly #device: Device;
  readonly #pace = new PictureRate();
  /** Ends the training that runs, or ended the last one. */
  #turn = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: Device) {
    this.#device = device;
  }

  /**
   * Trains a new model in place of the one in training, and frees it at the end.
   * @param onState called some times a second, and at the end with a finer picture; waited for.
   * @returns once it is done, was stopped, or another training took its place.
   * @throws QuasiSvmError for settings or a device that it can't work with.
   */
  train(problem: PlaneProblem, onState: Remote<OnState & ProxyMarked>): Promise<void> {
    this.stop();
    const turn = new AbortController();
    this.#turn = turn;
    const isWanted = () => this.#turn === turn;
    const train = async () => {
      try {
        if (!isWanted()) return;
        const training = new PlaneTraining(problem, await this.#device.gpu(), { pace: this.#pace, isWanted, onState });
        await training.run(turn.signal);
      } finally {
        onState[releaseProxy]();
      }
    };
    const training = this.#last.then(train);
    this.#last = training.catch(() => {});
    return training;
  }

  /** Ends the training that runs; its last picture is of what it has come to. */
  stop(): void {
    this.#turn.abort();
  }
}
