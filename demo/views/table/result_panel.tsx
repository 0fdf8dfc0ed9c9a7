import { ClassTable } from "../../ui/class_table.tsx";
import { ConfusionMatrix } from "../../ui/confusion_matrix.tsx";
import { counted, decimals } from "../../ui/numbers.ts";
import type { ClassScore, NumberScore, OpenedInfo, TrainedInfo } from "../../worker/table/messages.ts";
import { Picture } from "./picture.tsx";
import { Scatter } from "./scatter.tsx";

/** What came of a training. */
export function ResultPanel({ info }: { info: TrainedInfo }) {
  const { name, label, rows, width, gamma, seconds, epochs, stopped, score } = info;
  return (
    <section class="panel" aria-label="Result">
      <h2>
        {label} of {name}
      </h2>
      {score.task === "classification" ? <ClassFigures score={score} /> : <NumberFigures score={score} />}
      <p class="quiet">
        Trained on {counted(rows.train, "row")} of {counted(width, "number")} in {seconds.toFixed(1)} s:{" "}
        {counted(epochs, "epoch")}
        {stopped && ", stopped before the end"}, gamma {gamma.toPrecision(3)}. Tested on{" "}
        {counted(rows.test, "other row")}
        {rows.leftOut > 0 && `; left out for empty cells: ${counted(rows.leftOut, "row")}`}.
      </p>
      {score.task === "classification" ? <Classes score={score} /> : <Scatter {...score} label={label} />}
    </section>
  );
}

function ClassFigures({ score: { report, majority } }: { score: ClassScore }) {
  return (
    <dl class="table-figures">
      <div>
        <dt>Test accuracy</dt>
        <dd>{decimals(report.accuracy, 4)}</dd>
      </div>
      <div>
        <dt>Always the commonest class</dt>
        <dd>{decimals(majority, 4)}</dd>
      </div>
      <div>
        <dt>Macro F1</dt>
        <dd>{decimals(report.macroF1, 4)}</dd>
      </div>
    </dl>
  );
}

function NumberFigures({ score: { r2, meanError } }: { score: NumberScore }) {
  return (
    <dl class="table-figures">
      <div>
        <dt>Test R2</dt>
        <dd>{decimals(r2, 4)}</dd>
      </div>
      <div>
        <dt>Always the mean</dt>
        <dd>{decimals(0, 4)}</dd>
      </div>
      <div>
        <dt>Mean error</dt>
        <dd>{meanError.toPrecision(4)}</dd>
      </div>
    </dl>
  );
}

function Classes({ score: { classNames, report, form, mistakes } }: { score: ClassScore }) {
  return (
    <>
      <div class="table-classes">
        <ConfusionMatrix classNames={classNames} report={report} />
        <ClassTable classNames={classNames} report={report} />
      </div>
      {form && mistakes.length > 0 && (
        <>
          <h3>Mistakes, the surest first</h3>
          <ul class="table-mistakes">
            {mistakes.map(({ file, pixels, label, predicted }, i) => (
              <li key={i}>
                <Picture form={form} pixels={pixels} label={file} />
                <span>
                  {label} taken for {predicted}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** What a model from a file predicts, and from what. */
export function OpenedPanel({ info: { name, estimator, label, classes, inputs } }: { info: OpenedInfo }) {
  return (
    <section class="panel" aria-label="Opened model">
      <h2>{name}</h2>
      <p>
        A {estimator} that predicts {label}
        {classes.length > 0 && ` (${classes.join(", ")})`} from {inputs.length > 0 ? inputs.join(", ") : "pictures"}.
      </p>
    </section>
  );
}
