// How much the rows of each class count in the loss.
import { ConfigError, show } from "../../errors.ts";
import type { Label } from "./labels.ts";

/** "balanced": n / (K n_k), so that each of K classes counts alike; or a weight by label, 1 where none is given. */
export type ClassWeight = "balanced" | Readonly<Record<string, number>> | ReadonlyMap<Label, number>;

export type PlainClassWeight = "balanced" | Readonly<Record<string, number>>;

/** As JSON can hold it, with labels as text. @throws ConfigError for anything that is no ClassWeight. */
export function plainClassWeight(classWeight: ClassWeight | undefined, what: string): PlainClassWeight | undefined {
  if (classWeight === undefined || classWeight === "balanced") return classWeight;
  if (typeof classWeight !== "object" || classWeight === null) {
    throw new ConfigError(`${what}: classWeight must be "balanced" or weights by label, got ${show(classWeight)}.`);
  }
  const entries = classWeight instanceof Map ? [...classWeight] : Object.entries(classWeight);
  for (const [label, weight] of entries) {
    if (!(Number.isFinite(weight) && weight >= 0)) {
      throw new ConfigError(`${what}: classWeight of ${show(label)} must be a number from 0 on, got ${show(weight)}.`);
    }
  }
  return Object.fromEntries(entries);
}

/**
 * [rows] weights, times those given; undefined where all are 1.
 * @throws ConfigError for a label that is no class.
 */
export function rowWeights(
  indices: Uint32Array,
  classes: readonly Label[],
  classWeight: PlainClassWeight | undefined,
  sampleWeight: ArrayLike<number> | undefined,
  what: string,
): Float32Array | undefined {
  if (classWeight === undefined) return sampleWeight && Float32Array.from(sampleWeight);
  const byClass = classWeight === "balanced" ? balanced(indices, classes.length) : given(classWeight, classes, what);
  return Float32Array.from(indices, (k, row) => (byClass[k] as number) * (sampleWeight?.[row] ?? 1));
}

function balanced(indices: Uint32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const k of indices) counts[k] = (counts[k] as number) + 1;
  // A class without rows weighs nothing anyway.
  return counts.map((count) => (count === 0 ? 1 : indices.length / (classes * count)));
}

function given(byLabel: Readonly<Record<string, number>>, classes: readonly Label[], what: string): number[] {
  const names = classes.map(String);
  const stray = Object.keys(byLabel).find((label) => !names.includes(label));
  if (stray !== undefined) {
    throw new ConfigError(
      `${what}: classWeight names ${show(stray)}; the classes are ${classes.map(show).join(", ")}.`,
    );
  }
  return names.map((name) => byLabel[name] ?? 1);
}
