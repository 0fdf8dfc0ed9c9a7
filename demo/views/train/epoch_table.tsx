import { epochs } from "../../training.ts";
import { decimals } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";

const columns = ["loss", "acc", "val_loss", "val_acc"] as const;

/** What the curves show, in numbers. */
export function EpochTable() {
  return (
    <details class="panel">
      <summary>Table of epochs</summary>
      <ScrollBox label="Epochs">
        <table class="epochs">
          <thead>
            <tr>
              <th scope="col">epoch</th>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {epochs.value.map((logs, epoch) => (
              <tr key={epoch}>
                <th scope="row">{epoch + 1}</th>
                {columns.map((name) => (
                  <td key={name}>{logs[name] === undefined ? "" : decimals(logs[name], 4)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  );
}
