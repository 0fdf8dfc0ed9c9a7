// The worker that trains, as the page sees it: opened once, its state in signals.
import { signal } from "@preact/signals";
import { proxy, type Remote, wrap } from "comlink";
import { keepOffline } from "./offline.ts";
import type { AdapterInfo } from "./worker/gpu.ts";
import type { Api } from "./worker/main.ts";

/** What the page waits for: the files, then nothing more. */
export type Loading =
  | { phase: "loading"; loaded: number; total: number }
  | { phase: "ready"; offline: boolean }
  | { phase: "failed"; reason: string };

export const loading = signal<Loading>({ phase: "loading", loaded: 0, total: 0 });
/** The adapter; undefined until it is known. */
export const adapter = signal<AdapterInfo | undefined>(undefined);
/** Why there is no WebGPU here. */
export const noGpu = signal<string | undefined>(undefined);
/** Why the device was lost, until a new one is opened. */
export const lost = signal<string | undefined>(undefined);

/** The worker's parts; Comlink's own type says nothing of the parts of parts. */
export type Engine = { readonly [Part in keyof Api]: Remote<Api[Part]> };

let made: Engine | undefined;

/** The worker. It is there as soon as `start` was called and the page is known to work offline or not. */
export function engine(): Engine {
  if (!made) throw new Error("The worker is not there yet.");
  return made;
}

/** Opens the worker, its device and the digits. After `ready` nothing is asked of the network any more. */
export async function start(): Promise<void> {
  try {
    const offline = await keepOffline(); // before the worker, whose files shall be kept too
    const worker = new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module", name: "trainer" });
    made = wrap<Api>(worker) as unknown as Engine;
    await Promise.all([openDevice(), loadDigits()]);
    loading.value = { phase: "ready", offline };
  } catch (error) {
    loading.value = { phase: "failed", reason: (error as Error).message };
  }
}

/** Asks the worker for a device, at the start or in place of a lost one. */
export async function openDevice(): Promise<void> {
  try {
    adapter.value = await engine().device.open(
      proxy((reason: string) => {
        lost.value = reason;
      }),
    );
    lost.value = undefined;
  } catch (error) {
    noGpu.value = (error as Error).message;
  }
}

async function loadDigits(): Promise<void> {
  await engine().digits.load(
    new URL("mnist/", document.baseURI).href,
    proxy((loaded: number, total: number) => {
      loading.value = { phase: "loading", loaded, total };
    }),
  );
}
