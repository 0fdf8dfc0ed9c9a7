// Copies of a model in memory, from which it is made again when its device is lost.
import type { Callbacks, Training } from "../../src/index.ts";

/** A model as it was after a whole epoch, or when it was read from its file. */
export interface Kept {
  /** The bytes of a file, with all that training needs to go on where it was trained here. */
  readonly file: Uint8Array;
  /** Whole epochs that it was trained for. */
  readonly epochs: number;
}

/** Copies take no more than this share of a training's time. */
const share = 0.05;

/** Callbacks that keep a copy after an epoch: after each, or where epochs are short, now and then. */
export class Keeper implements Callbacks {
  readonly #keep: (kept: Kept) => void;
  #training: Training | undefined;
  /** When the next copy may be made. */
  #due = 0;

  constructor(keep: (kept: Kept) => void) {
    this.#keep = keep;
  }

  onTrainBegin(training: Training): void {
    this.#training = training;
  }

  async onEpochEnd(epoch: number): Promise<void> {
    const begun = performance.now();
    if (begun < this.#due) return;
    // Not compact: to find out which weights the seed gives again takes ten times as long as to write them.
    const file = await (this.#training as Training).save({ optimizer: true });
    this.#keep({ file, epochs: epoch + 1 });
    const now = performance.now();
    this.#due = now + (now - begun) / share;
  }
}
