// `npm run bench`: measures one adapter after the other, tells every figure as it comes, and keeps them as JSON.
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { root } from "../build.ts";
import type { AdapterResults, Figure, Missing, Results } from "./figures.ts";
import { cell, tables } from "./markdown.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { type Place, runIn } from "./places.ts";
import { withTables } from "./readme.ts";

/** Epochs of the example on adapters behind the first. */
const laterEpochs = 1;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = parseOptions(args);
  if (options.readme) await rewriteReadme();
  else await measure(options);
}

async function measure({ places, settings, quick, json }: Options): Promise<void> {
  const adapters: AdapterResults[] = [];
  for (const [i, place] of places.entries()) {
    const epochs = i === 0 ? settings.epochs : Math.min(settings.epochs, laterEpochs);
    const measured = await measureIn(place, { ...settings, epochs });
    // Where there is nothing but the embedded adapter, it is the best one too.
    if (!adapters.some(({ adapter, runtime }) => adapter === measured.adapter && runtime === measured.runtime)) {
      adapters.push(measured);
    }
  }
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const results: Results = {
    version,
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "",
    quick,
    adapters,
  };
  console.log(`\n${tables(results)}`);
  if (json) await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`);
}

async function measureIn(place: Place, settings: Options["settings"]): Promise<AdapterResults> {
  const figures: (Figure | Missing)[] = [];
  let about = { adapter: "", isSoftware: false };
  let failure: string | undefined;
  const runtime = await runIn(place, settings, (line) => {
    if (line.kind === "adapter") {
      about = line;
      console.log(`\n${place}: ${line.adapter}`);
    } else if (line.kind === "figure") {
      figures.push(line.figure);
      console.log(`  ${line.figure.section.padEnd(9)} ${line.figure.name}: ${cell(line.figure)}`);
    } else {
      failure = line.error;
    }
  });
  if (failure !== undefined) throw new Error(`${place}: ${failure}`);
  return { adapter: about.adapter, isSoftware: about.isSoftware, runtime, figures };
}

async function rewriteReadme(): Promise<void> {
  const path = join(root, "README.md");
  const results = JSON.parse(await readFile(join(root, "test/bench/results.json"), "utf8")) as Results;
  await writeFile(path, withTables(await readFile(path, "utf8"), results));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}
