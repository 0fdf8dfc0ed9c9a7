// shaders/metrics.wgsl against test/twins/metrics.ts, the last, smaller minibatch included.
import { lossKernel, metricKinds, type RowMetric } from "../../src/nn/kernels/losses.ts";
import { assertWithin, epsilon, sumBound } from "../twins/bounds.ts";
import { oneHot, signed } from "../twins/losses.ts";
import { matrix, numbers, padded32, up4, vector } from "../twins/matrix.ts";
import * as twin from "../twins/metrics.ts";
import { type Context, test } from "./harness.ts";
import { runKernels, samples, state, untouched } from "./run_kernel.ts";

const twins: Record<Exclude<RowMetric["kind"], "predicted_class" | "r2_score">, (option: number) => twin.MetricTwin> = {
  categorical_accuracy: () => twin.categoricalAccuracy,
  top_k_accuracy: twin.topK,
  binary_accuracy: twin.binaryAccuracy,
  hinge: () => twin.hinge,
  squared_error: () => twin.squaredError,
  absolute_error: () => twin.absoluteError,
};

/** Every kind at once, each with its constant. */
const all: RowMetric[] = metricKinds.map((kind) => ({
  kind,
  option: kind === "top_k_accuracy" ? 3 : kind === "binary_accuracy" || kind === "predicted_class" ? 0.25 : 0,
}));

const shapes = [
  { batch: 1, rowCount: 1, step: 0, classes: 1 },
  { batch: 5, rowCount: 17, step: 3, classes: 1 },
  { batch: 65, rowCount: 131, step: 2, classes: 2 },
  { batch: 33, rowCount: 64, step: 1, classes: 10 },
  { batch: 63, rowCount: 127, step: 1, classes: 65 },
];

for (const form of ["labels", "one-hot", "values"] as const) {
  test(`metrics: every kind for rows at ragged sizes, targets as ${form}`, async ({ gpu }) => {
    for (const [i, shape] of shapes.entries()) {
      for (const isSigned of [true, false]) await checkRows(gpu, form, shape, isSigned, i);
    }
  });
}

/** Rows are drawn where no accuracy is about to change: for them the twin has to be met exactly. */
async function checkRows(
  gpu: Context["gpu"],
  form: "labels" | "one-hot" | "values",
  { batch, rowCount, step, classes }: (typeof shapes)[number],
  isSigned: boolean,
  seed: number,
) {
  const draw = numbers(100 + seed);
  // The set is a part of the rows that there are targets for.
  const targetRows = rowCount + 2;
  const labels = vector(targetRows, () => Math.floor(((draw() + 1) / 2) * classes));
  const targets = labels.map((c) => (form === "values" ? vector(classes, () => 2 * draw()) : oneHot(c, classes)));
  const table = vector(rowCount, (i) => ({ targetRow: (i * 7 + 3) % targetRows, weight: draw(), signed: isSigned }));
  const logits = matrix(up4(batch), classes, () => 2 * draw());
  const inverse = vector(classes, (c) => (c % 3 === 2 ? 0 : Math.fround(1 + c / 7)));
  const kinds = form === "labels" ? all.filter(({ kind }) => kind !== "r2_score") : all;
  const width = 1 + kinds.length;
  const after = await runKernels(
    gpu,
    {
      state: state({ step, rowCount }),
      samples: samples(table),
      logits: padded32(logits),
      gradient: new Float32Array(up4(batch) * up4(classes)),
      outcomes: new Float32Array((rowCount + 1) * width).fill(untouched),
      parameters: new Float32Array(4),
      ...(form === "labels" ? { labels: Uint32Array.from(labels) } : { targets: padded32([...targets, inverse]) }),
    },
    [
      {
        kernel: lossKernel("mean_squared_error", form === "labels" ? "labels" : "dense", false, kinds),
        uniforms: {
          params: {
            batch,
            rows: up4(batch),
            classes,
            stride: up4(classes),
            slices: 0,
            bias: 0,
            targetRows,
            constant: 0,
          },
        },
        workgroups: [Math.ceil(batch / 32), 1, 1],
      },
    ],
  );
  const first = step * batch;
  const label = JSON.stringify({ batch, rowCount, step, classes, form, isSigned });
  for (const [m, { kind, option }] of kinds.entries()) {
    const wanted = vector(rowCount + 1, (i) => {
      if (i < first || i >= Math.min(first + batch, rowCount)) return untouched;
      const p = logits[i - first]!.map(Math.fround);
      const y = targets[table[i]!.targetRow]!;
      if (kind === "predicted_class") return classes === 1 ? Number(p[0]! > option) : twin.argmax(p);
      if (kind === "r2_score") {
        const terms = p.map((value, c) => (inverse[c] ? 1 - (value - y[c]!) ** 2 * inverse[c]! : 0));
        return terms.reduce((a, b) => a + b) / classes;
      }
      return twins[kind](option).row(p, kind === "hinge" && isSigned ? signed(y) : y);
    });
    const got = vector(rowCount + 1, (i) => after.outcomes[i * width + 1 + m]!);
    // Terms of at most 16 times the largest inverse variance.
    const bound = kind.endsWith("accuracy") || kind === "predicted_class" ? epsilon : sumBound(classes) * 16 * 11;
    assertWithin(got, wanted, bound, `${kind}, ${label}`);
  }
}

test("metrics: ties and thresholds: the first of equals is the prediction, and a threshold is not above itself", async ({
  gpu,
}) => {
  const row = async (p: number[], y: number[], kinds: RowMetric[]) => {
    const { outcomes } = await runKernels(
      gpu,
      {
        state: state({ rowCount: 1 }),
        samples: samples([{}]),
        logits: padded32([p, p, p, p]),
        gradient: new Float32Array(4 * up4(p.length)),
        outcomes: new Float32Array(1 + kinds.length),
        targets: padded32([y]),
      },
      [
        {
          kernel: lossKernel("hinge", "dense", false, kinds),
          uniforms: {
            params: {
              ...{ batch: 1, rows: 4, classes: p.length, stride: up4(p.length), slices: 0, bias: 0 },
              ...{ targetRows: 1, constant: 0 },
            },
          },
          workgroups: [1, 1, 1],
        },
      ],
    );
    return outcomes.subarray(1);
  };
  const ranked: RowMetric[] = [
    { kind: "categorical_accuracy", option: 0 },
    { kind: "predicted_class", option: 9 },
    { kind: "top_k_accuracy", option: 1 },
    { kind: "top_k_accuracy", option: 2 },
    { kind: "top_k_accuracy", option: 3 },
  ];
  assertWithin(await row([1, 1, 0], [0, 1, 0], ranked), [0, 0, 1, 1, 1], 0, "second of two equal largest");
  assertWithin(await row([0, 2, 1, 1], [0, 0, 0, 1], ranked), [0, 1, 0, 1, 1], 0, "last of two equal seconds");
  assertWithin(await row([3, 2, 1], [0, 0, 1], ranked), [0, 0, 0, 0, 1], 0, "third");
  const single: RowMetric[] = [
    { kind: "binary_accuracy", option: 0.5 },
    { kind: "predicted_class", option: 0.5 },
    { kind: "binary_accuracy", option: 0.25 },
    { kind: "predicted_class", option: 0.25 },
  ];
  assertWithin(await row([0.5], [1], single), [0, 0, 1, 1], 0, "an output of 0.5");
  assertWithin(await row([0.5], [-1], single), [1, 0, 0, 1], 0, "an output of 0.5, class -1");
});
