import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { engine, loading } from "../../engine.ts";
import type { Settings } from "../../settings.ts";
import { settings } from "../../training.ts";
import { Chart } from "../../ui/chart.tsx";
import { decimals } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import type { KernelError } from "../../worker/approximation.ts";
import { training } from "./reading.ts";

/** Settings have come to rest when nothing has changed for so long. */
const restMilliseconds = 800;

const series = [
  { name: "mean error", color: "var(--accent)", points: true },
  { name: "95 of 100 pairs are below", color: "var(--bad)", points: true },
  { name: "mean expected of independent directions: as 1/√D", color: "var(--quiet)", width: 1 },
];

/** Marks of D: powers of 4, which have room on a phone, too. */
const ticks = [16, 64, 256, 1024, 4096, 16_384];

/** How far the random features' kernel is from the exact one. */
export function Approximation({ shown }: { shown: ReadonlySignal<boolean> }) {
  const errors = useSignal<readonly KernelError[]>([]);
  const measuring = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  const measured = useSignal("");
  const described = useComputed(() => describe(settings.value));

  const measure = async () => {
    if (measuring.peek()) return;
    measuring.value = true;
    measured.value = described.peek();
    try {
      errors.value = await engine().look.approximation(settings.peek());
      failure.value = undefined;
    } catch (error) {
      errors.value = [];
      failure.value = (error as Error).message;
    } finally {
      measuring.value = false;
    }
  };
  useSignalEffect(() => {
    const due = shown.value && loading.value.phase === "ready" && !training.value && !measuring.value;
    if (!due || measured.value === described.value) return;
    const timer = setTimeout(measure, restMilliseconds);
    return () => clearTimeout(timer);
  });

  const data = useComputed<[number[], number[], number[], number[]]>(() => [
    errors.value.map(({ features }) => features),
    errors.value.map(({ mean }) => mean),
    errors.value.map(({ high }) => high),
    errors.value.map(({ expected }) => expected),
  ]);
  const last = errors.value.at(-1);
  return (
    <section class="panel approximation" aria-labelledby="approximation-title">
      <div class="head">
        <h2 id="approximation-title">How close the features come to the kernel</h2>
        <button type="button" disabled={measuring.value || loading.value.phase !== "ready"} onClick={measure}>
          Measure
        </button>
      </div>
      <p class="quiet">
        In place of the kernel of two digits the model works with (2/D) z·z′ of their D random features. This is how far
        the one is from the other on 100 test digits, 4,950 pairs.
      </p>
      <p class="words" role="status">
        {measuring.value ? "Measuring." : last && `${measured.value}: off by ${decimals(last.mean, 4)} on average.`}
      </p>
      {failure.value && <p role="alert">{failure.value}</p>}
      <Chart
        label="Error of the approximated kernel against the number of features D; the table below has its figures"
        series={series}
        data={data.value}
        xLabel="D"
        xLog
        xTicks={ticks}
        xRange={[16, Math.max(last?.features ?? 0, 64)]}
        yLog
      />
      <ScrollBox label="Errors by number of features">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">D</th>
              <th scope="col">mean error</th>
              <th scope="col">95 of 100 below</th>
              <th scope="col">expected</th>
            </tr>
          </thead>
          <tbody>
            {errors.value.map(({ features, mean, high, expected }) => (
              <tr key={features}>
                <th scope="row">{features}</th>
                <td>{decimals(mean, 4)}</td>
                <td>{decimals(high, 4)}</td>
                <td>{decimals(expected, 4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}

function describe({ kernel, scale, featureMap, outputDim, seed }: Settings): string {
  return `${kernel} kernel, scale ${scale}, ${featureMap} directions, D ${outputDim}, seed ${seed}`;
}
