/** Holds a training between its minibatches, or lets them through one by one. */
export class Gate {
  #paused = false;
  #steps = 0;
  #open: (() => void) | undefined;

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#steps = 0;
    this.#open?.();
  }

  /** Lets one more minibatch through and holds the training then. */
  step(): void {
    this.#paused = true;
    this.#steps++;
    this.#open?.();
  }

  /**
   * Waits until minibatches may go.
   * @returns 1 where a single one may, undefined for as many as suit the device.
   */
  async pass(): Promise<1 | undefined> {
    while (this.#paused && this.#steps === 0) {
      await new Promise<void>((resolve) => {
        this.#open = resolve;
      });
    }
    if (!this.#paused) return undefined;
    this.#steps--;
    return 1;
  }
}
