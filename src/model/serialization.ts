// A model as one safetensors file: tensors by name, and the configuration as one JSON string in its metadata. A compact
// file leaves out the weights that its seed gives again, bit for bit.
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../data/safetensors.ts";
import { FormatError, show } from "../errors.ts";
import type { ConfigValue, Layer } from "../nn/layer.ts";
import { type SavedLayerKind, savedLayerKinds } from "../nn/layers/all.ts";
import { buildNetwork, type Network } from "../nn/network.ts";
import { checkWeight, type WeightSpec } from "../nn/weights.ts";
import { randomStream, type Seed } from "../random.ts";
import type { WeightValues } from "../train/engine.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, type SavedTraining } from "./checkpoint.ts";
import { asFormatError, checkKeys, checkList, checkMetadata, type ModelMetadata, metadataKeys } from "./metadata.ts";

interface SavedLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Record<string, ConfigValue>;
}

interface SavedModel extends ModelMetadata {
  readonly version: number;
  readonly seed: Seed;
  readonly layers: readonly SavedLayer[];
  /** The weights that are not among the tensors, by name: they are drawn again from the seed. From version 2 on. */
  readonly drawn?: readonly string[];
  /** What training goes on from. Version 3 only. */
  readonly training?: SavedTraining;
}

const metadataKey = "quasi-svm";

const modelKeys = ["version", "seed", "layers", ...metadataKeys];
/**
 * The keys of each version. A file that holds all of its weights and nothing else is of version 1, which every reader
 * knows; one that training can go on from is of version 3.
 */
const versions = new Map([
  [1, modelKeys],
  [2, [...modelKeys, "drawn"]],
  [3, [...modelKeys, "drawn", "training"]],
]);

export interface EncodeOptions {
  /** Leaves out the weights that the seed gives again. */
  readonly compact?: boolean | undefined;
  /** What training goes on from. */
  readonly checkpoint?: Checkpoint | undefined;
}

/**
 * The bytes of a safetensors file.
 * @throws FormatError for metadata that `decodeModel` would refuse.
 */
export function encodeModel(
  network: Network,
  values: WeightValues,
  seed: Seed,
  metadata: ModelMetadata,
  { compact = false, checkpoint }: EncodeOptions = {},
): Uint8Array {
  const layers = network.layers.map(({ layer, name }) => ({ className: layer.className, name, config: layer.config }));
  const drawn = compact ? drawnAgain(network, values, seed) : [];
  const training = checkpoint && encodeCheckpoint(checkpoint, network);
  const parts = training ? { version: 3, drawn, training: training.record } : { version: 2, drawn };
  const model = { ...metadata, seed, layers, ...(training || drawn.length > 0 ? parts : { version: 1 }) };
  checkKeys(metadata, metadataKeys, "model.save: metadata");
  checkMetadata(model, network, "model.save");
  const tensors: Record<string, Tensor> = { ...training?.tensors };
  for (const { name, spec } of network.weights) {
    if (drawn.includes(name)) continue;
    const data = values.get(name) as Float32Array;
    checkWeight(spec, data, `model.save: ${name}`);
    tensors[name] = { shape: [...spec.shape], data };
  }
  return encodeSafetensors(tensors, { [metadataKey]: JSON.stringify(model) });
}

export interface DecodedModel {
  readonly layers: readonly Layer[];
  /** The weights that the file holds; what is missing is to be drawn from the seed. */
  readonly values: WeightValues;
  readonly seed: Seed;
  readonly metadata: ModelMetadata;
  /** What training goes on from, where the file says it. */
  readonly checkpoint: Checkpoint | undefined;
}

/**
 * @param what names the file in error messages.
 * @throws FormatError for a file that is not a model of this library, or that names layers, keys, weights or shapes
 * other than expected.
 */
export function decodeModel(bytes: Uint8Array, what: string): DecodedModel {
  const { tensors, metadata } = decodeSafetensors(bytes, what);
  const model = parseModel(metadata[metadataKey], what);
  const layers = model.layers.map((saved, i) => {
    const where = `${what}: layer ${i}`;
    return asFormatError(where, () => decodeLayer(saved, where));
  });
  const network = asFormatError(what, () => buildNetwork(layers));
  const drawn = model.version === 1 ? [] : checkedDrawn(model.drawn, network, tensors, what);
  const values: WeightValues = new Map();
  for (const { name, spec } of network.weights) {
    if (drawn.includes(name)) continue;
    const tensor = tensors[name];
    if (!tensor) {
      throw new FormatError(
        `${what}: the weight "${name}" is missing; the file has ${Object.keys(tensors).join(", ")}.`,
      );
    }
    checkShape(tensor, spec.shape, `${what}: ${name}`);
    asFormatError(what, () => checkWeight(spec, tensor.data, name));
    values.set(name, tensor.data);
  }
  const checkpoint = model.version < 3 ? undefined : decodeCheckpoint(model.training, network, tensors, what);
  const isSlot = (name: string) => {
    const [slot = "", weight = ""] = name.split(":");
    return checkpoint?.progress.slots.get(slot)?.has(weight);
  };
  const surplus = Object.keys(tensors).find((name) => !values.has(name) && !isSlot(name));
  if (surplus !== undefined) throw new FormatError(`${what}: tensor "${surplus}" belongs to no layer of the model.`);
  checkMetadata(model, network, what);
  const { version: _, seed, layers: __, drawn: ___, training: ____, ...rest } = model;
  return { layers, values, seed, metadata: rest, checkpoint };
}

