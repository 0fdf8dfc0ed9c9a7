// Which of several dispatches is fastest on a device.
import type { Buffers } from "./buffers.ts";
import type { Gpu } from "./device.ts";
import { type Dispatch, type DispatchSpec, freeze } from "./dispatch.ts";
import { Profiler } from "./profile.ts";
import { StepQueue } from "./queue.ts";

export interface Race {
  readonly name: string;
  readonly spec: DispatchSpec;
}

/** Runs of each; the fastest counts. */
const runs = 5;

/**
 * Milliseconds of a run by name, for as many as are likely to be done by `deadline` (as performance.now() counts);
 * at least the first. Times are the device's own where it tells them.
 */
export async function race(
  gpu: Gpu,
  buffers: Buffers,
  races: readonly Race[],
  deadline: number,
): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  let longest = 0;
  for (const { name, spec } of races) {
    const begun = performance.now();
    if (longest > 0 && begun + 2 * longest > deadline) break;
    times[name] = await time(gpu, buffers, spec);
    longest = Math.max(longest, performance.now() - begun);
  }
  return times;
}

async function time(gpu: Gpu, buffers: Buffers, spec: DispatchSpec): Promise<number> {
  const [dispatch] = (await freeze(gpu, buffers, [spec])) as readonly [Dispatch];
  const queue = new StepQueue(gpu);
  if (Profiler.obstacle(gpu)) {
    await queue.submit("race, first run", [dispatch]);
    const begun = performance.now();
    await queue.submit("race", [dispatch], runs);
    return (performance.now() - begun) / runs;
  }
  const profiler = new Profiler(gpu);
  queue.profiler = profiler;
  try {
    // A label for each run, so that each is timed.
    const labelled = Array.from({ length: runs }, (_, i) => ({ ...dispatch, label: `run ${i}` }));
    await queue.submit("race", labelled);
    return Math.min(...profiler.times.map(({ milliseconds }) => milliseconds));
  } finally {
    profiler.destroy();
  }
}
