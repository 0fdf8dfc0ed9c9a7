// The points as text.
import { useSignal } from "@preact/signals";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import { points } from "./state.ts";

export function PointTable() {
  const isOpen = useSignal(false);
  return (
    <details
      class="panel plane-table"
      onToggle={({ currentTarget: { open } }) => {
        isOpen.value = open;
      }}
    >
      <summary>Points as a table</summary>
      {isOpen.value && (
        <ScrollBox label="Points">
          <table>
            <thead>
              <tr>
                <th scope="col">Class</th>
                <th scope="col">x</th>
                <th scope="col">y</th>
              </tr>
            </thead>
            <tbody>
              {points.value.map(({ x, y, label }, i) => (
                <tr key={i}>
                  <td>{label + 1}</td>
                  <td>{x.toFixed(4)}</td>
                  <td>{y.toFixed(4)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </details>
  );
}
