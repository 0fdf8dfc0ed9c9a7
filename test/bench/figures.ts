// What a benchmark says: figures by section and name, each with its spread.

/** In the order in which they run and are shown. */
export const sectionNames = ["roofline", "features", "step", "jobs", "memory", "scaling", "tfjs"] as const;
export type SectionName = (typeof sectionNames)[number];

export type Unit = "ms" | "s" | "GFLOP/s" | "GB/s" | "MB" | "x" | "%" | "";

/** The median of some rounds, between their quartiles. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

export interface Figure extends Summary {
  readonly section: SectionName;
  readonly name: string;
  readonly unit: Unit;
  readonly note?: string | undefined;
}

/** A figure that could not be had, and why. */
export interface Missing {
  readonly section: SectionName;
  readonly name: string;
  readonly missing: string;
}

/** All that was measured on one adapter, in one process. */
export interface AdapterResults {
  readonly adapter: string;
  readonly isSoftware: boolean;
  /** With its version. */
  readonly runtime: string;
  readonly figures: readonly (Figure | Missing)[];
}

export interface Results {
  /** Of quasi-svm. */
  readonly version: string;
  /** Year, month, day. */
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  /** True where rounds and epochs were cut. */
  readonly quick: boolean;
  readonly adapters: readonly AdapterResults[];
}

/** @param values at least one. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    rounds: sorted.length,
  };
}

/** Between the two nearest of sorted values, in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
