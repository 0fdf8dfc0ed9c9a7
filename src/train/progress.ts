// Keras' progress lines.
import type { Callbacks, Logs, Training } from "./callbacks.ts";

/** 0 silent, 1 a bar that is redrawn on a terminal (elsewhere as 2), 2 one line for each epoch. */
export type Verbosity = 0 | 1 | 2;

const barWidth = 30;
const redrawMilliseconds = 100;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * `375/375 [====] - 2s 6ms/step - loss: 0.0829 - acc: 0.8681` for a finished or a running epoch.
 * @param steps undefined where their number is not known yet.
 */
export function progressLine(step: number, steps: number | undefined, seconds: number, logs: Logs): string {
  const values = Object.entries(logs).map(([name, value]) => `${name}: ${formatValue(value)}`);
  if (steps === undefined) {
    const timing = `${Math.round(seconds)}s ${perStep(seconds / Math.max(step, 1))}`;
    return [`${String(step).padStart(7)}/Unknown`, timing, ...values].join(" - ");
  }
  const done = step >= steps;
  const timing = done
    ? `${Math.round(seconds)}s ${perStep(seconds / Math.max(step, 1))}`
    : `ETA: ${duration(Math.round((seconds / Math.max(step, 1)) * (steps - step)))}`;
  const digits = String(steps).length;
  return [`${String(step).padStart(digits)}/${steps} ${bar(step, steps)}`, timing, ...values].join(" - ");
}

/** Four decimals, or an exponent where |v| <= 1e-3, as Keras prints. */
export function formatValue(value: number): string {
  return Math.abs(value) > 1e-3 ? value.toFixed(4) : value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Callbacks that print the progress of a fit. */
export function progress(verbose: Verbosity): Callbacks {
  if (verbose === 0) return {};
  const output = (globalThis as { process?: { stdout?: Output } }).process?.stdout;
  const redraws = verbose === 1 && output?.isTTY === true;
  let training: Pick<Training, "epochs" | "steps"> = { epochs: 1, steps: undefined };
  let begun = 0;
  let drawn = 0;
  const due = () => {
    const now = performance.now();
    if (now - drawn < redrawMilliseconds) return false;
    drawn = now;
    return true;
  };
  const callbacks: Callbacks = {
    onFeatures(rows, total) {
      const line = `Features, once for all epochs: ${rows}/${total} rows`;
      if (rows === total) console.log(redraws ? `\r${line}` : line);
      else if (redraws && due()) output.write(`\r${line}`);
    },
    onTrainBegin(given) {
      training = given;
    },
    onEpochBegin(epoch) {
      begun = performance.now();
      console.log(`Epoch ${epoch + 1}/${training.epochs}`);
    },
    onEpochEnd(_, logs) {
      const { steps = 1 } = training;
      const line = progressLine(steps, steps, (performance.now() - begun) / 1000, logs);
      console.log(redraws ? `\r${line}` : line);
    },
  };
  if (redraws) {
    callbacks.onBatchEnd = (batch, logs) => {
      if (batch + 1 === training.steps || !due()) return;
      output.write(`\r${progressLine(batch + 1, training.steps, (performance.now() - begun) / 1000, logs)}`);
    };
  }
  return callbacks;
}

function bar(step: number, steps: number): string {
  const filled = Math.floor((step / steps) * barWidth);
  if (step >= steps) return `[${"=".repeat(barWidth)}]`;
  const arrow = filled > 0 ? `${"=".repeat(filled - 1)}>` : "";
  return `[${arrow.padEnd(barWidth, ".")}]`;
}

/** 59s, 2:05, 1:02:03 */
function duration(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (seconds > 3600) return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return seconds > 60 ? `${minutes}:${two(seconds % 60)}` : `${seconds}s`;
}

function perStep(seconds: number): string {
  if (seconds >= 1) return `${Math.round(seconds)}s/step`;
  return seconds >= 1e-3 ? `${Math.round(seconds * 1e3)}ms/step` : `${Math.round(seconds * 1e6)}us/step`;
}
