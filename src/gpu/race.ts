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

/** Runs of each that are timed. */
const runs = 5;

/**
 * Milliseconds of a run by name, for as many as are likely to be done by `deadline` (as performance.now() counts), the
 * first among them. The fastest run counts where the device tells its own times, the mean elsewhere. What the device
 * refuses is left out.
 */
export async function race(
  gpu: Gpu,
  buffers: Buffers,
  races: readonly Race[],
  deadline: number,
): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  let longest = 0;
  // Twice where time allows: a device that has just been opened is slow at first.
  for (const { name, spec } of [...races, ...races]) {
    const begun = performance.now();
    if (longest > 0 && begun + 2 * longest > deadline) break;
    const milliseconds = await time(gpu, buffers, spec).catch(() => undefined);
    if (milliseconds !== undefined) times[name] = Math.min(times[name] ?? milliseconds, milliseconds);
    longest = Math.max(longest, performance.now() - begun);
  }
  return times;
}

async function time(gpu: Gpu, buffers: Buffers, spec: DispatchSpec): Promise<number> {
  const [dispatch] = (await freeze(gpu, buffers, [spec])) as readonly [Dispatch];
  const queue = new StepQueue(gpu);
  const told = Profiler.obstacle(gpu) ? [] : await timesTold(gpu, queue, dispatch);
  if (told.length > 0) return Math.min(...told);
  await queue.submit("race, first run", [dispatch]);
  const begun = performance.now();
  await queue.submit("race", [dispatch], runs);
  return (performance.now() - begun) / runs;
}

/** Milliseconds of each run by the device's clock; without those for which it stood still or was set back. */
async function timesTold(gpu: Gpu, queue: StepQueue, dispatch: Dispatch): Promise<number[]> {
  const profiler = new Profiler(gpu);
  queue.profiler = profiler;
  try {
    // A label for each run, so that each is timed.
    const labelled = Array.from({ length: runs }, (_, i) => ({ ...dispatch, label: `run ${i}` }));
    await queue.submit("race", labelled);
    return profiler.times.map(({ milliseconds }) => milliseconds).filter((time) => time > 0);
  } finally {
    queue.profiler = undefined;
    profiler.destroy();
  }
}
