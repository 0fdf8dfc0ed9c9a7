import { lost } from "../engine.ts";
import { goOn, interrupted, openAgain, progress, resumable, settings } from "../training.ts";

/** What to do when the GPU is gone: said above every view, since all work on it. */
export function Lost() {
  // A training that ran on it first tells how much of it is kept.
  if (lost.value === undefined || progress.value !== undefined) return null;
  const done = resumable.value ?? 0;
  const further = interrupted.value && done < settings.value.epochs;
  return (
    <p role="alert" class="lost panel">
      The GPU was lost ({lost.value}).{" "}
      <button type="button" onClick={further ? goOn : openAgain}>
        {further ? `Go on from epoch ${done + 1}` : "Open it again"}
      </button>
    </p>
  );
}
