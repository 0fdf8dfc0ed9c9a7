// What search does.
import { isImageSetName } from "../data/image_sets.ts";
import {
  isRegression,
  optimizers,
  releaseGpu,
  requestGpu,
  type ScaleSearch,
  type ScaleTrial,
  searchScale,
} from "../index.ts";
import { loadDataset } from "./datasets.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import type { Dataset } from "./image_files.ts";
import { interruptible } from "./interrupt.ts";
import { lossFor } from "./optimizer.ts";
import type { SearchOptions } from "./search_options.ts";
import { inUnits, type Prepared, prepare, type Target } from "./standardization.ts";
import { evaluationBatch } from "./train.ts";
import { tuningStore } from "./tuning_file.ts";
import { adapterInWords, inWords, lines, round, shapeOf, whereItRan } from "./words.ts";

const imageScales = [2, 3, 4, 5, 6.5, 8, 10, 14];
/** In units of the default scale, sqrt(features / 2). */
const relativeScales = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 4];

export async function search(options: SearchOptions): Promise<number> {
  const say = options.quiet ? () => {} : console.log;
  if (options.out) await checkWritable(options.out);
  const dataset = await loadDataset(options.data, {
    ...options,
    regression: isRegression(options.loss),
    notify: say,
  });
  const prepared = prepare(dataset, options);
  const { metadata } = prepared;
  const gpu = await requestGpu();
  try {
    say(`data     ${dataset.name}: ${shapeOf(dataset.train.x)} from ${dataset.source}`);
    say(`adapter  ${adapterInWords(gpu.adapter)}`);
    const found = await interruptible(say, (signal) =>
      searchScale(prepared.train.x, prepared.train.y, {
        scales: options.scales ?? scalesFor(dataset),
        lambdas: options.lambdas,
        units: dataset.classNames?.length ?? 1,
        outputDim: options.outputDim,
        featureMap: options.featureMap,
        loss: lossFor(options, metadata.target),
        optimizer: optimizers.adam({ learningRate: options.learningRate }),
        epochs: options.epochs,
        batchSize: options.batchSize,
        ...(options.folds === undefined ? { validationSplit: options.validationSplit } : { folds: options.folds }),
        seed: options.seed,
        gpu,
        tune: options.tune,
        tuningStore: tuningStore(),
        signal,
        onCompared: (trials) =>
          say(`${trials.length} trained for ${trials[0]?.epochs} epochs, the best: ${nameOf(trials[0])}`),
      }),
    );
    await tell(found, prepared, options, say);
    if (options.json)
      console.log(
        JSON.stringify({ ...whereItRan(gpu.adapter), ...record(found, metadata.target), model: options.out }),
      );
    found.model.dispose();
    return 0;
  } finally {
    releaseGpu(gpu);
  }
}

function scalesFor({ name, train: { x } }: Dataset): number[] {
  return isImageSetName(name) ? imageScales : relativeScales.map((factor) => factor * Math.sqrt(x.shape[1] / 2));
}

/** The table, the best model's measures on test rows, and where it was saved. */
async function tell(
  { model, best, trials, seconds }: ScaleSearch,
  { metadata, test }: Prepared,
  { out, compact }: SearchOptions,
  say: (line: string) => void,
): Promise<void> {
  say(trialTable(trials, metadata.target));
  say(`best     ${nameOf(best)}`);
  if (test) say(`test     ${inWords(await model.evaluate(test.x, test.y, { batchSize: evaluationBatch }))}`);
  if (out) {
    await writeAtomically(out, await model.save(metadata, { compact }));
    say(`saved    ${out}`);
  }
  const { projection, search: compared, training } = seconds;
  say(`seconds  projection ${round(projection)}, search ${round(compared)}, training ${round(training)}`);
}

/** A line for each candidate: validation accuracy, or the mean squared error in the target's units. */
export function trialTable(trials: readonly ScaleTrial[], target: Target | undefined): string {
  const heading = ["scale", "lambda", "epochs", target ? "validation mse" : "validation acc"];
  const rows = trials.map(({ scale, lambda, epochs, score }) => {
    const judged = target ? String(Number((-score * target.scale ** 2).toPrecision(6))) : score.toFixed(4);
    return [String(Number(scale.toPrecision(4))), String(lambda), String(epochs), judged];
  });
  return lines([heading, ...rows]).join("\n");
}

function nameOf(trial: ScaleTrial | undefined): string {
  return trial ? `scale ${Number(trial.scale.toPrecision(4))}, lambda ${trial.lambda}` : "none";
}

function record({ best, trials, seconds, projectedRows }: ScaleSearch, target: Target | undefined) {
  const plain = ({ evaluation, ...trial }: ScaleTrial) => ({
    ...trial,
    evaluation: evaluation && inUnits(evaluation, target),
  });
  return { best: plain(best), trials: trials.map(plain), projectedRows, seconds };
}
