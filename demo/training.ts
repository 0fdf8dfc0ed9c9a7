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

/** What the last training was told. */
export const trainedWith = signal<Settings | undefined>(undefined);
/** Whole epochs of a model that can be trained further. */
export const resumable = signal<number | undefined>(undefined);
/** True where the last training ended with an error. */
export const interrupted = signal(false);

/** Trains a new model by the settings. */
export async function train(): Promise<void> {
  epochs.value = [];
  modelVersion.value = 0;
  await follow((listener) => engine().session.train(settings.value, listener));
}

/** Trains the model further, up to the settings' epochs, on a new device where its own was lost. */
export async function goOn(): Promise<void> {
  await follow(async (listener) => {
    if (lost.value !== undefined) await openDevice();
    if (lost.value !== undefined) throw new Error(lost.value);
    settings.value = await engine().session.furtherSettings(settings.value);
    return engine().session.goOn(settings.value, listener);
  });
}

/** Opens a device in place of a lost one, and brings the model back on it, as it is kept. */
export async function openAgain(): Promise<void> {
  await busy(async () => {
    await openDevice();
    if (lost.value !== undefined) return;
    const done = await engine().session.restore();
    epochs.value = epochs.value.slice(0, done ?? 0);
    outcome.value = undefined;
    resumable.value = done || undefined;
    modelVersion.value = done === undefined ? 0 : modelVersion.value + 1;
  });
}

/** Forgets the model and what it came to. */
export async function reset(): Promise<void> {
  await attempt(async () => {
    memory.value = await engine().session.reset();
  });
  await begun; // what it came to is forgotten, too
  forget();
  epochs.value = [];
  modelVersion.value = 0;
}

/** Forgets what the last training came to. */
export function forget(): void {
  outcome.value = undefined;
  trouble.value = undefined;
  millisecondsPerStep.value = undefined;
  trainedWith.value = undefined;
  resumable.value = undefined;
  interrupted.value = false;
}

/** Follows a training to its end. */
async function follow(run: (listener: Listener) => Promise<Outcome>): Promise<void> {
  if (progress.value) return; // pressed twice
  forget();
  trainedWith.value = settings.value;
  let isOver = false;
  await busy(async () => {
    interrupted.value = true; // unless it comes to an end
    const ended = await run(
      proxy({
        onProgress: (now: Progress) => {
          if (isOver) return; // overtaken by the end
          progress.value = now;
          memory.value = now.memory;
          millisecondsPerStep.value = now.millisecondsPerStep ?? millisecondsPerStep.value;
        },
        onEpoch: (epoch: number, logs: Logs) => {
          epochs.value = [...epochs.value.slice(0, epoch), logs];
          modelVersion.value++;
        },
      }),
    ).catch(async (error) => {
      const kept = await engine().session.keptEpochs();
      resumable.value = kept;
      epochs.value = epochs.value.slice(0, kept);
      throw error;
    });
    interrupted.value = false;
    outcome.value = ended;
    memory.value = ended.memory;
    if (ended.test) {
      resumable.value = ended.epochs;
      modelVersion.value++;
    }
  });
  isOver = true;
}

/** What keeps the model busy. */
let begun: Promise<void> = Promise.resolve();

/** Nothing else can be begun meanwhile. */
async function busy(work: () => Promise<void>): Promise<void> {
  if (progress.value) return;
  progress.value = preparing();
  begun = attempt(work);
  await begun;
  progress.value = undefined;
}

function preparing(): Progress {
  const nothing = { buffers: 0, textures: 0, bytes: 0 };
  const unknown = { logs: {}, millisecondsPerStep: undefined, secondsLeft: undefined };
  return { phase: "preparing", epoch: 0, done: 0, of: 1, ...unknown, memory: memory.value ?? nothing };
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    trouble.value = (error as Error).message;
  }
}
