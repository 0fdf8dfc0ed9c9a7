// What features take, and what a fit takes whose features exceed the budget.
import { memoryUsage } from "node:process";
import { type Bench, example } from "../bench.ts";
import { exampleModel } from "../models.ts";
import { syntheticRows } from "../rows.ts";

const mib = 2 ** 20;
/** Features of 4,096 rows take four times as much. */
const smallBudget = 16 * mib;
// Few inputs: what is measured does not depend on them.
const inputs = 64;

/** A software adapter's memory is the process's own; a GPU's is not seen here. */
export async function memory(bench: Bench): Promise<void> {
  await bench.figure("memory", "process with its device", "MB", memoryUsage().rss / mib);
  const counts = [4096, 8192, 16384];
  // From small to large: what was freed may stay with the process.
  for (const rows of counts) {
    await bench.figure(
      "memory",
      `${title(rows)}, budget of 16 MB: process`,
      "MB",
      await during(bench, rows, smallBudget),
    );
  }
  for (const rows of counts) {
    const kept = rows * example.features * 4;
    await bench.figure("memory", `${title(rows)}, features kept`, "MB", kept / mib);
    await bench.figure("memory", `${title(rows)}, features kept: process`, "MB", await during(bench, rows, kept));
  }
}

function title(rows: number): string {
  return `${rows.toLocaleString("en")} rows`;
}

/** MiB of the process in the middle of a fit. */
async function during(bench: Bench, rows: number, featureCache: number): Promise<number> {
  const { x, y } = syntheticRows(rows, inputs, example.classes);
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
  return most / mib;
}
