// The suite of GPU tests that runs unchanged in Node, Deno and Chrome: how cases are declared and run.
import type { Gpu } from "../../src/gpu/device.ts";

/** What a case is given. */
export interface Context {
  /** The device shared by all cases of a run. */
  readonly gpu: Gpu;
  /** A figure worth seeing, printed with the result. */
  note(text: string): void;
  /** Ends the case as skipped. */
  skip(reason: string): never;
  /** Reads a file; `path` is relative to the repository root. */
  fixture(path: string): Promise<Uint8Array>;
}

export interface Options {
  /** How long the case may run; default 60. */
  timeoutSeconds?: number;
}

export interface Case {
  readonly name: string;
  readonly body: (t: Context) => void | Promise<void>;
  readonly timeoutSeconds: number;
}

export interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly skipped: boolean;
  readonly reason?: string;
  readonly error?: string;
  readonly notes: string[];
  readonly ms: number;
}

/** Every case declared so far, in order. */
export const cases: Case[] = [];

/** Declares a case. */
export function test(name: string, body: Case["body"], options: Options = {}): void {
  if (cases.some((other) => other.name === name)) throw new Error(`Two GPU cases are called "${name}".`);
  cases.push({ name, body, timeoutSeconds: options.timeoutSeconds ?? 60 });
}

class Skip extends Error {}

/** Runs one case; any error that the device reports while it runs is a failure too. */
export async function runCase(one: Case, gpu: Gpu): Promise<Result> {
  const notes: string[] = [];
  const context: Context = {
    gpu,
    fixture: readFixture,
    note: (text) => void notes.push(text),
    skip: (reason) => {
      throw new Skip(reason);
    },
  };
  const start = performance.now();
  const uncapturedBefore = gpu.uncapturedErrors.length;
  const errors: string[] = [];
  let skipReason: string | undefined;
  const scopes = ["validation", "out-of-memory", "internal"] as const;
  for (const scope of scopes) gpu.device.pushErrorScope(scope);
  try {
    await withLimits(one, gpu);
  } catch (error) {
    if (error instanceof Skip) skipReason = error.message;
    else errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  for (const scope of scopes.toReversed()) {
    const error = await gpu.device.popErrorScope().catch((cause: Error) => cause);
    if (error) errors.push(`Device error (${scope}): ${error.message}`);
  }
  // Errors outside every scope arrive as events, so late ones are given the time of one round trip.
  await Promise.race([gpu.device.queue.onSubmittedWorkDone(), gpu.lost]);
  await new Promise((resolve) => setTimeout(resolve));
  for (const message of gpu.uncapturedErrors.slice(uncapturedBefore))
    errors.push(`Uncaptured device error: ${message}`);
  const ok = errors.length === 0;
  const outcome = ok ? { reason: skipReason } : { error: errors.join("\n") };
  const skipped = ok && skipReason !== undefined;
  return { name: one.name, ok, skipped, ...outcome, notes, ms: Math.round(performance.now() - start) };

  async function withLimits({ body, timeoutSeconds }: Case, { lost }: Gpu): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Not done after ${timeoutSeconds} s.`)), timeoutSeconds * 1000);
    });
    const loss = lost.then((info) => {
      throw new Error(`The device was lost (${info.reason}): ${info.message}`);
    });
    try {
      await Promise.race([body(context), timeout, loss]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function readFixture(path: string): Promise<Uint8Array> {
  if ("document" in globalThis) {
    const response = await fetch(`/${path}`);
    if (!response.ok) throw new Error(`No fixture ${path}: the server answered ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  }
  // Node's bundle and Deno both start in the repository root. The variable keeps the bundler for Chrome from looking.
  const files = "node:fs/promises";
  const { readFile } = (await import(/* @vite-ignore */ files)) as typeof import("node:fs/promises");
  return new Uint8Array(await readFile(path));
}

export interface Tolerance {
  /** The largest difference allowed; default 0. */
  absolute?: number;
  /** The same, as a share of the largest expected magnitude; added to `absolute`; default 0. */
  relative?: number;
}

/** Fails unless every value lies within the tolerance; a NaN or infinity on either side fails. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 0, relative = 0 }: Tolerance,
  label: string,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${label}: expected ${expected.length} values, got ${actual.length}.`);
  }
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!));
  const tolerance = absolute + relative * largest;
  let worst = -1;
  let worstDifference = -1;
  let outside = 0;
  for (let i = 0; i < expected.length; i++) {
    const measured = Math.abs(actual[i]! - expected[i]!);
    const difference = Number.isFinite(measured) ? measured : Number.POSITIVE_INFINITY;
    if (!(difference <= tolerance)) outside++;
    if (difference > worstDifference) {
      worst = i;
      worstDifference = difference;
    }
  }
  if (outside === 0) return;
  throw new Error(
    `${label}: ${outside} of ${expected.length} values are further than ${tolerance} from what was expected; ` +
      `worst at [${worst}]: got ${actual[worst]}, expected ${expected[worst]}, difference ${worstDifference}.`,
  );
}
