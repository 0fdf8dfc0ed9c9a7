import "../style/table.css";
import { OpenData } from "./table/open_data.tsx";
import { PicturesPanel } from "./table/pictures_panel.tsx";
import { OpenedPanel, ResultPanel } from "./table/result_panel.tsx";
import { data, model } from "./table/state.ts";
import { TablePanel } from "./table/table_panel.tsx";
import { TrainPanel } from "./table/train_panel.tsx";
import { UsePanel } from "./table/use_panel.tsx";

/** A model of the user's own table or pictures. */
export function TableView() {
  const info = data.value;
  return (
    <div class="table-view">
      <OpenData />
      {info?.kind === "table" && <TablePanel info={info} />}
      {info?.kind === "pictures" && <PicturesPanel info={info} />}
      {info && <TrainPanel />}
      {model.value &&
        ("score" in model.value ? <ResultPanel info={model.value} /> : <OpenedPanel info={model.value} />)}
      <UsePanel />
    </div>
  );
}
