// What the model makes of the test digits, and of which model that is.
import { computed, signal } from "@preact/signals";
import { engine } from "../../engine.ts";
import { modelVersion, progress } from "../../training.ts";
import type { LookReport } from "../../worker/look.ts";

/** The last report; undefined while there is none. */
export const report = signal<LookReport | undefined>(undefined);
/** Whether one is being made. */
export const reading = signal(false);
/** Why none could be made. */
export const failure = signal<string | undefined>(undefined);
/** The model's version that the report is of. */
const readVersion = signal(0);
export const stale = computed(() => modelVersion.value !== readVersion.value);

/** Whether steps are being made now; a paused training has time. */
export const training = computed(() => progress.value !== undefined && progress.value.phase !== "paused");
/** Whether reports would hold this training for long. */
const slow = signal(false);

/** How long a report may take that nobody asked for while a training runs, in milliseconds. */
const unasked = 300;

/** Makes a report. @param within milliseconds after which it is given up. */
async function make(within?: number): Promise<void> {
  if (reading.peek()) return;
  reading.value = true;
  const version = modelVersion.peek();
  try {
    const next = await engine().look.report(within);
    slow.value = next === "slow";
    if (next === "slow") return;
    // While features are computed a model has no answer; what it said before stays.
    if (next) report.value = next;
    readVersion.value = version;
    failure.value = undefined;
  } catch (error) {
    failure.value = (error as Error).message;
    readVersion.value = version; // not tried again until the model is another one
  } finally {
    reading.value = false;
  }
}

/** Makes a report, however long that takes. */
export const look = () => make();

/** Makes a report if the model has changed and nothing is held up by it. */
export function keepUp(): void {
  if (!training.value) slow.value = false;
  if (modelVersion.value === 0) {
    report.value = undefined;
    readVersion.value = 0;
  } else if (stale.value && !reading.value) {
    if (!training.value) void make();
    else if (!slow.value) void make(unasked);
  }
}
