import { useSignal } from "@preact/signals";
import { proxy } from "comlink";
import { engine, loading } from "../engine.ts";
import { epochs, modelVersion, outcome, settings } from "../training.ts";
import { TakeAway } from "./take_away.tsx";

export function TrainView() {
  const busy = useSignal(false);
  const train = async () => {
    busy.value = true;
    epochs.value = [];
    try {
      outcome.value = await engine().session.train(
        settings.value,
        proxy({
          onProgress: () => {},
          onEpoch: (_: number, logs: Readonly<Record<string, number>>) => {
            epochs.value = [...epochs.value, logs];
            modelVersion.value++;
          },
        }),
      );
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <button type="button" disabled={busy.value || loading.value.phase !== "ready"} onClick={train}>
        Train
      </button>
      <ol>
        {epochs.value.map((logs, epoch) => (
          <li key={epoch}>{Object.entries(logs).map(([name, value]) => `${name} ${value.toFixed(4)} `)}</li>
        ))}
      </ol>
      <TakeAway />
    </>
  );
}
