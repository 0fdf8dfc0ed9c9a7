import type { ComponentChildren } from "preact";
import { noGpu } from "../../engine.ts";
import { decimals } from "../../ui/numbers.ts";
import type { Choices, TableProgress } from "../../worker/table/messages.ts";
import { type Method, methodsOf } from "../../worker/table/methods.ts";
import { activity, change, changeMethod, choices, progress, stop, train, troubles } from "./state.ts";

const methodNames: Readonly<Record<Method, string>> = {
  svc: "support vectors (QuasiSVC)",
  logistic: "logistic regression, with probabilities",
  ridge: "ridge (QuasiRidge)",
  svr: "support vectors (QuasiSVR)",
};

/** How a model is trained on what is open. */
export function TrainPanel() {
  const { task, method, kernel, gamma, epochs } = choices.value;
  const isBusy = activity.value !== undefined;
  return (
    <section class="panel" aria-label="Training on your data">
      <h2>Train</h2>
      <fieldset class="table-fields" disabled={isBusy}>
        <legend class="quiet">Settings</legend>
        <label>
          Method
          <select value={method} onChange={({ currentTarget }) => changeMethod(currentTarget.value as Method)}>
            {methodsOf[task].map((name) => (
              <option key={name} value={name}>
                {methodNames[name]}
              </option>
            ))}
          </select>
        </label>
        <NumberField name="nComponents" label="Random features (D)" min={1} step={1} />
        {method === "ridge" ? (
          <NumberField name="alpha" label="Regularization (alpha)" min={0} />
        ) : (
          <NumberField name="C" label="C, the weight of errors" min={0} />
        )}
        {method === "svr" && <NumberField name="epsilon" label="Errors that are free (epsilon)" min={0} />}
        <label>
          Kernel
          <select
            value={kernel}
            onChange={({ currentTarget }) => change({ kernel: currentTarget.value as typeof kernel })}
          >
            <option>gaussian</option>
            <option>laplacian</option>
          </select>
        </label>
        <label>
          Gamma
          <select
            value={typeof gamma === "number" ? "number" : gamma}
            onChange={({ currentTarget: { value } }) =>
              change({ gamma: value === "number" ? 0.1 : (value as "scale" | "median") })
            }
          >
            <option value="scale">by the variance (scale)</option>
            <option value="median">by the median distance (median)</option>
            <option value="number">a number</option>
          </select>
        </label>
        {typeof gamma === "number" && <NumberField name="gamma" label="Gamma's number" min={0} />}
        <label>
          Epochs
          <input
            type="text"
            inputMode="numeric"
            size={6}
            value={epochs}
            onChange={({ currentTarget: { value } }) =>
              change({ epochs: value.trim() === "auto" || value.trim() === "" ? "auto" : Number(value) })
            }
          />
        </label>
        <label>
          Rows that test
          <select
            value={choices.value.testShare}
            onChange={({ currentTarget }) => change({ testShare: Number(currentTarget.value) })}
          >
            <option value={0.1}>a tenth</option>
            <option value={0.2}>a fifth</option>
            <option value={0.25}>a quarter</option>
            <option value={0.5}>half</option>
          </select>
        </label>
        <NumberField name="seed" label="Seed" min={0} step={1} />
      </fieldset>
      <Run isBusy={isBusy} />
      {troubles.training.value && (
        <p class="table-trouble" role="alert">
          {troubles.training.value}
        </p>
      )}
    </section>
  );
}

function Run({ isBusy }: { isBusy: boolean }) {
  const isTraining = activity.value === "training";
  const now = progress.value;
  return (
    <div class="table-run">
      <button type="button" class="primary" disabled={isBusy || noGpu.value !== undefined} onClick={train}>
        Train on this data
      </button>
      <button type="button" disabled={!isTraining} onClick={stop}>
        Stop this training
      </button>
      <progress aria-label="Epochs that are done" max={1} value={partOf(now)} />
      <span class="quiet table-now">{isTraining && inWords(now)}</span>
    </div>
  );
}

function partOf(now: TableProgress | undefined): number {
  if (!now) return 0;
  return now === "testing" ? 1 : now.epoch / now.epochs;
}

function inWords(now: TableProgress | undefined): string {
  if (!now) return "Preparing";
  if (now === "testing") return "Testing";
  const { epoch, epochs, loss, secondsLeft } = now;
  return `Epoch ${epoch + 1} of ${epochs}, loss ${decimals(loss, 4)}, ${secondsLeft.toFixed(0)} s left`;
}

type NumberName = { [Name in keyof Choices]: number extends Choices[Name] ? Name : never }[keyof Choices];

/** What can't be used is said by the library when it trains. */
function NumberField(props: {
  readonly name: NumberName;
  readonly label: ComponentChildren;
  readonly min: number;
  readonly step?: number;
}) {
  const { name, label, min, step = "any" } = props;
  return (
    <label>
      {label}
      <input
        type="number"
        min={min}
        step={step}
        value={choices.value[name]}
        onChange={({ currentTarget }) => change({ [name]: currentTarget.valueAsNumber })}
      />
    </label>
  );
}
