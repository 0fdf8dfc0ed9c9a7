// Models in this browser's own storage, by name.
import { createStore, del, entries, set, type UseStore } from "idb-keyval";
import type { Logs } from "../../../src/index.ts";

export interface KeptModel {
  /** When it was kept, in milliseconds since 1970. */
  readonly date: number;
  /** A compact safetensors file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of its training; empty where that is not known. */
  readonly epochs: readonly Logs[];
}

let store: UseStore | undefined;

/** Those that are kept, the newest first. @throws Error where the browser has no storage for this page. */
export async function keptModels(): Promise<[name: string, model: KeptModel][]> {
  const all = await inStorage((models) => entries<string, KeptModel>(models));
  return all.sort(([, a], [, b]) => b.date - a.date);
}

/** In place of one of the same name. @throws Error where there is no storage or no room. */
export async function keep(name: string, model: KeptModel): Promise<void> {
  await inStorage((models) => set(name, model, models));
}

/** @throws Error where the browser has no storage for this page. */
export async function forget(name: string): Promise<void> {
  await inStorage((models) => del(name, models));
}

/** On the digits held out of its training, or on those it was trained with. */
export function accuracyOf({ epochs }: KeptModel): number | undefined {
  const last = epochs.at(-1);
  return last?.val_acc ?? last?.acc;
}

async function inStorage<T>(work: (models: UseStore) => Promise<T>): Promise<T> {
  try {
    store ??= createStore("quasi-svm", "models");
    return await work(store);
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new Error(`This browser keeps no models for this page: ${message || name}`, { cause });
  }
}
