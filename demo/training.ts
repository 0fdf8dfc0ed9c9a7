// The training on the digits, as the page knows it: what it was told, what it does, what it came to.
import { signal } from "@preact/signals";
import type { Logs } from "../src/index.ts";
import { fromQuery, type Settings } from "./settings.ts";
import type { Outcome, Progress } from "./worker/session.ts";

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
