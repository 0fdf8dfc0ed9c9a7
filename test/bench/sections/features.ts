// The feature map, from bytes of rows to cached features: gather, product and cosine.
import { attempt, type Bench, example } from "../bench.ts";
import { interleave } from "../interleave.ts";
import { exampleModel, featureMaps } from "../models.ts";
import { syntheticRows } from "../rows.ts";

export async function features(bench: Bench): Promise<void> {
  const { gpu, settings } = bench;
  const { inputs, features, classes, batch } = example;
  const rows = gpu.adapter.isSoftware ? 3072 : 49152;
  const { x, y } = syntheticRows(rows, inputs, classes);
  const contenders: Record<string, () => Promise<number>> = {};
  const models: { dispose(): void }[] = [];
  for (const map of featureMaps) {
    await attempt(bench, "features", map, async () => {
      const model = exampleModel({ gpu, map });
      models.push(model);
      const measure = async () => {
        const { seconds } = await model.fit(x, y, { epochs: 1, batchSize: batch, verbose: 0 });
        return seconds.features;
      };
      await measure(); // compiles
      contenders[map] = measure;
    });
  }
  const operations = 2 * rows * inputs * features;
  for (const [map, seconds] of Object.entries(await interleave(settings.rounds, contenders))) {
    await bench.figure(
      "features",
      `${map}: 1,000 rows`,
      "ms",
      seconds.map((s) => (s * 1e6) / rows),
    );
    if (map !== "dense") continue;
    const peak = bench.median("roofline", "FMA peak");
    const rates = seconds.map((s) => operations / s / 1e9);
    await bench.figure("features", `${map}: rate`, "GFLOP/s", rates);
    await bench.figure(
      "features",
      `${map}: share of the FMA peak`,
      "%",
      rates.map((rate) => (100 * rate) / peak),
    );
  }
  for (const model of models) model.dispose();
}
