import { counted } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";

interface Props {
  readonly label: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** More columns than these, the first and the last, are too many to be looked at. */
const [first, last] = [20, 10];

/** A few rows of text. */
export function Preview({ label, header, rows }: Props) {
  const shown = header.map((name, c) => ({ name, c })).filter(({ c }) => c < first || c >= header.length - last);
  const hidden = header.length - shown.length;
  return (
    <>
      <ScrollBox label={label}>
        <table class="table-cells">
          <thead>
            <tr>
              {shown.map(({ name, c }) => (
                <th key={c} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row}>
                {shown.map(({ c }) => (
                  <td key={c}>{cells[c]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {hidden > 0 && (
        <p class="quiet">
          {counted(hidden, "more column")} behind the first {first}.
        </p>
      )}
    </>
  );
}
