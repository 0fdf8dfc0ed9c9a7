#!/usr/bin/env node
// The command line: options and where a command runs. What a command does is in the file of its name in cli/.
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import type { RuntimeSetting } from "./cli/adapters.ts";
import { deep } from "./cli/deep.ts";
import { doctor } from "./cli/doctor.ts";
import { evaluate } from "./cli/evaluate.ts";
import { estimatorNames, fit } from "./cli/fit.ts";
import { launch } from "./cli/launch.ts";
import { integer, UsageError } from "./cli/options.ts";
import { predict } from "./cli/predict.ts";
import { search } from "./cli/search.ts";
import { addSearchOptions } from "./cli/search_options.ts";
import { seeAdapter } from "./cli/see.ts";
import { train } from "./cli/train.ts";
import { addTrainingOptions, dataDirOption, dataOption, labelOption } from "./cli/training_options.ts";
import { IMAGE_SETS } from "./data/image_sets.ts";
import { QuasiSvmError } from "./errors.ts";
import type { TuneMode } from "./index.ts";

// The same place for src/cli.ts and dist/cli.js.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("quasi-svm")
  .description("Kernel machines by random features, trained on the GPU with WebGPU.")
  .version(version)
  .addOption(new Option("--runtime <name>", "where to run").choices(["auto", "node", "deno"]).default("auto"))
  .addOption(
    new Option(
      "--tune <mode>",
      "which kernels: auto measures once for each adapter and remembers, force measures again",
    )
      .choices(["auto", "off", "force"])
      .default("auto"),
  )
  .exitOverride();

/** Runs a command's body where the best adapter is. */
function onAdapter<T>(body: (options: T & { tune: TuneMode }) => Promise<number>): (options: T) => Promise<void> {
  return async (options) => {
    const { runtime, tune } = program.opts<{ runtime: RuntimeSetting; tune: TuneMode }>();
    process.exitCode = (await launch(runtime, process.argv.slice(2))) ?? (await body({ ...options, tune }));
  };
}

addTrainingOptions(program.command("train").description("train a quasi-SVM and save it")).action(onAdapter(train));

program
  .command("deep")
  .description("train a quasi-SVM on top of a small convolutional network, end to end and with that network frozen")
  .addOption(new Option("--data <name>", "the images").choices(Object.keys(IMAGE_SETS)).default("mnist"))
  .option(...dataDirOption)
  .option("--epochs <n>", "passes over the rows", integer("--epochs", { min: 1 }), 5)
  .option("--seed <n>", "for weights and row order", integer("--seed", { min: 0, max: Number.MAX_SAFE_INTEGER }), 0)
  .option("--out <file>", "save the model that was trained end to end as a .safetensors file")
  .option("--json", "print the result as JSON", false)
  .option("--quiet", "print no progress", false)
  .action(onAdapter(deep));

addSearchOptions(
  program.command("search").description("find the scale: train many side by side from one projection, keep the best"),
).action(onAdapter(search));

program
  .command("fit")
  .description("fit an estimator, which chooses its settings by the data, and score it on rows it has not seen")
  .addOption(
    new Option("--estimator <name>", "svc or logistic for classes, ridge or svr for numbers")
      .choices(estimatorNames)
      .default("svc"),
  )
  .requiredOption(...dataOption)
  .option(...labelOption)
  .option(...dataDirOption)
  .option("--test-every <n>", "of a CSV file every n-th row is for scoring", integer("--test-every", { min: 2 }), 4)
  .option(
    "--seed <n>",
    "for features, weights and row order",
    integer("--seed", { min: 0, max: Number.MAX_SAFE_INTEGER }),
    0,
  )
  .option("--out <file>", "save it as a .safetensors file")
  .option("--json", "print the result as JSON", false)
  .option("--quiet", "print no progress", false)
  .action(onAdapter(fit));

program
  .command("evaluate")
  .description("measure a saved model on labelled data")
  .requiredOption("--model <file>", "a .safetensors file that train saved")
  .requiredOption(...dataOption)
  .option(...labelOption)
  .option(...dataDirOption)
  .option("--report", "for each class precision, recall and F1, and how many rows were taken for which", false)
  .option("--calibration", "log loss and calibration error of the probabilities", false)
  .option("--json", "print the result as JSON", false)
  .action(onAdapter(evaluate));

program
  .command("predict")
  .description("write a saved model's predictions for the rows of a CSV file")
  .requiredOption("--model <file>", "a .safetensors file that train saved")
  .requiredOption("--data <file>", "a CSV file")
  .option("--out <file>", "the CSV file to write (default: the standard output)")
  .action(onAdapter(predict));

program
  .command("doctor")
  .description("show the runtimes and WebGPU adapters of this machine, and which would be used")
  .option("--json", "print the report as JSON", false)
  .action(async ({ json }: { json: boolean }) => {
    process.exitCode = await doctor({ json, runtime: program.opts<{ runtime: RuntimeSetting }>().runtime });
  });

program
  .command("probe", { hidden: true })
  .option("--tuned", "with the kernels that suit the adapter", false)
  .action(async ({ tuned }: { tuned: boolean }) => {
    console.log(JSON.stringify(await seeAdapter(tuned)));
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has printed its message already; help and the version end this way too, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof QuasiSvmError)) {
    console.error(error);
    return 1;
  }
  console.error(`error: ${error.message}`);
  return error instanceof UsageError ? 2 : 1;
}
