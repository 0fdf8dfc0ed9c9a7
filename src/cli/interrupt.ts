// Ctrl-C as an AbortSignal.

/** Runs with a signal that Ctrl-C gives: training ends after the running batches. A second one ends the program. */
export async function interruptible<T>(
  say: (line: string) => void,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    say("\nStopping after the running batches.");
    controller.abort();
    ignore();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  const ignore = () => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await run(controller.signal);
  } finally {
    ignore();
  }
}
