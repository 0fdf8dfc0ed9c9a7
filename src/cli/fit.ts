// What fit does: an estimator with its own choice of settings, in one go, and its score on rows it has not seen.
import { takeRows } from "../data/hold_out.ts";
import { inOrder } from "../data/samples.ts";
import { ConfigError } from "../errors.ts";
import {
  type ClassificationReport,
  classificationReport,
  QuasiLogisticRegression,
  QuasiRidge,
  QuasiSVC,
  QuasiSVR,
} from "../index.ts";
import { loadDataset } from "./datasets.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import type { Dataset, LabelledRows } from "./image_files.ts";
import { interruptible } from "./interrupt.ts";
import type { DataOptions } from "./training_options.ts";
import { tuningStore } from "./tuning_file.ts";
import { adapterInWords, inWords, reportTable, round, shapeOf, whereItRan } from "./words.ts";

export const estimatorNames = ["svc", "logistic", "ridge", "svr"] as const;

export interface FitOptions extends DataOptions {
  estimator: (typeof estimatorNames)[number];
  testEvery: number;
  seed: number;
  out?: string;
  json: boolean;
  quiet: boolean;
}

export async function fit(options: FitOptions): Promise<number> {
  const say = options.quiet ? () => {} : console.log;
  if (options.out) await checkWritable(options.out);
  const { estimator: name, tune, seed } = options;
  const regression = name === "ridge" || name === "svr";
  const dataset = await loadDataset(options.data, { ...options, regression, notify: say });
  if (regression && dataset.classNames) throw new ConfigError(`--estimator ${name}: ${options.data} has classes.`);
  const { train, test } = parts(dataset, options.testEvery);
  say(
    `data     ${dataset.name}: ${shapeOf(train.x)} to learn from, ${test.x.shape[0]} to score, from ${dataset.source}`,
  );
  const settings = { tune, tuningStore: tuningStore(), seed, verbose: options.quiet ? 0 : 2 } as const;
  const learner = regression
    ? regressor(name === "ridge" ? new QuasiRidge(settings) : new QuasiSVR(settings), test)
    : classifier(
        name === "svc" ? new QuasiSVC(settings) : new QuasiLogisticRegression(settings),
        test,
        dataset.classNames ?? [],
      );
  const { estimator } = learner;
  try {
    const begun = performance.now();
    await interruptible(say, (signal) => learner.fit(train, signal));
    const seconds = round((performance.now() - begun) / 1000);
    const { values, report } = await learner.measure();
    const { adapter } = await estimator.model.gpu();
    say(`adapter  ${adapterInWords(adapter)}`);
    if (report) say(reportTable(report, dataset.classNames ?? []));
    say(`test     ${inWords(values)}`);
    if (options.out) await writeAtomically(options.out, await estimator.save());
    say(`seconds  ${seconds} to fit`);
    if (options.json) console.log(JSON.stringify({ ...whereItRan(adapter), ...values, seconds, model: options.out }));
    return 0;
  } finally {
    estimator.dispose();
  }
}

/** An estimator with the form of targets that it takes. */
interface Learner {
  readonly estimator: Pick<QuasiSVC, "model" | "save" | "dispose">;
  fit(rows: LabelledRows, signal: AbortSignal): Promise<unknown>;
  /** On the test rows. */
  measure(): Promise<{ values: Record<string, number>; report?: ClassificationReport }>;
}

function classifier(
  estimator: QuasiSVC | QuasiLogisticRegression,
  test: LabelledRows,
  names: readonly string[],
): Learner {
  return {
    estimator,
    fit: ({ x, y }, signal) =>
      estimator.fit(
        x,
        Array.from(y, (label) => names[label] as string),
        { signal },
      ),
    measure: async () => {
      const predicted = (await estimator.predict(test.x)).map((name) => names.indexOf(String(name)));
      const report = classificationReport(Array.from(test.y), predicted, names.length);
      const majority = Math.max(...report.support) / test.y.length;
      return { values: { accuracy: report.accuracy, majority }, report };
    },
  };
}

function regressor(estimator: QuasiRidge | QuasiSVR, test: LabelledRows): Learner {
  return {
    estimator,
    fit: ({ x, y }, signal) => estimator.fit(x, Array.from(y), { signal }),
    measure: async () => ({ values: { r2: await estimator.score(test.x, Array.from(test.y)) } }),
  };
}

/** An image set has test rows; of a table every n-th row is one, since tables may be sorted. */
function parts({ train, test }: Dataset, every: number): { train: LabelledRows; test: LabelledRows } {
  if (test) return { train, test };
  const rows = inOrder(train.x.shape[0]);
  const part = (isMine: (row: number) => boolean): LabelledRows => {
    const mine = rows.filter(isMine);
    return { x: takeRows(train.x, mine), y: train.y.filter((_, row) => isMine(row)) };
  };
  const isTest = (row: number) => row % every === every - 1;
  return { train: part((row) => !isTest(row)), test: part(isTest) };
}
