// How time grows with rows, features and classes.
import { type Bench, example } from "../bench.ts";
import { clocked } from "../clock.ts";
import { interleave } from "../interleave.ts";
import { exampleModel } from "../models.ts";
import { syntheticRows } from "../rows.ts";
import { openStep } from "../step.ts";

// Few inputs: an epoch over cached features does not depend on them.
const inputs = 64;

export async function scaling(bench: Bench): Promise<void> {
  await scalingOfRows(bench);
  const { features, classes } = example;
  await scalingOfSteps(bench, "D", [1024, 4096, 16384], (count) => ({ features: count, classes }));
  await scalingOfSteps(bench, "classes", [2, 10, 100], (count) => ({ features, classes: count }));
}

async function scalingOfRows(bench: Bench): Promise<void> {
  const { gpu, settings } = bench;
  const { classes, batch } = example;
  const model = exampleModel({ gpu, inputs });
  const contenders: Record<string, () => Promise<number>> = {};
  for (const rows of [12_000, 24_000, 48_000]) {
    const { x, y } = syntheticRows(rows, inputs, classes);
    contenders[rows] = async () => {
      let begun = 0;
      const epochs: number[] = [];
      const onEpochBegin = () => {
        begun = performance.now();
      };
      const onEpochEnd = () => epochs.push(performance.now() - begun);
      await model.fit(x, y, { epochs: 3, batchSize: batch, verbose: 0, callbacks: [{ onEpochBegin, onEpochEnd }] });
      return Math.min(...epochs); // the first ones learn how many steps fill a submit
    };
  }
  const rounds = await interleave(settings.rounds, contenders);
  model.dispose();
  const [fewest] = Object.values(rounds) as [readonly number[]];
  for (const [rows, values] of Object.entries(rounds)) {
    const title = `${Number(rows).toLocaleString("en")} rows: an epoch`;
    await bench.figure("scaling", title, "ms", values);
    if (values === fewest) continue;
    const ratios = values.map((ms, i) => ms / (fewest[i] as number));
    await bench.figure("scaling", `${title}, over 12,000 rows`, "x", ratios);
  }
}

async function scalingOfSteps(
  bench: Bench,
  what: string,
  counts: readonly number[],
  shape: (count: number) => { features: number; classes: number },
): Promise<void> {
  const { gpu, settings } = bench;
  const contenders: Record<string, () => Promise<number>> = {};
  const opened: { destroy(): void }[] = [];
  for (const count of counts) {
    const step = await openStep(gpu, { ...shape(count), batch: example.batch, storage: "float32" });
    opened.push(step);
    contenders[count] = await clocked(gpu, { turns: [step.dispatches], rewind: step.rewind, most: step.steps });
  }
  const rounds = await interleave(settings.rounds, contenders);
  for (const step of opened) step.destroy();
  for (const [count, values] of Object.entries(rounds)) {
    await bench.figure("scaling", `${what} ${Number(count).toLocaleString("en")}: a cached step`, "ms", values);
  }
}
