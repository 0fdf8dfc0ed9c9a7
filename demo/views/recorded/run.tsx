import recorded from "../../recorded.json" with { type: "json" };
import { Chart } from "../../ui/chart.tsx";
import { ConfusionMatrix } from "../../ui/confusion_matrix.tsx";
import { decimals } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";

const { adapter, confusionMatrix, date, history, runtime, seconds, test } = recorded;
const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));
const epochNumbers = history.loss.map((_, epoch) => epoch + 1);
const support = confusionMatrix.map((counts) => counts.reduce((sum, count) => sum + count, 0));
const training = "var(--accent)";
const validation = "var(--good)";

/** One training of the published example, as it went on another machine. */
export function Run() {
  const day = new Date(date).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });
  return (
    <section class="panel recording" aria-labelledby="recording-title">
      <h2 id="recording-title">A recording, not computed here</h2>
      <p>
        Recorded on {day} in {runtime} on {adapter.name}
        {adapter.isSoftware && ", a software adapter"}: the published example, 20 epochs over 48,000 digits with 12,000
        held out, in {Math.round(seconds.total)} seconds. Of 10,000 digits that it had not seen,{" "}
        <strong>{decimals(test.acc, 4)}</strong> are told right.
      </p>
      <div class="charts">
        <Chart
          label="Recorded loss by epoch"
          series={[
            { name: "recorded loss", color: training },
            { name: "recorded validation loss", color: validation },
          ]}
          data={[epochNumbers, history.loss, history.val_loss]}
          xLabel="epoch"
        />
        <Chart
          label="Recorded accuracy by epoch"
          series={[
            { name: "recorded accuracy", color: training },
            { name: "recorded validation accuracy", color: validation },
          ]}
          data={[epochNumbers, history.acc, history.val_acc]}
          xLabel="epoch"
        />
      </div>
      <details>
        <summary>The numbers</summary>
        <Numbers />
      </details>
      <h3>What it took the 10,000 digits for, as recorded</h3>
      <ConfusionMatrix classNames={classNames} report={{ confusionMatrix, support }} />
    </section>
  );
}

function Numbers() {
  const columns = Object.entries(history);
  return (
    <ScrollBox label="Recorded numbers by epoch">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">epoch</th>
            {columns.map(([name]) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {epochNumbers.map((epoch) => (
            <tr key={epoch}>
              <th scope="row">{epoch}</th>
              {columns.map(([name, values]) => (
                <td key={name}>{decimals(values[epoch - 1] as number, 4)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
