/** What is told within so many milliseconds was done together: minibatches of one submit come all at once. */
const together = 5;

/** How fast something goes on, judged by the last seconds. */
export class Pace {
  readonly #windowMilliseconds: number;
  readonly #marks: { at: number; done: number }[] = [];

  constructor(windowMilliseconds: number) {
    this.#windowMilliseconds = windowMilliseconds;
  }

  /** Notes how much is done in all at a moment in milliseconds, no earlier than those before. */
  mark(at: number, done: number): void {
    const marks = this.#marks;
    const last = marks.at(-1);
    if (last && at - last.at < together) {
      last.done = done;
      return;
    }
    marks.push({ at, done });
    // The mark before the window's beginning stays: what was done since then is the measure.
    while (marks.length > 2 && (marks[1] as { at: number }).at <= at - this.#windowMilliseconds) marks.shift();
  }

  /** Milliseconds for one of what is counted; undefined until two moments are known between which something was done. */
  get milliseconds(): number | undefined {
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    if (!first || !last || last.done <= first.done) return undefined;
    return (last.at - first.at) / (last.done - first.done);
  }

  /** Begins anew with something else. */
  clear(): void {
    this.#marks.length = 0;
  }
}
