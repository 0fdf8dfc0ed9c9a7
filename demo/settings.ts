// What the example can be told: the defaults, what is allowed, and how a link carries it.
import type { FeatureMapName, LossName } from "../src/index.ts";

/** Of one training on the digits. */
export interface Settings {
  /** D, the number of random features. */
  outputDim: number;
  /** s, the kernel's bandwidth, for pixels from 0 to 1. */
  scale: number;
  kernel: "gaussian" | "laplacian";
  featureMap: FeatureMapName;
  loss: LossName;
  learningRate: number;
  batchSize: number;
  epochs: number;
  seed: number;
  /** Keeps computed features on the GPU between epochs. */
  cache: "auto" | "off";
  /** Digits that are trained on and validated with: the first so many of the 60,000. */
  rows: number;
}

/** The published example. */
export const defaults: Settings = {
  outputDim: 4096,
  scale: 10,
  kernel: "gaussian",
  featureMap: "dense",
  loss: "hinge",
  learningRate: 1e-3,
  batchSize: 128,
  epochs: 20,
  seed: 0,
  cache: "auto",
  rows: 60_000,
};

/** Bounds of the numbers, both included, and the step between them where it is not 1. */
export const bounds = {
  outputDim: { min: 16, max: 16_384 },
  scale: { min: 0.1, max: 1000, step: "any" },
  learningRate: { min: 1e-6, max: 1, step: "any" },
  batchSize: { min: 1, max: 8192 },
  epochs: { min: 1, max: 200 },
  seed: { min: 0, max: 2 ** 31 },
  rows: { min: 100, max: 60_000 },
} as const satisfies Partial<Record<keyof Settings, { min: number; max: number; step?: "any" }>>;

/** The words that can be chosen. */
export const choices = {
  kernel: ["gaussian", "laplacian"],
  featureMap: ["dense", "orthogonal", "sorf"],
  loss: ["hinge", "squared_hinge", "categorical_hinge", "categorical_crossentropy", "mean_squared_error"],
  cache: ["auto", "off"],
} as const satisfies { [K in keyof Settings]?: readonly Settings[K][] };

/** The part of a link's hash behind "?": what differs from the defaults. */
export function toQuery(settings: Settings): string {
  const entries = Object.entries(settings).filter(([name, value]) => value !== defaults[name as keyof Settings]);
  return new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
}

/** Settings from a link; what is unknown or out of bounds stays as it is by default. */
export function fromQuery(query: string): Settings {
  const settings: Record<string, number | string> = { ...defaults };
  for (const [name, text] of new URLSearchParams(query)) {
    if (Object.hasOwn(bounds, name)) {
      const { min, max, ...rest } = bounds[name as keyof typeof bounds];
      const value = Number(text);
      const whole = "step" in rest || Number.isInteger(value);
      if (text !== "" && whole && value >= min && value <= max) settings[name] = value;
    } else if (Object.hasOwn(choices, name)) {
      const words: readonly string[] = choices[name as keyof typeof choices];
      if (words.includes(text)) settings[name] = text;
    }
  }
  return settings as unknown as Settings;
}
