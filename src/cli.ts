#!/usr/bin/env node
// The command line: options and where a command runs. What the commands do is in cli/commands.ts.
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import type { RuntimeSetting } from "./cli/adapters.ts";
import { evaluate, predict, train } from "./cli/commands.ts";
import { doctor } from "./cli/doctor.ts";
import { launch } from "./cli/launch.ts";
import { featureCache, integer, real, UsageError } from "./cli/options.ts";
import { seeAdapter } from "./cli/see.ts";
import { QuasiSvmError } from "./errors.ts";
import type { TuneMode } from "./index.ts";

const losses = ["hinge", "squared_hinge", "categorical_hinge", "categorical_crossentropy", "mean_squared_error"];

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

const dataOption = ["--data <name|file>", "mnist, fashion-mnist, or a CSV file"] as const;
const labelOption = ["--label <column>", "the CSV column that holds the labels"] as const;
const dataDirOption = ["--data-dir <folder>", "where the data set's files lie"] as const;

program
  .command("train")
  .description("train a quasi-SVM and save it")
  .requiredOption(...dataOption)
  .option(...labelOption)
  .option(...dataDirOption)
  .option("--output-dim <n>", "random features", integer("--output-dim", { min: 1 }), 4096)
  .option(
    "--scale <s>",
    "the kernel's scale (default: 10 for the image sets, else sqrt(features / 2) or, laplacian, 1)",
    real("--scale", { above: 0 }),
  )
  .option("--standardize", "give every column mean 0 and variance 1 first", false)
  .addOption(new Option("--kernel <name>", "the kernel").choices(["gaussian", "laplacian"]).default("gaussian"))
  .addOption(
    new Option("--feature-map <name>", "how the gaussian kernel's random directions are drawn (sorf: fast transforms)")
      .choices(["dense", "orthogonal", "sorf"])
      .default("dense"),
  )
  .option("--trainable-scale", "train the scale too", false)
  .addOption(new Option("--loss <name>", "the loss").choices(losses).default("hinge"))
  .option("--learning-rate <x>", "Adam's learning rate", real("--learning-rate", { above: 0 }), 1e-3)
  .option("--epochs <n>", "passes over the rows", integer("--epochs", { min: 1 }), 20)
  .option("--batch-size <n>", "rows a step", integer("--batch-size", { min: 1 }), 128)
  .option(
    "--validation-split <x>",
    "the share of the rows, from the end, kept for validation",
    real("--validation-split", { min: 0, below: 1 }),
    0.2,
  )
  .option("--no-shuffle", "keep the rows in their order")
  .option(
    "--feature-cache <size>",
    "features to keep on the GPU: auto (up to 2G), off, or bytes; K, M and G count in 1024s",
    featureCache("--feature-cache"),
    "auto",
  )
  .addOption(
    new Option("--feature-storage <kind>", "how features are kept: float32, or snorm16 in half the memory")
      .choices(["float32", "snorm16"])
      .default("float32"),
  )
  .option("--seed <n>", "for weights and row order", integer("--seed", { min: 0, max: Number.MAX_SAFE_INTEGER }), 0)
  .option("--init <file>", "start from the weights of a .safetensors file")
  .option("--out <file>", "save the model as a .safetensors file, and its history beside it")
  .option("--compact", "leave out of that file what its seed draws again: the example takes 165 kB, not 13 MB", false)
  .option("--profile", "measure the GPU time of every kernel; slower", false)
  .option("--json", "print the result as JSON", false)
  .option("--quiet", "print no progress", false)
  .action(onAdapter(train));

program
  .command("evaluate")
  .description("measure a saved model on labelled data")
  .requiredOption("--model <file>", "a .safetensors file that train saved")
  .requiredOption(...dataOption)
  .option(...labelOption)
  .option(...dataDirOption)
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
