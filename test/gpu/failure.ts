// How tests look at calls that must fail.
import { assert } from "chai";
import type {
  ConfigError,
  DataError,
  DeviceError,
  DivergenceError,
  FormatError,
  QuasiSvmError,
} from "../../src/index.ts";

type ErrorClass =
  | typeof ConfigError
  | typeof DataError
  | typeof DeviceError
  | typeof DivergenceError
  | typeof FormatError
  | typeof QuasiSvmError;

/** The error that `run` ends in, which must be of this class and say this. */
export async function failure(run: () => unknown, type: ErrorClass, message: RegExp): Promise<Error> {
  const error = await ending(run);
  assert.instanceOf(error, type, `expected a ${type.name} that says ${message}, got ${error}`);
  assert.match((error as Error).message, message);
  return error as Error;
}

/** What `run` throws or rejects with; undefined where it ends well. */
export async function ending(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
}

/** Fails where somebody's promise is rejected and nobody looks, which would end the process. */
export async function withoutStrayRejections(run: () => Promise<void>): Promise<void> {
  const strays: string[] = [];
  const onEvent = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    strays.push(String(event.reason));
  };
  const onReason = (reason: unknown) => void strays.push(String(reason));
  // Node has no such events; it tells them to listeners of the process.
  const hasEvents = "addEventListener" in globalThis;
  if (hasEvents) globalThis.addEventListener("unhandledrejection", onEvent);
  else process.on("unhandledRejection", onReason);
  try {
    await run();
    await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    if (hasEvents) globalThis.removeEventListener("unhandledrejection", onEvent);
    else process.off("unhandledRejection", onReason);
  }
  assert.deepEqual(strays, [], "promises rejected and left alone");
}
