// What features take, and what a fit takes whose features exceed the budget.
import { memoryUsage } from "node:process";
import { type Bench, example } from "../bench.ts";
import { exampleModel } from "../models.ts";
import { syntheticRows } from "../rows.ts";

const mib = 2 ** 20;
/** Features of 8,192 rows take eight times as much. */
const smallBudget = 16 * mib;
// Few inputs: what is measured does not depend on them.
const inputs = 16;

/** A software adapter's memory is the process's own; a GPU's is not seen here. */
export async function memory(bench: Bench): Promise<void> {
  await bench.figure("memory", "process with its device", "MB", memoryUsage().rss / mib);
  for (const rows of [8192, 16384]) {
    const kept = rows * example.features * 4;
    const title = `${rows.toLocaleString("en")} rows`;
    await bench.figure("memory", `${title}: features`, "MB", kept / mib);
    for (const [way, budget] of [
      ["budget of 16 MB", smallBudget],
      ["cached", kept],
    ] as const) {
      await bench.figure("memory", `${title}, ${way}: growth of the process`, "MB", await growth(bench, rows, budget));
    }
  }
}

/** MiB that the process has more in the middle of a fit than before. */
async function growth(bench: Bench, rows: number, featureCache: number): Promise<number> {
  const { x, y } = syntheticRows(rows, inputs, example.classes);
  const before = memoryUsage().rss;
  let most = 0;
  const onEpochEnd = () => {
    most = Math.max(most, memoryUsage().rss);
  };
  const model = exampleModel({ gpu: bench.gpu, inputs });
  const settings = {
    epochs: 2,
    batchSize: example.batch,
    verbose: 0,
    featureCache,
    callbacks: [{ onEpochEnd }],
  } as const;
  await model.fit(x, y, settings);
  model.dispose();
  return (most - before) / mib;
}
