// A step of the example over cached features: whole, each dispatch alone, and beside what the roofline allows.
import { type Bench, example } from "../bench.ts";
import { clocked } from "../clock.ts";
import { interleave } from "../interleave.ts";
import { type FeatureStorage, featureStorages, openStep } from "../step.ts";

export async function step(bench: Bench): Promise<void> {
  const { gpu, settings } = bench;
  const { features, classes, batch } = example;
  const opened = await Promise.all(
    featureStorages.map(async (storage) => ({
      storage,
      step: await openStep(gpu, { features, classes, batch, storage }),
    })),
  );
  const contenders: Record<string, () => Promise<number>> = {};
  for (const { storage, step } of opened) {
    const { dispatches, rewind, steps: most } = step;
    contenders[nameOf(storage)] = await clocked(gpu, { turns: [dispatches], rewind, most });
    for (const dispatch of dispatches) {
      const name = `${nameOf(storage)}: ${dispatch.label} alone`;
      contenders[name] = await clocked(gpu, { turns: [[dispatch]], rewind, most });
    }
  }
  const rounds = await interleave(settings.rounds, contenders);
  for (const [name, values] of Object.entries(rounds)) await bench.figure("step", name, "ms", values);
  for (const { storage, step } of opened) {
    const allowed = allowedMilliseconds(bench, storage);
    const values = rounds[nameOf(storage)] as readonly number[];
    const ofStream = values.map((ms) => ms / bench.median("roofline", "reading 2 MiB, a dispatch"));
    await bench.figure("step", `${nameOf(storage)}: the roofline allows`, "ms", allowed);
    await bench.figure(
      "step",
      `${nameOf(storage)}: share of the roofline`,
      "%",
      values.map((ms) => (100 * allowed) / ms),
    );
    await bench.figure("step", `${nameOf(storage)}: time over that of reading 2 MiB`, "x", ofStream);
    step.destroy();
  }
  if (!featureStorages.includes("snorm16")) {
    await bench.missing("step", nameOf("snorm16"), "this version keeps features in float32 only");
  }
}

function nameOf(storage: FeatureStorage): string {
  return storage === "float32" ? "cached step" : "cached step, 16-bit features";
}

/** Features are read twice, weights three times and written once, Adam's two slots read and written. */
function allowedMilliseconds(bench: Bench, storage: FeatureStorage): number {
  const { features, classes, batch } = example;
  const read = 2 * batch * features * (storage === "float32" ? 4 : 2);
  const bytes = read + 8 * features * classes * 4;
  const operations = 2 * 2 * batch * features * classes;
  const reading = bytes / bench.median("roofline", "streaming read of 64 MiB") / 1e6;
  return Math.max(reading, operations / bench.median("roofline", "FMA peak") / 1e6);
}
