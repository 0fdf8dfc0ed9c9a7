// The example's step beside TensorFlow.js in the same page, from the same weights and rows.

import { layers, Sequential } from "../../../src/index.ts";
import { type Bench, example } from "../bench.ts";
import { interleave } from "../interleave.ts";
import { exampleModel } from "../models.ts";
import { type SharedWeights, TfjsModel, tfjsBackends, threadsOfWasm, useBackend } from "../peers/tfjs.ts";
import { syntheticRows } from "../rows.ts";

const batches = 16;
/** Minibatches over which all must give the same loss. */
const comparedBatches = 2;
const sameLoss = 1e-4;
/** Of a contender's round, unless one step takes longer. */
const roundMilliseconds = 800;

const cached = "quasi-svm, cached";
const uncached = "quasi-svm, features recomputed";
const nameOf = (backend: string, given: "rows" | "features") =>
  `TensorFlow.js, ${backend === "webgpu" ? "WebGPU" : "WASM"}, ${given === "rows" ? "features recomputed" : "features given"}`;

export async function tfjs(bench: Bench): Promise<void> {
  const { gpu, settings } = bench;
  const { inputs, classes, batch } = example;
  const { x, y } = syntheticRows(batches * batch, inputs, classes);
  const model = exampleModel({ gpu });
  const initial = await model.getWeights();
  const train = async (
    featureCache: "auto" | "off",
    rows: number,
    epochs: number,
  ): Promise<{ ms: number; loss: number }> => {
    const part = { ...x, data: x.data.subarray(0, rows * inputs), shape: [rows, inputs] as const };
    const times: number[] = [];
    let begun = 0;
    const onEpochBegin = () => {
      begun = performance.now();
    };
    const onEpochEnd = () => times.push(performance.now() - begun);
    const callbacks = [{ onEpochBegin, onEpochEnd }];
    const fitting = { epochs, batchSize: batch, shuffle: false, verbose: 0, featureCache, callbacks } as const;
    const { history } = await model.fit(part, y.subarray(0, rows), fitting);
    return { ms: Math.min(...times) / (rows / batch), loss: history.loss?.[0] as number };
  };
  const expected = (await train("auto", comparedBatches * batch, 1)).loss;

  const weights = sharedWeights(initial);
  const rows = Float32Array.from(x.data, (byte) => byte / 255);
  const features = await featuresOf(bench, initial, x);
  const contenders: Record<string, () => Promise<number>> = {
    [cached]: async () => (await train("auto", batches * batch, 3)).ms,
    [uncached]: async () => (await train("off", (batches / 4) * batch, 2)).ms,
  };
  const peers: TfjsModel[] = [];
  for (const backend of tfjsBackends) {
    await useBackend(backend);
    for (const given of ["rows", "features"] as const) {
      const name = nameOf(backend, given);
      const peer = new TfjsModel(weights, given, given === "rows" ? rows : features, y, batch);
      peers.push(peer);
      const loss = await peer.train(comparedBatches);
      const difference = Math.abs(loss / expected - 1);
      if (!(difference <= sameLoss))
        throw new Error(`${name}: loss ${loss}, but ours is ${expected} from the same weights`);
      await bench.figure("tfjs", `${name}: loss's distance from ours, relative`, "", difference);
      const begun = performance.now();
      await peer.train(1);
      const steps = Math.max(1, Math.min(batches, Math.round(roundMilliseconds / (performance.now() - begun))));
      contenders[name] = async () => {
        await useBackend(backend);
        const started = performance.now();
        await peer.train(steps);
        return (performance.now() - started) / steps;
      };
    }
  }
  const measured = await interleave(Math.min(settings.rounds, 5), contenders);
  const note = `its threaded SIMD build, which counts ${threadsOfWasm()} of ${navigator.hardwareConcurrency} threads`;
  for (const [name, values] of Object.entries(measured)) {
    await bench.figure("tfjs", `${name}: a step`, "ms", values, name.includes("WASM") ? note : undefined);
  }
  const ratio = async (peer: string, own: string) => {
    const values = (measured[peer] as readonly number[]).map((ms, i) => ms / (measured[own]?.[i] as number));
    await bench.figure("tfjs", `${peer}, over ${own}`, "x", values);
  };
  for (const backend of tfjsBackends) {
    await ratio(nameOf(backend, "rows"), cached);
    await ratio(nameOf(backend, "rows"), uncached);
    await ratio(nameOf(backend, "features"), cached);
  }
  for (const peer of peers) peer.dispose();
  model.dispose();
}

type Weights = Awaited<ReturnType<Sequential["getWeights"]>>;

function valuesOf(weights: Weights, suffix: string): Float32Array {
  const found = Object.entries(weights).find(([name]) => name.endsWith(suffix));
  if (!found) throw new Error(`No weight ends with "${suffix}": ${Object.keys(weights).join(", ")}`);
  return found[1].data;
}

function sharedWeights(weights: Weights): SharedWeights {
  const { inputs, features, classes, scale } = example;
  return {
    inputs,
    features,
    classes,
    scale,
    projection: valuesOf(weights, ".unscaled_kernel"),
    phases: valuesOf(weights, "features.bias"),
    kernel: valuesOf(weights, ".kernel"),
  };
}

/** Our features [rows, D], for a model that is given them. */
async function featuresOf(
  bench: Bench,
  weights: Weights,
  x: Parameters<Sequential["predict"]>[0],
): Promise<Float32Array> {
  const { inputs, features, scale } = example;
  const map = new Sequential(
    [layers.input({ shape: [inputs] }), layers.randomFourierFeatures({ outputDim: features, scale })],
    { gpu: bench.gpu },
  );
  await map.setWeights(Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith("dense"))));
  const { data } = await map.predict(x);
  map.dispose();
  return data;
}
