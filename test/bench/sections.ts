// The sections that run in every runtime. Those that need files and processes are added by the worker, TensorFlow.js by the page.

import { releaseGpu, requestGpu } from "../../src/gpu/device.ts";
import { attempt, Bench, type Settings } from "./bench.ts";
import type { Figure, Missing, SectionName } from "./figures.ts";
import { features } from "./sections/features.ts";
import { roofline } from "./sections/roofline.ts";
import { scaling } from "./sections/scaling.ts";
import { step } from "./sections/step.ts";

export type Section = (bench: Bench) => Promise<void>;

/** A line from a runtime: the adapter first, then every figure, then the end. */
export type Line =
  | { kind: "adapter"; adapter: string; isSoftware: boolean }
  | { kind: "figure"; figure: Figure | Missing }
  | { kind: "end"; error?: string };

/** Runs the sections asked for; others relate to the roofline, so that it always runs. */
export async function runSections(
  settings: Settings,
  more: {
    readonly first?: Partial<Record<SectionName, Section>>;
    readonly last?: Partial<Record<SectionName, Section>>;
  },
  say: (line: Line) => unknown,
): Promise<void> {
  const sections: Partial<Record<SectionName, Section>> = {
    ...more.first,
    roofline,
    features,
    step,
    scaling,
    ...more.last,
  };
  try {
    const gpu = await requestGpu();
    const { name: adapter, isSoftware } = gpu.adapter;
    await say({ kind: "adapter", adapter, isSoftware });
    const bench = new Bench(gpu, settings, (figure) => say({ kind: "figure", figure }));
    for (const [name, run] of Object.entries(sections) as [SectionName, Section][]) {
      if (name !== "roofline" && !settings.sections.includes(name)) continue;
      await attempt(bench, name, "the rest", () => run(bench));
    }
    releaseGpu(gpu);
    await say({ kind: "end" });
  } catch (error) {
    await say({ kind: "end", error: (error as Error).message });
  }
}
