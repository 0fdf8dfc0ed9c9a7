import { useSignal } from "@preact/signals";
import { adapter } from "../../engine.ts";
import { type Chosen, chosenFolder, dropped } from "./files.ts";
import { activity, openExample, openModel, openPictures, openTable, reading, troubles } from "./state.ts";

const form = { side: 28, channels: 1 } as const;

/** Where tables and folders of pictures are dropped or chosen. */
export function OpenData() {
  const over = useSignal(false);
  const isOff = adapter.value === undefined || activity.value !== undefined;
  const take = async ({ name, files }: Chosen) => {
    const [first] = files;
    if (!first || isOff) return;
    if (first.file.name.endsWith(".safetensors")) await openModel(first.file);
    else if (files.length > 1 || first.folder || first.file.type.startsWith("image/")) {
      await openPictures(name, files, form);
    } else await openTable(first.file);
  };
  return (
    <fieldset
      class={`panel table-drop${over.value ? " over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={async (event) => {
        event.preventDefault();
        over.value = false;
        if (event.dataTransfer) await take(await dropped(event.dataTransfer));
      }}
    >
      <legend>Open data</legend>
      <p>
        Drop a table (CSV or TSV) here, or a folder with a folder of pictures for each class. Nothing leaves this
        machine.
      </p>
      <div class="table-fields">
        <label>
          CSV file
          <input
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
            disabled={isOff}
            onChange={async ({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file) await openTable(file);
              currentTarget.value = ""; // so that the same file can be chosen again
            }}
          />
        </label>
        <label>
          Folder of pictures
          <input
            type="file"
            {...{ webkitdirectory: true }}
            disabled={isOff}
            onChange={async ({ currentTarget }) => {
              if (currentTarget.files?.length) await take(chosenFolder(currentTarget.files));
              currentTarget.value = "";
            }}
          />
        </label>
        <button type="button" disabled={isOff} onClick={openExample}>
          Try 344 penguins
        </button>
      </div>
      <p class="quiet table-note" role="status">
        {activity.value === "reading" && reading.value
          ? `Reading: ${reading.value.done} of ${reading.value.total} pictures.`
          : activity.value === "reading"
            ? "Reading."
            : ""}
      </p>
      {troubles.data.value && (
        <p class="table-trouble" role="alert">
          {troubles.data.value}
        </p>
      )}
    </fieldset>
  );
}
