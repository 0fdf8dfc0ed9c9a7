// The search for a bandwidth: models that differ in the scale of their kernel and in their regularizer are trained side by
// side from one projection of the rows, since the scale only divides it.
import type { MatrixLike } from "../data/matrix.ts";
import { toMatrix } from "../data/matrix.ts";
import { type TargetsLike, toTargets } from "../data/targets.ts";
import { checkOptions } from "../errors.ts";
import type { Layer } from "../nn/layer.ts";
import { dense } from "../nn/layers/dense.ts";
import { input } from "../nn/layers/input.ts";
import { randomFourierFeatures } from "../nn/layers/random_fourier_features.ts";
import { lossOf } from "../nn/losses.ts";
import { buildNetwork, type Network } from "../nn/network.ts";
import { optimizerOf } from "../nn/optimizers.ts";
import { targetsFor } from "../nn/targets.ts";
import { tune } from "../nn/tuning.ts";
import { randomStream, type Seed } from "../random.ts";
import { checkFits, Engine, type WeightValues } from "../train/engine.ts";
import { type Candidate, type Trial as CandidateTrial, type SearchPlan, search } from "../train/search.ts";
import { compiled } from "./compile.ts";
import { DeviceSession } from "./device_session.ts";
import { checkSeed, featureBudget, positiveInteger } from "./options.ts";
import {
  candidatePairs,
  judgedBy,
  type Pair,
  type ScaleTrial,
  type SearchScaleOptions,
  searchScaleOptions,
  splitsOf,
  unitsOf,
} from "./search_options.ts";
import { Sequential } from "./sequential.ts";
import { browserStore } from "./tuning_store.ts";

/** What a search has found. */
export interface ScaleSearch {
  /** The best model, trained and compiled. Its owner disposes of it. */
  readonly model: Sequential;
  /** What it came to while candidates were compared. */
  readonly best: ScaleTrial;
  /** All candidates, the best first: those trained longest, then by score. */
  readonly trials: readonly ScaleTrial[];
  /** Rows for which x U was computed, as often as it was: the rows of x where the projection is kept. */
  readonly projectedRows: number;
  /** Wall time in seconds. */
  readonly seconds: {
    /** The projection. */
    readonly projection: number;
    /** Comparing candidates. */
    readonly search: number;
    /** Training the best to the end. */
    readonly training: number;
  };
}

/**
 * Trains a quasi-SVM for each scale and lambda side by side: all for an epoch, the better half up to two, its better half up
 * to four and so on (successive halving; Jamieson and Talwalkar, 2016), the last one up to `epochs`. The projection x U is
 * computed once, where the cache holds it; candidates share it, their initial weights and the order of rows.
 * @param x rows [n, d]. @param y as of fit.
 * @throws ConfigError for settings that can't be used, DataError for bad rows or targets, DivergenceError where none of the
 * candidates that are left stays finite, DeviceError.
 */
export async function searchScale(x: MatrixLike, y: TargetsLike, options: SearchScaleOptions): Promise<ScaleSearch> {
  checkOptions(options, searchScaleOptions, "searchScale");
  const { loss: givenLoss = "hinge", optimizer: givenOptimizer = "adam", epochs = 20, batchSize = 128 } = options;
  const { seed = 0, gpu, tune: mode = "auto", tuningStore = browserStore(), signal, onCompared } = options;
  checkSeed(seed);
  positiveInteger("epochs", epochs);
  positiveInteger("batchSize", batchSize);
  const loss = lossOf(givenLoss);
  const { metric, score } = judgedBy(loss);
  const pairs = candidatePairs(options);
  const matrix = toMatrix(x, "x");
  const units = options.units ?? unitsOf(y, loss);
  const compiling = { loss, optimizer: optimizerOf(givenOptimizer), metrics: [metric] };
  const settings = compiled(compiling, { outputDim: units });
  const targets = targetsFor(settings, toTargets(y, matrix.shape[0], units, "y"), "y");
  const splits = splitsOf(targets, options);
  const trialOf = ({ candidate, ...trial }: CandidateTrial): ScaleTrial => ({ ...pairs[candidate]!, ...trial });
  const plan: SearchPlan = {
    ...{ ...settings, epochs, batchSize, seed, score, fuse: true, shuffle: true },
    budget: featureBudget(options.featureCache ?? "auto"),
    stop: () => signal?.aborted === true,
    compared: (trials) => onCompared?.(trials.map(trialOf)),
  };
  const session = new DeviceSession(gpu, () => {});
  try {
    return await session.onDevice("searchScale", async (device) => {
      const tuned = await tune(device, mode, tuningStore);
      const engines: Engine[] = [];
      const drawn: WeightValues = new Map();
      const open = async (pair: Pair): Promise<Engine> => {
        const network = buildNetwork(layersOf(matrix.shape[1], units, pair, options).map(apart));
        checkFits(device, network);
        const engine = await Engine.create(device, tuned, { network, seed, values: initial(network, seed, drawn) });
        engines.push(engine);
        return engine;
      };
      try {
        const candidates: Candidate[] = [];
        for (const pair of pairs) {
          const own: Engine[] = [];
          for (const _ of splits) own.push(await open(pair));
          candidates.push({ engines: own, fresh: () => open(pair) });
        }
        const outcome = await search(candidates, { x: matrix, targets, splits }, plan);
        const trials = outcome.trials.map(trialOf);
        const best = trials[0] ?? { ...pairs[0]!, epochs: 0, score: Number.NaN, evaluation: undefined };
        const model = new Sequential(layersOf(matrix.shape[1], units, best, options), {
          ...{ seed, tune: mode, tuningStore },
          ...(gpu && { gpu }),
        });
        model.compile(compiling);
        await outcome.engine.download();
        const { weight } = outcome.engine;
        await model.setWeights(
          Object.fromEntries(outcome.engine.network.weights.map(({ name }) => [name, weight(name)])),
        );
        return { model, best, trials, projectedRows: outcome.projectedRows, seconds: outcome.seconds };
      } finally {
        for (const engine of engines) engine.destroy();
      }
    });
  } finally {
    session.dispose();
  }
}

/** The model of a candidate. */
function layersOf(
  inputDim: number,
  units: number,
  { scale, lambda }: Pair,
  { outputDim = 4096, kernelInitializer = "gaussian", featureMap = "dense" }: SearchScaleOptions,
): Layer[] {
  return [
    input({ shape: [inputDim] }),
    randomFourierFeatures({ outputDim, kernelInitializer, featureMap, scale }),
    dense({ units, kernelRegularizer: lambda > 0 ? { l1: 0, l2: lambda } : null }),
  ];
}

/** The layer with its projection and its cosine as two stages, as if a gradient had to pass. */
function apart(layer: Layer): Layer {
  return { ...layer, stages: (name, shape) => layer.stages(name, shape, true) };
}

/** Initial weights; those that all candidates have in common are drawn once. */
function initial({ weights }: Network, seed: Seed, drawn: WeightValues): WeightValues {
  return new Map(
    weights.map(({ name, spec }) => {
      if (name.endsWith(".kernel_scale")) return [name, spec.initialize(randomStream(seed, name))];
      const known = drawn.get(name) ?? spec.initialize(randomStream(seed, name));
      drawn.set(name, known);
      return [name, known];
    }),
  );
}
