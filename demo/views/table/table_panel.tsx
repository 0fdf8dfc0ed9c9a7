import { counted } from "../../ui/numbers.ts";
import type { TableInfo } from "../../worker/table/messages.ts";
import { Inputs } from "./inputs.tsx";
import { Preview } from "./preview.tsx";
import { activity, change, changeLabel, changeTask, choices, setHeader } from "./state.ts";

/** What a table holds, and which of its columns are learned from. */
export function TablePanel({ info }: { info: TableInfo }) {
  const { label, empties, task } = choices.value;
  const isBusy = activity.value !== undefined;
  return (
    <section class="panel" aria-label="The table">
      <h2>{info.name}</h2>
      <p>
        {counted(info.rows, "row")}, {counted(info.columns.length, "column")}.
      </p>
      <Preview label="First rows" header={info.columns.map(({ name }) => name)} rows={info.preview} />
      <div class="table-fields">
        <label>
          Predict the column
          <select
            value={label}
            disabled={isBusy}
            onChange={({ currentTarget }) => changeLabel(info.columns, Number(currentTarget.value))}
          >
            {info.columns.map(({ name }, c) => (
              <option key={name} value={c}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Predict it as
          <select
            value={task}
            disabled={isBusy || info.columns[label]?.type === "text"}
            onChange={({ currentTarget }) => changeTask(currentTarget.value as typeof task)}
          >
            <option value="classification">one of some classes</option>
            <option value="regression">a number</option>
          </select>
        </label>
        <label>
          Rows with empty cells
          <select
            value={empties}
            disabled={isBusy}
            onChange={({ currentTarget }) => change({ empties: currentTarget.value as typeof empties })}
          >
            <option value="drop">are left out</option>
            <option value="fill">take the column's mean</option>
          </select>
        </label>
        <label class="table-check">
          <input
            type="checkbox"
            checked={info.header}
            disabled={isBusy}
            onChange={({ currentTarget }) => setHeader(currentTarget.checked)}
          />
          First line holds the names
        </label>
      </div>
      <Inputs columns={info.columns} />
    </section>
  );
}
