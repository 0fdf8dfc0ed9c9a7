import { computed } from "@preact/signals";
import { engine, loading, lost } from "../../engine.ts";
import {
  goOn,
  interrupted,
  modelVersion,
  outcome,
  progress,
  reset,
  resumable,
  settings,
  train,
  trouble,
} from "../../training.ts";
import { decimals } from "../../ui/numbers.ts";
import { isRefused } from "./settings_form.tsx";

/** True while a training could begin. */
const isIdle = computed(
  () => progress.value === undefined && loading.value.phase === "ready" && lost.value === undefined,
);

/** Epochs that are done, where the model could be trained further. */
const further = computed(() => {
  const done = resumable.value;
  return done !== undefined && done < settings.value.epochs ? done : undefined;
});

/** What can be done to a training, and what it does. */
export function Controls() {
  const phase = progress.value?.phase;
  const isPaused = phase === "paused";
  const steps = phase === "training" || isPaused;
  const isThere = modelVersion.value > 0 || outcome.value !== undefined || interrupted.value;
  return (
    <div class="panel controls">
      <div class="buttons">
        <button type="button" class="primary" disabled={!isIdle.value || isRefused.value} onClick={train}>
          Train
        </button>
        <button
          type="button"
          disabled={!steps}
          onClick={() => (isPaused ? engine().session.resume() : engine().session.pause())}
        >
          {isPaused ? "Resume" : "Pause"}
        </button>
        <button type="button" disabled={!steps} onClick={() => engine().session.step()}>
          Step
        </button>
        <button
          type="button"
          disabled={phase === undefined || phase === "testing"}
          onClick={() => engine().session.stop()}
        >
          Stop
        </button>
        <button type="button" disabled={phase === undefined && !isThere} onClick={reset}>
          Reset
        </button>
        <button type="button" disabled={!isIdle.value || further.value === undefined} onClick={goOn}>
          Go on
        </button>
      </div>
      <p class="phase" role="status">
        {phaseWords()}
      </p>
      <div class="alerts">
        {/* A lost device is said above all views. */}
        {lost.value === undefined && trouble.value && <p role="alert">{trouble.value}</p>}
      </div>
    </div>
  );
}

/** Read aloud, so it changes with phases and epochs, not with steps. */
function phaseWords(): string {
  const now = progress.value;
  if (now) {
    const epoch = `epoch ${now.epoch + 1} of ${settings.value.epochs}`;
    const words = {
      preparing: "Preparing.",
      features: "Computing the features, once for all epochs.",
      training: `Training: ${epoch}.`,
      paused: `Paused in ${epoch}.`,
      testing: "Testing on 10,000 digits that were not trained on.",
    };
    return words[now.phase];
  }
  if (interrupted.value) return "The training was interrupted.";
  const ended = outcome.value;
  if (!ended) return modelVersion.value > 0 ? "A model is open." : "Press Train.";
  if (!ended.test) return "Stopped before anything was learned.";
  const seconds = ended.seconds.features + ended.seconds.train;
  const accuracy = `Test accuracy ${decimals(ended.test.acc as number, 4)}`;
  const plural = ended.epochs === 1 ? "epoch" : "epochs";
  return `${accuracy} after ${ended.epochs} ${plural}, trained in ${seconds.toFixed(1)} s.`;
}
