import { modelVersion } from "../../training.ts";
import { ClassTable } from "../../ui/class_table.tsx";
import { ConfusionMatrix } from "../../ui/confusion_matrix.tsx";
import { decimals } from "../../ui/numbers.ts";
import { setFilter } from "./filter.ts";
import { failure, look, reading, report, stale } from "./reading.ts";

const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Which digits are taken for which. */
export function Matrix() {
  const { value } = report;
  return (
    <section class="panel matrix" aria-labelledby="matrix-title">
      <div class="head">
        <h2 id="matrix-title">10,000 digits it has not seen</h2>
        <button type="button" disabled={reading.value || modelVersion.value === 0} onClick={look}>
          Look now
        </button>
      </div>
      <p class="words" role="status">
        {words()}
      </p>
      {failure.value && <p role="alert">{failure.value}</p>}
      {value && (
        <>
          <ConfusionMatrix
            classNames={digits}
            report={value}
            onCell={(label, taken) => setFilter({ which: label === taken ? "all" : "mistakes", label, taken })}
          />
          <p class="quiet">Press a count to see its digits.</p>
          <ClassTable classNames={digits} report={value} />
        </>
      )}
    </section>
  );
}

function words(): string {
  if (!report.value) return reading.value ? "Looking at them." : "";
  const { accuracy, labels } = report.value;
  const wrong = Math.round((1 - accuracy) * labels.length);
  return `${decimals(accuracy, 4)} are right, ${wrong} are mistakes.${stale.value ? " The model has changed since." : ""}`;
}
