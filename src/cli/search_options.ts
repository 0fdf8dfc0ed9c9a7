// The options of `search`.
import { type Command, Option } from "commander";
import { type FeatureMapName, type LossName, lossNames } from "../index.ts";
import { integer, real, reals } from "./options.ts";
import { addData, type DataOptions } from "./training_options.ts";

export interface SearchOptions extends DataOptions {
  standardize: boolean;
  scales?: number[];
  lambdas: number[];
  folds?: number;
  outputDim: number;
  featureMap: FeatureMapName;
  loss: LossName;
  learningRate: number;
  epochs: number;
  batchSize: number;
  validationSplit: number;
  seed: number;
  out?: string;
  compact: boolean;
  json: boolean;
  quiet: boolean;
}

export function addSearchOptions(command: Command): Command {
  return addData(command)
    .option(
      "--scales <list>",
      "the scales to try, parted by commas (default: 2,3,4,5,6.5,8,10,14 for the image sets, else sqrt(features / 2) " +
        "times 0.25 to 4)",
      reals("--scales", { above: 0 }),
    )
    .option("--lambdas <list>", "factors of the head's l2 to try with each", reals("--lambdas", { min: 0 }), [0])
    .option("--folds <n>", "judge by cross-validation in place of a split", integer("--folds", { min: 2 }))
    .option("--output-dim <n>", "random features", integer("--output-dim", { min: 1 }), 4096)
    .addOption(
      new Option("--feature-map <name>", "how random directions are drawn (sorf: fast transforms)")
        .choices(["dense", "orthogonal", "sorf"])
        .default("dense"),
    )
    .addOption(new Option("--loss <name>", "the loss, as for train").choices(lossNames).default("hinge"))
    .option("--learning-rate <x>", "Adam's learning rate", real("--learning-rate", { above: 0 }), 1e-3)
    .option("--epochs <n>", "passes over the rows of the best", integer("--epochs", { min: 1 }), 20)
    .option("--batch-size <n>", "rows a step", integer("--batch-size", { min: 1 }), 128)
    .option(
      "--validation-split <x>",
      "the share of the rows, from the end, that candidates are judged by",
      real("--validation-split", { above: 0, below: 1 }),
      0.2,
    )
    .option("--seed <n>", "for weights, row order and folds", integer("--seed", { min: 0 }), 0)
    .option("--out <file>", "save the best model as a .safetensors file")
    .option("--compact", "leave out of that file what its seed draws again", false)
    .option("--json", "print the result as JSON", false)
    .option("--quiet", "print no progress", false);
}
