// What training goes on from, in a file: tensors "slot:layer.weight" beside the weights, and a record of the optimizer.
import type { Tensor } from "../data/safetensors.ts";
import { ConfigError, FormatError, show } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optimizers.ts";
import type { Schedule } from "../nn/schedules.ts";
import { slotNames, type TrainingProgress } from "../train/engine.ts";
import { checkKeys, checkList } from "./metadata.ts";

export interface Checkpoint {
  readonly optimizer: Pick<Optimizer, "name" | "config"> & {
    /** A number, or what is known of a schedule: nothing but its name where it is a custom function. */
    readonly learningRate: number | Pick<Schedule, "name" | "config">;
  };
  readonly progress: TrainingProgress;
}

/** The record of a checkpoint in a model's configuration. */
export interface SavedTraining {
  readonly optimizer: Checkpoint["optimizer"];
  readonly iterations: number;
  readonly epochs: number;
  /** Names of the optimizer's slots. */
  readonly slots: readonly string[];
}

/** What is saved of an optimizer in the course of training. */
export function checkpointOf({ name, config, learningRate }: Optimizer, progress: TrainingProgress): Checkpoint {
  const rate = typeof learningRate === "number" ? learningRate : scheduleOf(learningRate);
  return { optimizer: { name, config, learningRate: rate }, progress };
}

/** @throws FormatError for a slot that holds what is not finite. */
export function encodeCheckpoint(
  { optimizer, progress: { iterations, epochs, slots } }: Checkpoint,
  network: Network,
): { record: SavedTraining; tensors: Record<string, Tensor> } {
  const tensors: Record<string, Tensor> = {};
  for (const { slot, name, shape } of slotTensors(network, [...slots.keys()])) {
    const data = slots.get(slot)?.get(name) as Float32Array;
    checkFinite(data, `model.save: ${slot}:${name}`);
    tensors[`${slot}:${name}`] = { shape, data };
  }
  return { record: { optimizer, iterations, epochs, slots: [...slots.keys()] }, tensors };
}

/** @throws FormatError that says what was expected, what was found and where. */
export function decodeCheckpoint(
  saved: unknown,
  network: Network,
  tensors: Readonly<Record<string, Tensor>>,
  what: string,
): Checkpoint {
  const where = `${what}: training`;
  if (typeof saved !== "object" || saved === null) {
    throw new FormatError(`${where}: expected the state of an optimizer, found ${show(saved)}.`);
  }
  checkKeys(saved, ["optimizer", "iterations", "epochs", "slots"], where);
  const { optimizer, iterations, epochs, slots } = saved as SavedTraining;
  checkOptimizer(optimizer, where);
  for (const [name, value] of Object.entries({ iterations, epochs })) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new FormatError(`${where}: ${name}: expected a whole number from 0 on, found ${show(value)}.`);
    }
  }
  checkList(slots ?? null, undefined, "string", `${where}: slots`);
  const odd = slots.find((name, i) => !/^\w+$/.test(name) || slots.indexOf(name) !== i);
  if (odd !== undefined) throw new FormatError(`${where}: slots: "${odd}" is not a name, or stands twice.`);
  const values = new Map(slots.map((slot) => [slot, new Map<string, Float32Array>()]));
  for (const { slot, name, shape } of slotTensors(network, slots)) {
    const tensor = Object.hasOwn(tensors, `${slot}:${name}`) ? tensors[`${slot}:${name}`] : undefined;
    if (!tensor) throw new FormatError(`${where}: the tensor "${slot}:${name}" is missing.`);
    if (tensor.shape.join() !== shape.join()) {
      throw new FormatError(
        `${where}: "${slot}:${name}" has shape [${tensor.shape.join(", ")}], but its weight has [${shape.join(", ")}].`,
      );
    }
    checkFinite(tensor.data, `${where}: "${slot}:${name}"`);
    values.get(slot)?.set(name, tensor.data);
  }
  return { optimizer, progress: { iterations, epochs, slots: values } };
}

/**
 * The learning rate may be another number, or another custom function, of which a file knows nothing.
 * @throws ConfigError where the file's training can't go on with this optimizer; FormatError where it lacks a slot.
 */
export function checkContinues({ optimizer: saved, progress }: Checkpoint, optimizer: Optimizer): void {
  const settings = ({ name, config, learningRate }: Checkpoint["optimizer"]) => {
    const rate = typeof learningRate === "number" ? "a number" : `${learningRate.name} ${inOrder(learningRate.config)}`;
    return `${name} ${inOrder(config)} with ${rate} as learning rate`;
  };
  if (settings(saved) !== settings(optimizer)) {
    throw new ConfigError(
      `model.compile: the file holds the state of ${settings(saved)}, with which ${settings(optimizer)} can't go on. ` +
        `Compile with the same optimizer, or load the file with { optimizer: false } to begin anew.`,
    );
  }
  const missing = progress.iterations > 0 ? slotNames(optimizer).find((slot) => !progress.slots.has(slot)) : undefined;
  if (missing) throw new FormatError(`model.compile: the file lacks ${missing} of ${saved.name}.`);
}

const scheduleOf = ({ name, config }: Schedule) => ({ name, config });

/** Settings as text, whatever their order. */
function inOrder(config: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(config).sort()));
}

/** The tensors of slots: one for each trained weight. */
function slotTensors({ weights }: Network, slots: readonly string[]) {
  const trained = weights.filter(({ spec }) => spec.trainable);
  return slots.flatMap((slot) => trained.map(({ name, spec }) => ({ slot, name, shape: [...spec.shape] })));
}

function checkOptimizer(optimizer: unknown, where: string): void {
  const { name, config, learningRate } = Object(optimizer) as Partial<Checkpoint["optimizer"]>;
  if (!isNamed({ name, config })) {
    throw new FormatError(
      `${where}: expected an optimizer with its name and config, found ${JSON.stringify(optimizer)}.`,
    );
  }
  const isRate = typeof learningRate === "number" ? learningRate >= 0 : isNamed(learningRate);
  if (!isRate) {
    throw new FormatError(
      `${where}: learningRate: expected a number from 0 on, or a schedule with its name and config, ` +
        `found ${JSON.stringify(learningRate)}.`,
    );
  }
}

function isNamed(given: unknown): boolean {
  const { name, config } = Object(given) as Record<string, unknown>;
  return typeof name === "string" && typeof config === "object" && config !== null;
}

function checkFinite(data: Float32Array, what: string): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(`${what}: value ${bad} is ${data[bad]}; expected finite numbers.`);
}
