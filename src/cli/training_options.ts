// The options of `train`: how they are read, and what they are afterwards.
import { type Command, Option } from "commander";
import { type FeatureMapName, isRegression, type LossName, lossNames, type TuneMode } from "../index.ts";
import { type FeatureCache, featureCache, integer, real } from "./options.ts";

export interface DataOptions {
  tune: TuneMode;
  data: string;
  label?: string;
  dataDir?: string;
}

export type ScheduleName = "constant" | "cosine" | "exponential";

export interface OptimizerSettings {
  optimizer: "adam" | "adamw" | "sgd";
  learningRate?: number;
  weightDecay?: number;
  ema?: number;
  schedule: ScheduleName;
  warmupSteps: number;
  decayRate: number;
}

export interface LossSettings {
  loss: LossName;
  labelSmoothing?: number;
  epsilon?: number;
  delta?: number;
}

export interface TrainOptions extends DataOptions, OptimizerSettings, LossSettings {
  outputDim: number;
  scale?: number;
  standardize: boolean;
  kernel: "gaussian" | "laplacian";
  featureMap: FeatureMapName;
  trainableScale: boolean;
  l1: number;
  l2: number;
  epochs: number;
  batchSize: number;
  validationSplit: number;
  shuffle: boolean;
  classWeight?: "balanced";
  earlyStopping?: number;
  featureCache: FeatureCache;
  featureStorage: "float32" | "snorm16";
  seed: number;
  init?: string;
  resume?: string;
  checkpoint?: string;
  log?: string;
  out?: string;
  compact: boolean;
  calibration: boolean;
  profile: boolean;
  json: boolean;
  quiet: boolean;
}

/** What --resume takes from its file. */
const savedOptions = [
  ...["outputDim", "scale", "standardize", "kernel", "featureMap", "trainableScale", "l1", "l2", "seed", "init"],
  ...["loss", "labelSmoothing", "epsilon", "delta"],
];

export const dataOption = ["--data <name|file>", "mnist, fashion-mnist, or a CSV file"] as const;
export const labelOption = ["--label <column>", "the CSV column that holds the labels or values"] as const;
export const dataDirOption = ["--data-dir <folder>", "where the data set's files lie"] as const;

export function addTrainingOptions(command: Command): Command {
  addData(command);
  addNetwork(command);
  addLoss(command);
  addOptimizer(command);
  addCourse(command);
  return addFiles(command);
}

export function addData(command: Command): Command {
  return command
    .requiredOption(...dataOption)
    .option(...labelOption)
    .option(...dataDirOption)
    .option("--standardize", "give every column mean 0 and variance 1 first", false);
}

function addNetwork(command: Command): Command {
  return command
    .option("--output-dim <n>", "random features", integer("--output-dim", { min: 1 }), 4096)
    .option(
      "--scale <s>",
      "the kernel's scale (default: 10 for the image sets, else sqrt(features / 2) or, laplacian, 1)",
      real("--scale", { above: 0 }),
    )
    .addOption(new Option("--kernel <name>", "the kernel").choices(["gaussian", "laplacian"]).default("gaussian"))
    .addOption(
      new Option(
        "--feature-map <name>",
        "how the gaussian kernel's random directions are drawn (sorf: fast transforms)",
      )
        .choices(["dense", "orthogonal", "sorf"])
        .default("dense"),
    )
    .option("--trainable-scale", "train the scale too", false)
    .option("--l1 <x>", "adds this times the sum of |w| of the head to the loss", real("--l1", { min: 0 }), 0)
    .option("--l2 <x>", "adds this times the sum of w^2 of the head to the loss", real("--l2", { min: 0 }), 0)
    .option("--seed <n>", "for weights and row order", integer("--seed", { min: 0, max: Number.MAX_SAFE_INTEGER }), 0);
}

function addLoss(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--loss <name>",
        `the loss; ${lossNames.filter(isRegression).join(", ")} predict the numbers of a CSV file's column, standardized while training`,
      )
        .choices(lossNames)
        .default("hinge"),
    )
    .option(
      "--label-smoothing <x>",
      "share of a cross-entropy's target that goes to all classes alike",
      real("--label-smoothing", { min: 0, max: 1 }),
    )
    .option(
      "--epsilon <x>",
      "errors up to here cost nothing, in the column's units (default: a tenth of its deviation)",
      real("--epsilon", { min: 0 }),
    )
    .option(
      "--delta <x>",
      "huber: where the square becomes a line, in the column's units (default: its deviation)",
      real("--delta", { above: 0 }),
    )
    .addOption(
      new Option("--class-weight <how>", "balanced: weigh rows so that each class counts alike").choices(["balanced"]),
    );
}

function addOptimizer(command: Command): Command {
  return command
    .addOption(new Option("--optimizer <name>", "the optimizer").choices(["adam", "adamw", "sgd"]).default("adam"))
    .option(
      "--learning-rate <x>",
      "where the schedule begins (default: 0.001, sgd 0.01)",
      real("--learning-rate", { above: 0 }),
    )
    .option(
      "--weight-decay <x>",
      "share of themselves that weights lose, times the learning rate, in a step (default: 0, adamw 0.004)",
      real("--weight-decay", { min: 0 }),
    )
    .option(
      "--ema <m>",
      "average the weights along the training with this momentum, for instance 0.99",
      real("--ema", { min: 0, below: 1 }),
    )
    .addOption(
      new Option("--schedule <name>", "of the learning rate over all epochs; cosine ends at 0")
        .choices(["constant", "cosine", "exponential"])
        .default("constant"),
    )
    .option(
      "--warmup-steps <n>",
      "steps in which the learning rate grows from 0",
      integer("--warmup-steps", { min: 0 }),
      0,
    )
    .option(
      "--decay-rate <x>",
      "exponential: what an epoch multiplies the learning rate by",
      real("--decay-rate", { above: 0 }),
      0.9,
    );
}

function addCourse(command: Command): Command {
  return command
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
      "--early-stopping <epochs>",
      "stop when val_loss has not become better for so many epochs, and keep the best weights",
      integer("--early-stopping", { min: 0 }),
    )
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
    );
}

function addFiles(command: Command): Command {
  return command
    .option("--init <file>", "start from the weights of a .safetensors file")
    .option("--checkpoint <file>", "after each epoch write what --resume needs; the name may hold {epoch:02d}")
    .addOption(
      new Option(
        "--resume <file>",
        "go on from a checkpoint to the same bits; the network, loss and seed are the file's, " +
          "give the other options as they were",
      ).conflicts(savedOptions),
    )
    .option("--log <file>", "write a CSV line for each epoch; with --resume, add to it")
    .option("--out <file>", "save the model as a .safetensors file, and its history beside it")
    .option("--compact", "leave out of that file what its seed draws again: the example takes 165 kB, not 13 MB", false)
    .option("--calibration", "after cross-entropy: log loss and calibration error of the probabilities", false)
    .option("--profile", "measure the GPU time of every kernel; slower", false)
    .option("--json", "print the result as JSON", false)
    .option("--quiet", "print no progress", false);
}
