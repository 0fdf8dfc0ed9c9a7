// The worker that trains, as the page sees it: opened once, its state in signals.
import { signal } from "@preact/signals";
import { proxy, type Remote, wrap } from "comlink";
import { keepOffline } from "./offline.ts";
import type { AdapterInfo } from "./worker/gpu.ts";
import type { Api } from "./worker/main.ts";
import workerUrl from "./worker/main.ts?worker&url";

/** What the page waits for: the files, then nothing more. */
export type Loading =
  | { phase: "loading"; loaded: number; total: number }
  | { phase: "ready"; offline: boolean }
  | { phase: "failed"; reason: string; again: () => void };

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
let pageIsKept: Promise<boolean>;

/** The worker. It is there as soon as `start` was called. */
export function engine(): Engine {
  if (!made) throw new Error("The worker is not there yet.");
  return made;
}

/** Opens the worker, its device and the digits. After `ready` nothing is asked of the network any more. */
export async function start(): Promise<void> {
  pageIsKept = keepOffline();
  const worker = openWorker();
  worker.addEventListener("error", ({ message }) => {
    if (adapter.value || noGpu.value) return;
    const reason = `The page's worker could not be started${message ? `: ${message}` : ""}.`;
    loading.value = { phase: "failed", reason, again: () => location.reload() };
  });
  made = wrap<Api>(worker) as unknown as Engine;
  await begin();
}

/**
 * A worker whose file comes from the network has a policy of its own, which only a server could send; one that is made
 * here has the page's.
 */
function openWorker(): Worker {
  const code = `import ${JSON.stringify(new URL(workerUrl, import.meta.url).href)};`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return new Worker(url, { type: "module", name: "trainer" });
}

/** Opens a device and then the digits, which are of no use without one; again, where either failed. */
export async function begin(): Promise<void> {
  await openDevice();
  if (noGpu.value === undefined && loading.value.phase !== "ready") await loadDigits();
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
    noGpu.value = undefined;
  } catch (error) {
    // Who had one keeps the page: what was trained can still be taken away.
    const { message } = error as Error;
    if (lost.value === undefined) noGpu.value = message;
    else lost.value = message;
  }
}

/** Fetches the digits, or takes those that the browser kept; again, where that failed. */
export async function loadDigits(): Promise<void> {
  loading.value = { phase: "loading", loaded: 0, total: 0 };
  try {
    const digitsAreKept = await engine().digits.load(
      new URL("mnist/", document.baseURI).href,
      proxy((loaded: number, total: number) => {
        loading.value = { phase: "loading", loaded, total };
      }),
    );
    loading.value = { phase: "ready", offline: (await pageIsKept) && digitsAreKept };
  } catch (error) {
    const reason = `${(error as Error).message} The plane and your own data work without the digits.`;
    loading.value = { phase: "failed", reason, again: loadDigits };
  }
}