function parseModel(json: string | undefined, what: string): SavedModel {
  if (json === undefined) {
    throw new FormatError(`${what}: a safetensors file, but without the "${metadataKey}" metadata of a saved model.`);
  }
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch (cause) {
    throw new FormatError(`${what}: the "${metadataKey}" metadata is not JSON (${(cause as Error).message}).`, {
      cause,
    });
  }
  if (typeof model !== "object" || model === null || !Array.isArray((model as SavedModel).layers)) {
    throw new FormatError(`${what}: the "${metadataKey}" metadata has no list of layers.`);
  }
  const saved = model as SavedModel;
  const keys = versions.get(saved.version);
  if (!keys) {
    throw new FormatError(
      `${what}: format version ${saved.version}; this library reads versions 1 to ${Math.max(...versions.keys())}.`,
    );
  }
  checkKeys(saved, keys, `${what}: the model's configuration`);
  if (!Number.isSafeInteger(saved.seed) || saved.seed < 0) {
    throw new FormatError(`${what}: seed ${show(saved.seed)} is not a whole number from 0 on.`);
  }
  return saved;
}

/** The frozen weights that the seed gives again to the bit, by name. */
function drawnAgain({ weights }: Network, values: WeightValues, seed: Seed): string[] {
  const same = ({ name, spec }: Network["weights"][number]) =>
    canBeDrawn(spec) && sameBits(spec.initialize(randomStream(seed, name)), values.get(name) as Float32Array);
  return weights.filter(same).map(({ name }) => name);
}

function canBeDrawn({ trainable, custom }: WeightSpec): boolean {
  return !trainable && !custom;
}

/** Bits, since 0 equals -0. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bits = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);
  const other = bits(b);
  return a.length === b.length && bits(a).every((word, i) => word === other[i]);
}

/** A small file must not ask for more work than a large one could: half a gigabyte of values. */
const mostDrawn = 2 ** 27;

function checkedDrawn(
  drawn: unknown,
  { weights }: Network,
  tensors: Record<string, Tensor>,
  what: string,
): readonly string[] {
  checkList(drawn ?? null, undefined, "string", `${what}: drawn`);
  for (const left of drawn as string[]) {
    const refuse = (reason: string): never => {
      throw new FormatError(`${what}: the weight "${left}" is left out, to be drawn from the seed, but ${reason}.`);
    };
    const spec = weights.find(({ name }) => name === left)?.spec;
    if (!spec) return refuse(`no layer has it; known are ${weights.map(({ name }) => name).join(", ")}`);
    if (spec.trainable) refuse("it is a trained one, which only a file can hold");
    if (spec.custom) refuse("a function drew it that no file holds");
    if (Object.hasOwn(tensors, left)) refuse("the file holds it too");
    const size = spec.shape.reduce((a, b) => a * b, 1);
    if (size > mostDrawn) refuse(`it has ${size} values, and at most ${mostDrawn} are drawn on a file's word`);
  }
  return drawn as string[];
}

function decodeLayer(saved: SavedLayer, what: string): Layer {
  const { className, name, config } = saved ?? {};
  checkKeys(saved ?? {}, ["className", "name", "config"], what);
  if (typeof className !== "string" || !Object.hasOwn(savedLayerKinds, className)) {
    throw new FormatError(
      `${what} is a ${JSON.stringify(className)}; known are ${Object.keys(savedLayerKinds).join(", ")}.`,
    );
  }
  const known = savedLayerKinds[className] as SavedLayerKind;
  if (typeof name !== "string" || typeof config !== "object" || config === null) {
    throw new FormatError(`${what} (${className}) has no name or no config.`);
  }
  checkKeys(config, known.keys, `${what} (${className})`);
  return known.make(name, config as never);
}

function checkShape({ shape }: Tensor, expected: readonly number[], what: string): void {
  if (shape.length !== expected.length || shape.some((n, i) => n !== expected[i])) {
    throw new FormatError(`${what} has shape [${shape.join(", ")}], but its layer expects [${expected.join(", ")}].`);
  }
}
