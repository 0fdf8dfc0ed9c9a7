import { computed } from "@preact/signals";
import { engine } from "../../engine.ts";
import { bounds, choices, defaults, type Settings } from "../../settings.ts";
import { progress, settings } from "../../training.ts";
import { ChoiceField, NumberField, somethingRefused } from "../../ui/field.tsx";

/** The numbers, as the form calls them. */
const numbers = {
  outputDim: "Features D",
  scale: "Scale s",
  learningRate: "Learning rate",
  batchSize: "Batch size",
  epochs: "Epochs",
  rows: "Digits",
  seed: "Seed",
} as const satisfies { readonly [K in keyof Settings]?: string };

/** Whether a field holds what can't be taken. */
export const isRefused = computed(() =>
  somethingRefused(
    Object.fromEntries(
      Object.entries(numbers).map(([key, label]) => [label, settings.value[key as keyof typeof numbers]]),
    ),
  ),
);

function set(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
}

/** What a training is told. All but the learning rate stays as it is while one runs. */
export function SettingsForm() {
  const runs = progress.value !== undefined;
  const { kernel, featureMap, loss, cache } = settings.value;
  const number = (key: keyof typeof numbers) => (
    <NumberField
      label={numbers[key]}
      {...bounds[key]}
      value={settings.value[key]}
      disabled={runs && key !== "learningRate"}
      onValue={(value) => set({ [key]: value })}
      onSettled={key === "learningRate" && runs ? (rate) => engine().session.setLearningRate(rate) : undefined}
    />
  );
  const dense = kernel !== "gaussian";
  return (
    <section class="panel" aria-labelledby="settings-title">
      <div class="heading">
        <h2 id="settings-title">Settings</h2>
        <button
          type="button"
          disabled={runs}
          onClick={() => {
            settings.value = defaults;
          }}
        >
          The published example's
        </button>
      </div>
      <div class="fields">
        {number("outputDim")}
        {number("scale")}
        <ChoiceField
          label="Kernel"
          value={kernel}
          choices={choices.kernel}
          disabled={runs}
          onValue={(chosen) => set({ kernel: chosen, ...(chosen !== "gaussian" && { featureMap: "dense" }) })}
        />
        <ChoiceField
          label="Feature map"
          value={featureMap}
          choices={dense ? ["dense"] : choices.featureMap}
          disabled={runs}
          note={dense ? "others: gaussian only" : ""}
          onValue={(chosen) => set({ featureMap: chosen })}
        />
        <ChoiceField
          label="Loss"
          value={loss}
          choices={choices.loss}
          disabled={runs}
          onValue={(chosen) => set({ loss: chosen })}
        />
        {number("learningRate")}
        {number("batchSize")}
        {number("epochs")}
        {number("rows")}
        {number("seed")}
        <ChoiceField
          label="Cache of features"
          value={cache}
          choices={choices.cache}
          disabled={runs}
          note={cache === "off" ? "computed in each epoch" : ""}
          onValue={(chosen) => set({ cache: chosen })}
        />
      </div>
    </section>
  );
}
