import { useSignal } from "@preact/signals";
import { counted } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import { type Column, manyValues } from "../../worker/table/suggest.ts";
import { activity, change, choices } from "./state.ts";

/** Columns that are listed at first, and more of them with each click: a thousand would hold the page up. */
const listed = 40;

/** The columns of a table, each with what it holds and whether the model takes it. */
export function Inputs({ columns }: { columns: readonly Column[] }) {
  const count = useSignal(listed);
  return (
    <>
      <p class="quiet">{counted(choices.value.inputs.length, "column")} chosen as inputs.</p>
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
            {columns.slice(0, count.value).map((column, c) => (
              <InputRow key={column.name} column={column} c={c} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {columns.length > count.value && (
        <button
          type="button"
          onClick={() => {
            count.value += listed;
          }}
        >
          List {Math.min(listed, columns.length - count.value)} more of {columns.length} columns
        </button>
      )}
    </>
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
