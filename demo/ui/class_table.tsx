import "../style/class_table.css";
import type { ClassificationReport } from "../../src/index.ts";
import { ScrollBox } from "./scroll_box.tsx";

interface Props {
  readonly classNames: readonly string[];
  readonly report: Pick<ClassificationReport, "precision" | "recall" | "f1" | "support">;
}

/** Precision, recall and F1 of each class. */
export function ClassTable({ classNames, report }: Props) {
  return (
    <ScrollBox label="Figures by class">
      <table class="class-table">
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col">precision</th>
            <th scope="col">recall</th>
            <th scope="col">F1</th>
            <th scope="col">rows</th>
          </tr>
        </thead>
        <tbody>
          {classNames.map((name, label) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{report.precision[label]?.toFixed(4)}</td>
              <td>{report.recall[label]?.toFixed(4)}</td>
              <td>{report.f1[label]?.toFixed(4)}</td>
              <td>{report.support[label]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
