import { useSignal } from "@preact/signals";
import { engine, loading } from "../../engine.ts";
import { epochs, modelVersion, progress, settings } from "../../training.ts";
import { download } from "../../ui/download.ts";
import { historyCsv } from "./history_csv.ts";
import { openModel } from "./opening.ts";
import { Said } from "./said.tsx";

/** The model and its history as files, out of the page and into it. */
export function Files() {
  const said = useSignal("");
  const failure = useSignal("");
  const over = useSignal(false);
  const closed = progress.value !== undefined || loading.value.phase !== "ready";

  const attempt = async (work: () => Promise<string>) => {
    failure.value = said.value = "";
    try {
      said.value = await work();
    } catch (error) {
      failure.value = (error as Error).message;
    }
  };
  const save = () =>
    attempt(async () => {
      const bytes = await engine().session.save();
      const name = `mnist-${settings.value.loss}-${settings.value.outputDim}.safetensors`;
      download(name, [bytes as Uint8Array<ArrayBuffer>], "application/octet-stream");
      return `Saved ${name}, ${Math.ceil(bytes.length / 1000)} kB.`;
    });
  const open = (file: File | undefined) =>
    file &&
    attempt(async () => {
      await openModel(new Uint8Array(await file.arrayBuffer()));
      return `Opened ${file.name}.`;
    });

  return (
    <section
      class={`panel${over.value ? " over" : ""}`}
      aria-labelledby="files-title"
      onDragOver={() => {
        over.value = !closed;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        over.value = false;
        if (!closed) open(event.dataTransfer?.files[0]);
      }}
    >
      <h3 id="files-title">As files</h3>
      <p class="quiet">
        The model: safetensors, with the trained weights and the seed that draws the others again. The history: CSV,
        with loss and accuracy of every epoch.
      </p>
      <p class="row">
        <button type="button" disabled={modelVersion.value === 0} onClick={save}>
          Save the model
        </button>
        <button
          type="button"
          disabled={epochs.value.length === 0}
          onClick={() => download("mnist-history.csv", [historyCsv(epochs.value)], "text/csv")}
        >
          Save the history
        </button>
      </p>
      <label>
        Open a model, or drop its file here
        <input
          type="file"
          accept=".safetensors"
          disabled={closed}
          onChange={async ({ currentTarget }) => {
            await open(currentTarget.files?.[0]);
            currentTarget.value = ""; // so that the same file can be chosen again
          }}
        />
      </label>
      <Said words={said.value} failure={failure.value} />
    </section>
  );
}
