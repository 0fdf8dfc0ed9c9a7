import { epochs } from "../../training.ts";
import { download } from "../../ui/download.ts";
import { historyCsv } from "./history_csv.ts";

/** Losses and accuracies by epoch, as a table for other programs. */
export function History() {
  return (
    <section class="panel" aria-labelledby="history-title">
      <h3 id="history-title">The history</h3>
      <p class="quiet">Loss and accuracy of every epoch, as CSV.</p>
      <p class="row">
        <button
          type="button"
          disabled={epochs.value.length === 0}
          onClick={() => download("mnist-history.csv", [historyCsv(epochs.value)], "text/csv")}
        >
          Save the history
        </button>
      </p>
    </section>
  );
}
