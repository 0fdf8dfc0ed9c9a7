// Times dispatches by many repetitions in one submit: a wait for the queue costs milliseconds, a dispatch far less.
import type { Gpu } from "../../src/gpu/device.ts";
import { type Dispatch, record } from "../../src/gpu/dispatch.ts";

/** Long beside the wait for a submit's end, short beside what a watchdog allows. */
const submitMilliseconds = 150;

export interface Repeated {
  /** Recorded in turns, one after the other; a single list is simply repeated. */
  readonly turns: readonly (readonly Dispatch[])[];
  /** Repetitions until `rewind` is due. Default: it never is. */
  readonly most?: number;
  /** Adds what takes the state of the dispatches back to the beginning. */
  rewind?(encoder: GPUCommandEncoder): void;
}

/** A measurement of milliseconds a repetition; its first call compiles, warms up and learns how many fill a submit. */
export async function clocked(gpu: Gpu, { turns, most = Infinity, rewind }: Repeated): Promise<() => Promise<number>> {
  const { queue } = gpu.device;
  const submit = async (repetitions: number): Promise<number> => {
    const encoder = gpu.device.createCommandEncoder();
    for (let done = 0; done < repetitions; done += most) {
      rewind?.(encoder);
      const pass = encoder.beginComputePass();
      for (let i = done; i < Math.min(done + most, repetitions); i++) {
        record(pass, turns[i % turns.length] as readonly Dispatch[]);
      }
      pass.end();
    }
    const commands = encoder.finish();
    const begun = performance.now();
    queue.submit([commands]);
    await queue.onSubmittedWorkDone();
    return performance.now() - begun;
  };
  await submit(1);
  let repetitions = 1;
  for (let took = await submit(1); took < submitMilliseconds / 2; ) {
    repetitions = Math.ceil(repetitions * Math.min(8, submitMilliseconds / Math.max(took, 1)));
    took = await submit(repetitions);
  }
  return async () => (await submit(repetitions)) / repetitions;
}
