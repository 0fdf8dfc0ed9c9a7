// Where a browser remembers which kernels suit its device.
import type { TuningStore } from "../nn/tuning.ts";

const table = "tuning";

/** A store in IndexedDB, or undefined where there is none. */
export function browserStore(): TuningStore | undefined {
  const { indexedDB } = globalThis;
  if (!indexedDB) return undefined;
  const use = async <T>(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const opening = indexedDB.open("quasi-svm", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(table);
    const database = await finished(opening);
    try {
      return await finished(ask(database.transaction(table, mode).objectStore(table)));
    } finally {
      database.close();
    }
  };
  return {
    read: (key) => use("readonly", (entries) => entries.get(key) as IDBRequest<string | undefined>),
    write: async (key, text) => {
      await use("readwrite", (entries) => entries.put(text, key));
    },
  };
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
