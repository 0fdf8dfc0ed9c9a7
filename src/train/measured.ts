// What stands around a fit: the clock, the profiler, and the end of what was opened.
import { inOrder } from "../data/samples.ts";
import { Profiler } from "../gpu/profile.ts";
import type { Engine } from "./engine.ts";
import type { History } from "./history.ts";
import type { RowSet } from "./row_set.ts";
import { Run, type RunPlan } from "./run.ts";

export interface MeasuredPlan extends RunPlan {
  /** Times every dispatch. */
  readonly profile: boolean;
}

/** Destroys a resource at the end of the fit. */
export type Keep = <T extends { destroy(): void }>(resource: T) => T;

/** @param prepare opens what training needs and computes features; what it gives trains. */
export async function measured(
  engine: Engine,
  plan: MeasuredPlan,
  prepare: (run: Run, keep: Keep) => Promise<() => Promise<void>>,
): Promise<History> {
  const run = new Run(engine, plan);
  const { history } = run;
  const open: { destroy(): void }[] = [];
  const keep: Keep = (resource) => {
    open.push(resource);
    return resource;
  };
  try {
    if (plan.profile) {
      const obstacle = Profiler.obstacle(engine.gpu);
      if (obstacle) history.noProfile = obstacle;
      else engine.queue.profiler = keep(new Profiler(engine.gpu));
    }
    const begun = performance.now();
    const train = await prepare(run, keep);
    const prepared = performance.now();
    history.seconds.features = (prepared - begun) / 1000;
    await train();
    history.seconds.train = (performance.now() - prepared) / 1000;
    if (engine.queue.profiler) history.profile = engine.queue.profiler.times;
    return history;
  } finally {
    await run.end();
    engine.queue.profiler = undefined;
    for (const resource of open) resource.destroy();
  }
}

/** Computes the features that are kept for all epochs. */
export async function loadKept(sets: readonly RowSet[], run: Run): Promise<void> {
  const kept = sets.filter(({ features }) => features.runRows === 0);
  const total = kept.reduce((sum, { rowCount }) => sum + rowCount, 0);
  let done = 0;
  const computed = (rows: number) => {
    done += rows;
    return run.call((each) => each.onFeatures?.(done, total));
  };
  for (const { features } of kept) await features.load(inOrder(0), 0, { stop: run.stops, computed });
}
