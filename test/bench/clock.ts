// Times dispatches by many repetitions in one submit: a wait for the queue costs milliseconds, a dispatch far less.
import type { Gpu } from "../../src/gpu/device.ts";
import { type Dispatch, record } from "../../src/gpu/dispatch.ts";

/** Long beside the wait for a submit's end, short beside what a watchdog allows. */
const submitMilliseconds = 150;

export interface Repeated {
  /** Recorded in turns, one after the other; a single list is simply repeated. */
  readonly turns: readonly (readonly Dispatch[])[];
  /** Repetitions that a submit may hold. Default: any number. */
  readonly most?: number;
  /** Called before each submit. */
  prepare?(): void;
}

/** A measurement of milliseconds a repetition; its first call compiles, warms up and learns how many fill a submit. */
export async function clocked(gpu: Gpu, { turns, most = 65536, prepare }: Repeated): Promise<() => Promise<number>> {
  const { queue } = gpu.device;
  const submit = async (repetitions: number): Promise<number> => {
    prepare?.();
    await queue.onSubmittedWorkDone();
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < repetitions; i++) record(pass, turns[i % turns.length] as readonly Dispatch[]);
    pass.end();
    const commands = encoder.finish();
    const begun = performance.now();
    queue.submit([commands]);
    await queue.onSubmittedWorkDone();
    return performance.now() - begun;
  };
  await submit(1);
  let repetitions = 1;
  for (let took = await submit(1); took < submitMilliseconds / 2 && repetitions < most; ) {
    repetitions = Math.min(most, Math.ceil(repetitions * Math.min(8, submitMilliseconds / Math.max(took, 1))));
    took = await submit(repetitions);
  }
  return async () => (await submit(repetitions)) / repetitions;
}
