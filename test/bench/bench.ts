// What the sections of a benchmark share: the device, the settings, and the figures so far.
import type { Gpu } from "../../src/gpu/device.ts";
import { type Figure, type Missing, type SectionName, summarize, type Unit } from "./figures.ts";

export interface Settings {
  readonly sections: readonly SectionName[];
  /** Of short measurements. */
  readonly rounds: number;
  /** Of the example. */
  readonly epochs: number;
}

/** The example's own sizes. */
export const example = { inputs: 784, features: 4096, classes: 10, batch: 128, scale: 10 } as const;

export class Bench {
  readonly gpu: Gpu;
  readonly settings: Settings;
  readonly #say: (figure: Figure | Missing) => unknown;
  readonly #medians = new Map<string, number>();

  constructor(gpu: Gpu, settings: Settings, say: (figure: Figure | Missing) => unknown) {
    this.gpu = gpu;
    this.settings = settings;
    this.#say = say;
  }

  /** Tells a figure. @param values of all rounds, or the one there is. */
  async figure(section: SectionName, name: string, unit: Unit, values: readonly number[] | number, note?: string) {
    const summary = summarize(typeof values === "number" ? [values] : values);
    this.#medians.set(`${section}: ${name}`, summary.median);
    await this.#say({ section, name, unit, ...summary, note });
  }

  async missing(section: SectionName, name: string, reason: string): Promise<void> {
    await this.#say({ section, name, missing: reason });
  }

  /** The median of a figure told before. */
  median(section: SectionName, name: string): number {
    const median = this.#medians.get(`${section}: ${name}`);
    if (median === undefined) throw new Error(`No figure "${name}" in ${section} so far`);
    return median;
  }
}

/** Runs a part of a section; a failure becomes a row that says why, and the rest goes on. */
export async function attempt(bench: Bench, section: SectionName, name: string, run: () => Promise<void>) {
  try {
    await run();
  } catch (error) {
    await bench.missing(section, name, (error as Error).message.split(/\n|\. /)[0] as string);
  }
}
