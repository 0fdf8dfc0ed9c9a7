import { useComputed, useSignal } from "@preact/signals";
import { proxy } from "comlink";
import type { ScaleTrial } from "../../../src/index.ts";
import { engine, loading } from "../../engine.ts";
import { progress, settings } from "../../training.ts";
import { Chart } from "../../ui/chart.tsx";
import { decimals } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import { accuracyOf, accuracyRange, geometric, roundsOf, withComparison } from "./trials.ts";

/** Scales that are tried. */
const count = 8;
/** What a search takes of the digits, of the features and of the epochs, so that it is quick on a software adapter, too. */
const rows = 10_000;
const mostFeatures = 2048;
const epochs = 8;

const colors = ["var(--quiet)", "var(--bad)", "var(--good)", "var(--accent)"] as const;

/** Accuracy against scale: eight machines trained side by side. */
export function Scales() {
  const searching = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  /** What was tried, rising, and what it came to. */
  const scales = useSignal<readonly number[]>([]);
  const trials = useSignal<readonly ScaleTrial[]>([]);
  /** The search's result, the best first. */
  const found = useSignal<readonly ScaleTrial[] | undefined>(undefined);
  /** The range; undefined follows the settings. */
  const given = useSignal<{ from?: number; to?: number }>({});

  const from = given.value.from ?? Number((settings.value.scale / 5).toPrecision(3));
  const to = given.value.to ?? Number((settings.value.scale * 2).toPrecision(3));
  const outputDim = Math.min(settings.value.outputDim, mostFeatures);
  const search = async () => {
    if (!(from < to)) {
      failure.value = "The first scale must be smaller than the last.";
      return;
    }
    searching.value = true;
    scales.value = geometric(from, to, count);
    trials.value = [];
    found.value = undefined;
    try {
      const all = await engine().look.searchScale(
        settings.peek(),
        { scales: scales.value, rows, outputDim, epochs },
        proxy((compared: readonly ScaleTrial[]) => {
          trials.value = withComparison(trials.value, compared);
        }),
      );
      trials.value = withComparison(trials.value, all); // with the best one as it is after the last epoch
      found.value = all;
      failure.value = undefined;
    } catch (error) {
      failure.value = (error as Error).message;
    } finally {
      searching.value = false;
    }
  };

  const rounds = useComputed(() => roundsOf(trials.value));
  const data = useComputed<[number[], ...(number | null)[][]]>(() => [
    [...scales.value],
    ...rounds.value.map((after) => scales.value.map((scale) => accuracyOf(trials.value, scale, after) ?? null)),
  ]);
  const tried = scales.value;
  const best = found.value?.[0];
  return (
    <section class="panel scales" aria-labelledby="scales-title">
      <h2 id="scales-title">Accuracy against scale</h2>
      <p class="quiet">
        {count} machines that differ in scale, trained side by side from one projection; the worse half leaves after 1,
        2 and 4 epochs. On the first {rows.toLocaleString("en")} digits, of which the last fifth judges, with D{" "}
        {outputDim} and the other settings of Train.
      </p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        <Bound name="From scale" value={from} onChange={(value) => (given.value = { ...given.value, from: value })} />
        <Bound name="To scale" value={to} onChange={(value) => (given.value = { ...given.value, to: value })} />
        <button type="submit" disabled={searching.value || loading.value.phase !== "ready"}>
          Search
        </button>
        <button type="button" disabled={!searching.value} onClick={() => engine().look.stopSearch()}>
          Stop
        </button>
        <button
          type="button"
          disabled={!best || searching.value || progress.value !== undefined}
          onClick={() => {
            settings.value = { ...settings.value, scale: best?.scale as number };
          }}
        >
          Use this scale
        </button>
      </form>
      <p class="words" role="status">
        {words(searching.value, trials.value, found.value)}
      </p>
      {failure.value && <p role="alert">{failure.value}</p>}
      <Chart
        label="Validation accuracy against scale; the table below has its figures"
        series={rounds.value.map((after, i) => ({
          name: after === 1 ? "after 1 epoch" : `after ${after} epochs`,
          color: colors[i % colors.length] as string,
          points: true,
        }))}
        data={data.value}
        xLabel="scale"
        xLog
        yRange={accuracyRange(trials.value)}
        {...(tried.length > 0 && { xTicks: tried, xRange: [tried[0], tried.at(-1)] as [number, number] })}
      />
      <ScrollBox label="Accuracy by scale">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">scale</th>
              {rounds.value.map((after) => (
                <th key={after} scope="col">
                  {after === 1 ? "1 epoch" : `${after} epochs`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {scales.value.map((scale) => (
              <tr key={scale} aria-current={scale === best?.scale ? "true" : undefined}>
                <th scope="row">{scale}</th>
                {rounds.value.map((after) => {
                  const accuracy = accuracyOf(trials.value, scale, after);
                  return <td key={after}>{accuracy === undefined ? "" : decimals(accuracy, 4)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}

function words(searching: boolean, trials: readonly ScaleTrial[], found: readonly ScaleTrial[] | undefined): string {
  const after = roundsOf(trials).at(-1);
  if (searching) return after ? `Compared after ${after} of ${epochs} epochs.` : "The first epoch runs.";
  if (!found) return "";
  const [best] = found;
  if (!best) return "Stopped before the first comparison.";
  return `Best: scale ${best.scale}, accuracy ${decimals(best.score, 4)} after ${best.epochs} epochs.`;
}

interface BoundProps {
  readonly name: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function Bound({ name, value, onChange }: BoundProps) {
  return (
    <label>
      {name}
      <input
        type="number"
        required
        min="0.01"
        step="any"
        value={value}
        onInput={({ currentTarget }) => {
          if (currentTarget.validity.valid) onChange(currentTarget.valueAsNumber);
        }}
      />
    </label>
  );
}
