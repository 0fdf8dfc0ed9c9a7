// How often each class was taken for each other one.
import "../style/confusion_matrix.css";
import type { ClassificationReport } from "../../src/index.ts";
import { ScrollBox } from "./scroll_box.tsx";

interface Props {
  readonly classNames: readonly string[];
  readonly report: Pick<ClassificationReport, "confusionMatrix" | "support">;
  /** Makes cells with rows in them buttons; called with the indices of two classes. */
  readonly onCell?: (label: number, predicted: number) => void;
}

/** A row for each true class, a column for each predicted one; the shade is the share of the row. */
export function ConfusionMatrix({ classNames, report: { confusionMatrix, support }, onCell }: Props) {
  return (
    <ScrollBox label="Confusion matrix">
      <table class="confusion-matrix">
        <caption>Rows: what it is. Columns: what it was taken for.</caption>
        <thead>
          <tr>
            <td />
            {classNames.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusionMatrix.map((counts, label) => (
            <tr key={classNames[label]}>
              <th scope="row">{classNames[label]}</th>
              {counts.map((count, predicted) => (
                <td
                  key={classNames[predicted]}
                  class={label === predicted ? "right" : "wrong"}
                  style={{ "--share": count / (support[label] || 1) }}
                >
                  {onCell && count > 0 ? (
                    <button
                      type="button"
                      aria-label={`${count} of ${classNames[label]} taken for ${classNames[predicted]}`}
                      onClick={() => onCell(label, predicted)}
                    >
                      {count}
                    </button>
                  ) : (
                    count
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
