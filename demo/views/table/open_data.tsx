import { useSignal } from "@preact/signals";
import { adapter } from "../../engine.ts";
import { counted } from "../../ui/numbers.ts";
import { chosenFolder, dropped } from "./files.ts";
import { activity, open, openExample, reading, troubles } from "./state.ts";

/** Where tables and folders of pictures are dropped or chosen. */
export function OpenData() {
  const over = useSignal(false);
  const isOff = adapter.value === undefined || activity.value !== undefined;
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
        if (event.dataTransfer && !isOff) await open(dropped(event.dataTransfer));
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
              if (file) await open({ name: file.name, files: [{ file, folder: "" }] });
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
              if (currentTarget.files?.length) await open(chosenFolder(currentTarget.files));
              currentTarget.value = "";
            }}
          />
        </label>
        <button type="button" disabled={isOff} onClick={openExample}>
          Try 344 penguins
        </button>
      </div>
      <p class="quiet table-note" role="status">
        {activity.value === "reading" &&
          (reading.value > 0 ? `Reading: ${counted(reading.value, "file")}.` : "Reading.")}
      </p>
      {troubles.data.value && (
        <p class="table-trouble" role="alert">
          {troubles.data.value}
        </p>
      )}
    </fieldset>
  );
}
