import { computed } from "@preact/signals";
import { published } from "../../published.ts";
import { epochs, progress, settings, trainedWith } from "../../training.ts";
import { Chart, type ChartSeries } from "../../ui/chart.tsx";

type Rows = (number | null)[];

const keras = (name: string): ChartSeries => ({ name, color: "var(--quiet)", width: 1, dash: [4, 4] });
const training: ChartSeries = { name: "training", color: "var(--accent)" };
const validation: ChartSeries = { name: "validation", color: "var(--second)" };

/** Loss and accuracy along the epochs, beside those of the published Keras run. */
export function Curves() {
  const { loss, epochs: count } = trainedWith.value ?? settings.value;
  const isPublished = loss === "hinge"; // a loss of another kind is not to be compared
  const xRange: [number, number] = [0, Math.max(count, 2)];
  const common = { xLabel: "epoch", xRange, height: 240 };
  return (
    <div class="curves">
      <section class="panel" aria-label="Loss">
        <h2>Loss</h2>
        <Chart
          {...common}
          label="Loss of training and validation after each epoch; the numbers are in the table of epochs"
          series={isPublished ? [training, validation, keras("Keras, published (validation)")] : [training, validation]}
          data={isPublished ? lossCurves.value : (lossCurves.value.slice(0, 3) as typeof lossCurves.value)}
        />
      </section>
      <section class="panel" aria-label="Accuracy">
        <h2>Accuracy</h2>
        <Chart
          {...common}
          label="Accuracy of training and validation after each epoch; the numbers are in the table of epochs"
          series={[training, validation, keras("Keras, published (validation)")]}
          data={accuracyCurves.value}
        />
      </section>
    </div>
  );
}

const lossCurves = computed(() => curves("loss", published.val_loss));
const accuracyCurves = computed(() => curves("acc", published.val_acc));

/** Epochs and their values: [x, training, validation, published]. The epoch that runs is at its share of the way. */
function curves(metric: "loss" | "acc", publishedValues: readonly number[]): [number[], Rows, Rows, Rows] {
  const done = epochs.value;
  const now = progress.value;
  const whole = Math.max(done.length, publishedValues.length);
  const points = Array.from({ length: whole }, (_, epoch) => ({
    x: epoch + 1,
    training: done[epoch]?.[metric] ?? null,
    validation: done[epoch]?.[`val_${metric}`] ?? null,
    published: publishedValues[epoch] ?? null,
  }));
  const running = now?.logs[metric];
  if (now && running !== undefined && now.epoch === done.length) {
    const x = now.epoch + now.done / now.of;
    const at = points.findIndex((point) => point.x >= x);
    const point = { x, training: running, validation: null, published: null };
    if (points[at]?.x === x) Object.assign(points[at], { training: running });
    else points.splice(at < 0 ? points.length : at, 0, point);
  }
  return [
    points.map(({ x }) => x),
    points.map(({ training }) => training),
    points.map(({ validation }) => validation),
    points.map(({ published }) => published),
  ];
}
