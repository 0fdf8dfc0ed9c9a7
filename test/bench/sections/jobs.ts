// The example itself on MNIST, from a fresh device to the last epoch, beside PyTorch on the same cores.
import { loadDataset } from "../../../src/cli/datasets.ts";
import { attempt, type Bench, example } from "../bench.ts";
import { exampleModel, type FeatureMap } from "../models.ts";
import { pytorchRun, whyNoPytorch } from "../peers/pytorch.ts";
import { syntheticRows } from "../rows.ts";
import { type FeatureStorage, featureStorages } from "../step.ts";

/** Epochs of what is too slow to run as many as the example has. */
const fewEpochs = 2;

export async function jobs(bench: Bench): Promise<void> {
  await firstStep(bench);
  const { epochs } = bench.settings;
  const noPytorch = await whyNoPytorch();
  const pytorch = async (name: string, features: "recomputed" | "once") => {
    if (noPytorch) await bench.missing("jobs", name, noPytorch);
    else await attempt(bench, "jobs", name, () => peer(bench, name, features, epochs));
  };
  const ours = (name: string, job: Partial<OwnJob> = {}) =>
    attempt(bench, "jobs", name, () => own(bench, name, { ...usual, epochs, ...job }));
  const few = Math.min(epochs, fewEpochs);
  // Long jobs run once, ours between PyTorch's.
  await ours("cached");
  await pytorch("PyTorch, features recomputed", "recomputed");
  await ours("cached, SORF", { map: "sorf" });
  await pytorch("PyTorch, features once", "once");
  if (featureStorages.includes("snorm16")) await ours("cached, 16-bit features", { storage: "snorm16" });
  await ours("features recomputed", { featureCache: "off", epochs: few });
  await ours("features recomputed, SORF", { map: "sorf", featureCache: "off", epochs: few });
  if (noPytorch) return;
  const whole = (name: string) => bench.median("jobs", `${name}: ${counted(epochs)}`);
  const ratio = async (name: string) =>
    bench.figure("jobs", `${name}, over ours cached: ${counted(epochs)}`, "x", whole(name) / whole("cached"));
  await ratio("PyTorch, features recomputed");
  await ratio("PyTorch, features once");
}

/** From nothing to the end of the first minibatch: device, compiled kernels, features of the rows, a step. */
async function firstStep(bench: Bench): Promise<void> {
  const { inputs, classes, batch } = example;
  const { x, y } = syntheticRows(batch, inputs, classes);
  const seconds: number[] = [];
  for (let round = 0; round < bench.settings.rounds; round++) {
    const begun = performance.now();
    const model = exampleModel();
    const onBatchEnd = () => seconds.push((performance.now() - begun) / 1000);
    await model.fit(x, y, { epochs: 1, batchSize: batch, verbose: 0, callbacks: [{ onBatchEnd }] });
    model.dispose();
  }
  await bench.figure("jobs", "a fresh device to the end of the first step", "s", seconds);
}

interface OwnJob {
  readonly map: FeatureMap;
  readonly featureCache: "auto" | "off";
  readonly storage: FeatureStorage;
  readonly epochs: number;
}

const usual = { map: "dense", featureCache: "auto", storage: "float32" } as const;

async function own(bench: Bench, name: string, { map, featureCache, storage, epochs }: OwnJob): Promise<void> {
  const { train } = await loadDataset("mnist");
  const model = exampleModel({ gpu: bench.gpu, map });
  const epochSeconds: number[] = [];
  let begun = 0;
  const callbacks = [
    {
      onEpochBegin: () => {
        begun = performance.now();
      },
      onEpochEnd: () => epochSeconds.push((performance.now() - begun) / 1000),
    },
  ];
  const settings = {
    epochs,
    batchSize: example.batch,
    validationSplit: 0.2,
    verbose: 0,
    featureCache,
    callbacks,
    ...(storage === "float32" ? {} : { featureStorage: storage }),
  } as const;
  const { seconds, history } = await model.fit(train.x, train.y, settings);
  model.dispose();
  await tell(bench, name, {
    epochs,
    features: featureCache === "off" ? undefined : seconds.features,
    epochSeconds,
    total: seconds.features + seconds.train,
    loss: history.loss?.at(-1) as number,
    accuracy: history.val_acc?.at(-1) as number,
  });
}

async function peer(bench: Bench, name: string, features: "recomputed" | "once", epochs: number): Promise<void> {
  const run = await pytorchRun(features, epochs);
  const note = `PyTorch ${run.version}, ${run.threads} threads, ${run.blas}`;
  await bench.figure("jobs", `${name}: a step`, "ms", run.stepSeconds * 1000, note);
  await tell(bench, name, {
    epochs,
    features: features === "recomputed" ? undefined : run.featuresSeconds,
    epochSeconds: run.epochSeconds,
    total: run.totalSeconds,
    loss: run.loss,
    accuracy: run.valAcc,
  });
}

function counted(epochs: number): string {
  return epochs === 1 ? "1 epoch" : `${epochs} epochs`;
}

interface Job {
  readonly epochs: number;
  /** Seconds before the first epoch, where features are computed once. */
  readonly features: number | undefined;
  readonly epochSeconds: readonly number[];
  /** Seconds. */
  readonly total: number;
  readonly loss: number;
  readonly accuracy: number;
}

async function tell(bench: Bench, name: string, job: Job): Promise<void> {
  if (job.features !== undefined) await bench.figure("jobs", `${name}: features`, "s", job.features);
  await bench.figure("jobs", `${name}: an epoch with its validation`, "s", job.epochSeconds);
  await bench.figure("jobs", `${name}: ${counted(job.epochs)}`, "s", job.total);
  await bench.figure("jobs", `${name}: loss of epoch ${job.epochs}`, "", job.loss);
  await bench.figure("jobs", `${name}: val_acc of epoch ${job.epochs}`, "", job.accuracy);
}
