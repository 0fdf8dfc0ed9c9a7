import { counted, decimals } from "../../ui/numbers.ts";
import type { PredictedInfo } from "../../worker/table/messages.ts";
import { Preview } from "./preview.tsx";
import {
  activity,
  discard,
  downloadModel,
  downloadPredicted,
  downloadTested,
  model,
  openModel,
  predicted,
  predictFile,
  predictPictures,
  troubles,
} from "./state.ts";

/** What can be done with a model: take it away, open another, predict with it. */
export function UsePanel() {
  const isBusy = activity.value !== undefined;
  const now = model.value;
  const takesPictures = now && ("score" in now ? "form" in now.score : now.inputs.length === 0);
  return (
    <section class="panel" aria-label="Use the model">
      <h2>Use the model</h2>
      <div class="table-fields">
        <label>
          Open a model
          <input
            type="file"
            accept=".safetensors"
            disabled={isBusy}
            onChange={async ({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file) await openModel(file);
              currentTarget.value = "";
            }}
          />
        </label>
        {takesPictures ? (
          <label>
            Predict pictures
            <input
              type="file"
              accept="image/*"
              multiple
              disabled={isBusy}
              onChange={async ({ currentTarget }) => {
                if (currentTarget.files?.length) await predictPictures([...currentTarget.files]);
                currentTarget.value = "";
              }}
            />
          </label>
        ) : (
          <label>
            Predict another file
            <input
              type="file"
              accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
              disabled={isBusy || !now}
              onChange={async ({ currentTarget }) => {
                const file = currentTarget.files?.[0];
                if (file) await predictFile(file);
                currentTarget.value = "";
              }}
            />
          </label>
        )}
      </div>
      <div class="table-run">
        <button type="button" disabled={isBusy || !now} onClick={downloadModel}>
          Download the model
        </button>
        <button type="button" disabled={isBusy || !now || !("score" in now)} onClick={downloadTested}>
          Download test predictions (CSV)
        </button>
        <button type="button" disabled={isBusy || !now} onClick={discard}>
          Discard the model
        </button>
      </div>
      {troubles.model.value && (
        <p class="table-trouble" role="alert">
          {troubles.model.value}
        </p>
      )}
      {predicted.value && <Predicted info={predicted.value} />}
    </section>
  );
}

function Predicted({ info }: { info: PredictedInfo }) {
  const { kind, name, rows, leftOut, unknown, score, header, preview } = info;
  const reason = kind === "table" ? "left without a prediction: empty cells" : "left out: no pictures";
  return (
    <>
      <h3>Predictions for {name}</h3>
      <p role="status">
        {counted(rows, "row")}
        {score && `, ${score.name} ${decimals(score.value, 4)}`}.
        {leftOut > 0 && ` ${counted(leftOut, kind === "table" ? "row" : "file")} ${reason}.`}
        {unknown > 0 && ` ${counted(unknown, "cell")} with a text that the model has not seen.`}
      </p>
      <Preview label="First predictions" header={header} rows={preview} />
      <button type="button" onClick={() => downloadPredicted(info)}>
        Download these predictions (CSV)
      </button>
    </>
  );
}
