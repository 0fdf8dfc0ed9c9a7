import { counted } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import type { TableInfo } from "../../worker/table/messages.ts";
import { type Column, manyValues } from "../../worker/table/suggest.ts";
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
      <Preview info={info} />
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

function Preview({ info }: { info: TableInfo }) {
  return (
    <ScrollBox label="First rows">
      <table class="table-cells">
        <thead>
          <tr>
            {info.columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {info.preview.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, c) => (
                <td key={info.columns[c]?.name} class={info.columns[c]?.type}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Inputs({ columns }: { columns: readonly Column[] }) {
  return (
    <ScrollBox label="Columns">
      <table class="table-columns">
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col">Type</th>
            <th scope="col">Values</th>
            <th scope="col">Empty</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, c) => (
            <InputRow key={column.name} column={column} c={c} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function InputRow({ column, c }: { column: Column; c: number }) {
  const { label, inputs } = choices.value;
  const isLabel = c === label;
  const toggle = (isInput: boolean) =>
    change({ inputs: isInput ? [...inputs, c].sort((a, b) => a - b) : inputs.filter((input) => input !== c) });
  return (
    <tr>
      <th scope="row">
        <label class="table-check">
          <input
            type="checkbox"
            checked={inputs.includes(c)}
            disabled={isLabel || !column.isUsable || activity.value !== undefined}
            onChange={({ currentTarget }) => toggle(currentTarget.checked)}
          />
          {column.name}
        </label>
      </th>
      <td>{column.type}</td>
      <td>{column.distinct === manyValues ? `${manyValues} or more` : column.distinct}</td>
      <td>{column.empty}</td>
      <td>{noteOf(column, isLabel, inputs.includes(c))}</td>
    </tr>
  );
}

function noteOf({ type, distinct, doubt, isUsable }: Column, isLabel: boolean, isInput: boolean): string {
  if (isLabel) return "is predicted";
  if (isInput) return type === "text" ? `${distinct} inputs, one for each value` : "";
  if (!doubt) return "left out";
  return isUsable ? `left out: ${doubt}` : `can't be an input: ${doubt}`;
}
