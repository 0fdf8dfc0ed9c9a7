// A quasi-SVM on top of a small convolutional network, trained end to end, beside the same network with its convolutions
// as they were drawn.
import type { ImageSetName } from "../data/image_sets.ts";
import { type History, layers, optimizers, Sequential, schedules, type TuneMode } from "../index.ts";
import { loadDataset } from "./datasets.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import type { Dataset } from "./image_files.ts";
import { interruptible } from "./interrupt.ts";
import { trainingRows } from "./standardization.ts";
import { evaluationBatch, interrupted } from "./train.ts";
import { tuningStore } from "./tuning_file.ts";
import { adapterInWords, lines, round, shapeOf, whereItRan } from "./words.ts";

export interface DeepOptions {
  tune: TuneMode;
  data: ImageSetName;
  dataDir?: string;
  epochs: number;
  seed: number;
  out?: string;
  json: boolean;
  quiet: boolean;
}

const validationSplit = 0.1;
const batchSize = 128;
/** Where the cosine begins. */
const learningRate = 6e-3;

/** What became of one of the two networks. */
interface Outcome {
  readonly history: History;
  readonly seconds: number;
  readonly test: Readonly<Record<string, number>>;
}

export async function deep(options: DeepOptions): Promise<number> {
  const say = options.quiet ? () => {} : console.log;
  const begun = performance.now();
  if (options.out) await checkWritable(options.out);
  const dataset = await loadDataset(options.data, { ...options, notify: say });
  say(`data     ${dataset.name}: ${shapeOf(dataset.train.x)} from ${dataset.source}`);
  return interruptible(say, async (signal) => {
    const endToEnd = network(true, options);
    const frozen = network(false, options);
    try {
      const { adapter } = await endToEnd.gpu();
      say(`adapter  ${adapterInWords(adapter)}`);
      say(endToEnd.summary());
      say("Trained end to end");
      const whole = await outcome(endToEnd, dataset, options, signal);
      if (!whole) return interrupted;
      if (options.out) {
        await writeAtomically(options.out, await endToEnd.save({ classNames: dataset.classNames ?? [] }));
        say(`saved    ${options.out}`);
      }
      say("The same network with its convolutions as they were drawn");
      const head = await outcome(frozen, dataset, options, signal);
      if (!head) return interrupted;
      const total = round((performance.now() - begun) / 1000);
      const rows = [
        ["", "test accuracy", "validation", "training"],
        ["end to end", ...figures(whole)],
        ["convolutions frozen", ...figures(head)],
      ];
      say(lines(rows).join("\n"));
      say(`seconds  ${total}`);
      const results = { endToEnd: record(whole), frozen: record(head), seconds: total, model: options.out };
      if (options.json) console.log(JSON.stringify({ ...whereItRan(adapter), ...results }));
      return 0;
    } finally {
      endToEnd.dispose();
      frozen.dispose();
    }
  });
}

/** 28 x 28 pixels become 512 values, on which the kernel machine of the example stands. */
export function network(trainable: boolean, { seed, tune }: Pick<DeepOptions, "seed" | "tune">): Sequential {
  return new Sequential(
    [
      layers.input({ shape: [28, 28, 1] }),
      layers.conv2d({ filters: 16, kernelSize: 5, strides: 2, activation: "relu", trainable }), // [12, 12, 16]
      layers.maxPooling2D({ poolSize: 2 }), // [6, 6, 16]
      layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu", trainable }), // [4, 4, 32]
      layers.flatten(),
      layers.randomFourierFeatures({ outputDim: 1024, scale: 3, featureMap: "sorf" }),
      layers.dense({ units: 10 }),
    ],
    { seed, tune, tuningStore: tuningStore() },
  );
}

/** Undefined where Ctrl-C ended it. */
async function outcome(
  model: Sequential,
  { train, test = train }: Dataset,
  { epochs, quiet }: DeepOptions,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const begun = performance.now();
  const decaySteps = Math.ceil(trainingRows(train.y.length, validationSplit) / batchSize) * epochs;
  const schedule = schedules.cosineDecay({ initialLearningRate: learningRate, decaySteps });
  model.compile({ optimizer: optimizers.adam({ learningRate: schedule }), loss: "hinge", metrics: ["acc"] });
  const verbose = quiet ? 0 : 1;
  const history = await model.fit(train.x, train.y, { epochs, batchSize, validationSplit, verbose, signal });
  if (history.aborted) return undefined;
  const measured = await model.evaluate(test.x, test.y, { batchSize: evaluationBatch });
  return { history, seconds: round((performance.now() - begun) / 1000), test: measured };
}

function figures({ history: { history }, seconds, test }: Outcome): string[] {
  return [(test.acc ?? 0).toFixed(4), (history.val_acc?.at(-1) ?? 0).toFixed(4), `${seconds} s`];
}

function record({ history: { history }, seconds, test }: Outcome) {
  return { history, test, seconds };
}
