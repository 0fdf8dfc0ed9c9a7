// Runs the GPU cases in a runtime and makes each result one vitest test.
import { afterAll, beforeAll, inject, test } from "vitest";
import type { AdapterDescription } from "../../src/gpu/device.ts";
import { cases, type Result } from "./harness.ts";
import type { Line } from "./main.ts";
import "./all.ts";

/** A started runtime: how to end it, and a promise that resolves, with a reason, when it has ended. */
export interface Started {
  /** What a reader should know beside the adapter's name: version, drivers. */
  readonly about: string;
  readonly ended: Promise<string>;
  /** After the last case: throws when the runtime does not end well by itself. @param seconds that it may take; default 10. */
  finish(seconds?: number): Promise<void>;
  /** Ends it now, whatever it does. */
  stop(): void;
}

/** Starts the cases that `filter` selects, and calls `onLine` with each line that the runtime writes. */
export type Start = (filter: string, onLine: (text: string) => void) => Promise<Started>;

declare module "vitest" {
  interface TaskMeta {
    /** The case's figures, for the reporter. */
    notes?: string[];
  }
}

// A case's own limit acts inside the runtime. This is added to it for the case that hangs the whole runtime.
const graceSeconds = 60;

/** Declares one vitest test for each case, and one for the start; the cases run in the runtime's own order. */
export function runCasesIn(runtime: string, start: Start): void {
  const filter = inject("filter");
  const arrivals = new Map(cases.map(({ name }) => [name, arrival<Result>()]));
  const adapter = arrival<AdapterDescription>();
  let started: Started | undefined;

  // What has not come when the runtime is done or gone never comes.
  function end(reason: string): void {
    const error = plainError(`${runtime} ended before this case: ${reason}`);
    for (const { reject } of [adapter, ...arrivals.values()]) reject(error);
  }

  beforeAll(async () => {
    started = await start(filter, (text) => {
      const line = parseLine(text);
      if (line?.kind === "adapter") adapter.resolve(line.adapter);
      if (line?.kind === "result") arrivals.get(line.result.name)?.resolve(line.result);
      if (line?.kind === "end") end(line.error ?? "it said that all cases were done");
    });
    started.ended.then(end);
    const { name, isSoftware } = await adapter.promise;
    console.log(`${runtime} runs the GPU cases on ${name}${isSoftware ? " (software)" : ""}, ${started.about}`);
  }, 120_000);

  afterAll(() => started?.finish());

  for (const { name, timeoutSeconds } of cases) {
    const timeout = (timeoutSeconds + graceSeconds) * 1000;
    test(name, { timeout: timeout + 10_000 }, async ({ skip, task }) => {
      const hung = setTimeout(() => {
        end(`nothing came from "${name}" for ${timeout / 1000} s`);
        started?.stop();
      }, timeout);
      const result = await arrivals.get(name)!.promise.finally(() => clearTimeout(hung));
      task.meta.notes = result.notes;
      if (result.skipped) skip(result.reason);
      if (!result.ok) throw plainError(result.error ?? "failed without a message");
    });
  }
}

function plainError(text: string): Error {
  const error = new Error(text);
  // The stack of interest is the runtime's, which is in the text.
  error.stack = undefined;
  return error;
}

function parseLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function arrival<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // A case that vitest left out waits for nothing.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
