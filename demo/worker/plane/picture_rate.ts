// How often a picture is made beside a training, and how fine, so that training has most of the time on any adapter.

/** Pixels of a side, while the model trains and at the end. */
const sizes = { running: [32, 48, 64, 96, 128], last: [128, 192, 256] };
/** What a picture may take, in milliseconds. */
const patience = { running: 80, last: 2000 };
/** Between the beginnings of two pictures: milliseconds, and a multiple of what the last one took. */
const distance = { milliseconds: 100, timesCost: 3 };

export class PictureRate {
  /** Milliseconds that a pixel took in the last picture; before the first so many that it is small. */
  #pixelCost = patience.running / sizes.running[0]! ** 2;
  #due = 0;

  /** Called before a training; its first picture is not of its first step. */
  begin(now: number): void {
    this.#due = now + distance.milliseconds;
  }

  isDue(now: number): boolean {
    return now >= this.#due;
  }

  /** The size of the next picture, in pixels of a side: the largest that is affordable, or the smallest. */
  size(which: "running" | "last"): number {
    const affordable = sizes[which].filter((size) => size ** 2 * this.#pixelCost <= patience[which]);
    return affordable.at(-1) ?? sizes[which][0]!;
  }

  /** Takes note of a picture. */
  made(size: number, begun: number, now: number): void {
    this.#pixelCost = (now - begun) / size ** 2;
    this.#due = begun + Math.max(distance.milliseconds, distance.timesCost * (now - begun));
  }
}
