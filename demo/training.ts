// The training on the digits, as the page knows it: what it was told, what it does, what it came to.
import { signal } from "@preact/signals";
import { proxy } from "comlink";
import type { GpuMemory, Logs } from "../src/index.ts";
import { engine, lost, openDevice } from "./engine.ts";
import { fromQuery, type Settings } from "./settings.ts";
import type { Listener, Progress } from "./worker/reporter.ts";
import type { Outcome } from "./worker/session.ts";

export const settings = signal<Settings>(fromQuery(location.hash.split("?")[1] ?? ""));
/** Of the training that runs; undefined while none does. */
export const progress = signal<Progress | undefined>(undefined);
/** Loss and metrics of the epochs so far. */
export const epochs = signal<readonly Logs[]>([]);
/** How the last training ended. */
export const outcome = signal<Outcome | undefined>(undefined);
/** Changes whenever the model answers differently: after epochs, when one was opened or forgotten. 0: there is none. */
export const modelVersion = signal(0);
/** What went wrong last, in the words of the error. */
export const trouble = signal<string | undefined>(undefined);
/** What lives on the GPU. */
export const memory = signal<GpuMemory | undefined>(undefined);

/** Wall time of a step, as it was lately; it stays when the training has ended. */
export const millisecondsPerStep = signal<number | undefined>(undefined);

/** Trains a new model by the settings. */
export async function train(): Promise<void> {
  epochs.value = [];
  modelVersion.value = 0;
  await follow((listener) => engine().session.train(settings.value, listener));
}

/** Trains the model further, up to the settings' epochs, on a new device where its own was lost. */
export async function goOn(): Promise<void> {
  if (lost.value !== undefined) await openDevice();
  if (lost.value === undefined) await follow((listener) => engine().session.goOn(settings.value, listener));
}

/** Opens a device in place of a lost one, and brings the model back on it. */
export async function openAgain(): Promise<void> {
  await openDevice();
  if (lost.value !== undefined) return;
  await attempt(() => engine().session.restore());
  if (epochs.value.length > 0) modelVersion.value++;
}

/** Forgets the model and what it came to. */
export async function reset(): Promise<void> {
  await attempt(async () => {
    memory.value = await engine().session.reset();
  });
  epochs.value = [];
  outcome.value = undefined;
  trouble.value = undefined;
  millisecondsPerStep.value = undefined;
  modelVersion.value = 0;
}

/** Follows a training to its end. */
async function follow(run: (listener: Listener) => Promise<Outcome>): Promise<void> {
  trouble.value = undefined;
  outcome.value = undefined;
  millisecondsPerStep.value = undefined;
  await attempt(async () => {
    outcome.value = await run(
      proxy({
        onProgress: (now: Progress) => {
          progress.value = now;
          memory.value = now.memory;
          millisecondsPerStep.value = now.millisecondsPerStep ?? millisecondsPerStep.value;
        },
        onEpoch: (epoch: number, logs: Logs) => {
          epochs.value = [...epochs.value.slice(0, epoch), logs];
          modelVersion.value++;
        },
      }),
    );
    memory.value = outcome.value.memory;
    if (outcome.value.test) modelVersion.value++;
  });
  progress.value = undefined;
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    trouble.value = (error as Error).message;
  }
}
