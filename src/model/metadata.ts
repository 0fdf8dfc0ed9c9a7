// What a saved model carries beyond its layers and weights, and its checks.
import { ConfigError, DataError, FormatError } from "../errors.ts";
import { type Loss, type SavedLoss, savedLoss, savedLossKeys } from "../nn/losses.ts";
import type { Network } from "../nn/network.ts";

/** What a saved model may carry beyond its layers, for whoever feeds it. */
export interface ModelMetadata extends SavedLoss {
  /** Names of the outputs, in order. */
  readonly classNames?: readonly string[];
  /** Names of the input columns, in order. */
  readonly featureNames?: readonly string[];
  /** What was done to each column before it came in: (x - mean) / scale. */
  readonly standardization?: {
    /** [columns] */
    readonly mean: readonly number[];
    /** [columns] */
    readonly scale: readonly number[];
  };
  /** What a single output means: output * scale + mean is a value of the column `name`. */
  readonly target?: {
    /** The column's. */
    readonly name: string;
    /** In the column's units. */
    readonly mean: number;
    /** In the column's units. */
    readonly scale: number;
  };
  /** What else whoever saves it wants to find again, by names of one's own. */
  readonly notes?: Readonly<Record<string, string | number | boolean>>;
}

export const metadataKeys = ["classNames", "featureNames", "standardization", "target", "notes", ...savedLossKeys];

/** @throws FormatError for values other than expected. @param what names the file, or the call, in error messages. */
export function checkMetadata(model: ModelMetadata, network: Network, what: string): void {
  const { classNames, featureNames, standardization, target } = model;
  checkList(classNames, network.outputDim, "string", `${what}: classNames`);
  checkList(featureNames, network.inputDim, "string", `${what}: featureNames`);
  if (standardization !== undefined) {
    if (standardization === null) throw new FormatError(`${what}: standardization: expected mean and scale, got null.`);
    checkKeys(standardization, ["mean", "scale"], `${what}: standardization`);
    checkList(standardization.mean ?? null, network.inputDim, "number", `${what}: standardization.mean`);
    checkList(standardization.scale ?? null, network.inputDim, "number", `${what}: standardization.scale`);
  }
  if (target !== undefined) checkTarget(target, network.outputDim, `${what}: target`);
  if (model.notes !== undefined) checkNotes(model.notes, `${what}: notes`);
  asFormatError(what, () => savedLoss(model));
}

function checkTarget(target: NonNullable<ModelMetadata["target"]> | null, outputs: number, what: string): void {
  const { name, mean, scale } = target ?? {};
  if (typeof name !== "string" || !Number.isFinite(mean) || !(Number.isFinite(scale) && (scale as number) > 0)) {
    throw new FormatError(`${what}: expected a name, a mean and a positive scale, found ${JSON.stringify(target)}.`);
  }
  checkKeys(target as object, ["name", "mean", "scale"], what);
  if (outputs !== 1) throw new FormatError(`${what}: it speaks of one output, but the model has ${outputs}.`);
}

function checkNotes(notes: unknown, what: string): void {
  const isObject = typeof notes === "object" && notes !== null && !Array.isArray(notes);
  const fits = (value: unknown) => ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  if (isObject && Object.values(notes).every(fits)) return;
  throw new FormatError(
    `${what}: expected strings, finite numbers and booleans by name, found ${JSON.stringify(notes)}.`,
  );
}

/** Metadata that speak of this loss, whatever loss they spoke of before. */
export function withLoss(metadata: ModelMetadata, { name, config }: Loss): ModelMetadata {
  const others = Object.entries(metadata).filter(([key]) => !(savedLossKeys as readonly string[]).includes(key));
  return { ...Object.fromEntries(others), loss: name, ...config };
}

/** What a layer, a network, a loss or an estimator says of its settings is here the fault of the file. */
export function asFormatError<T>(what: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof DataError)) throw error;
    throw new FormatError(`${what}: ${error.message}`, { cause: error });
  }
}

/** @throws FormatError for a key that is not among the known ones. */
export function checkKeys(object: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new FormatError(`${what} has the unknown key "${unknown}"; known are ${known.join(", ")}.`);
  }
}

/** @throws FormatError unless this is a list or undefined. @param length undefined for any. */
export function checkList(list: unknown, length: number | undefined, type: "string" | "number", what: string): void {
  if (list === undefined) return;
  const fits = Array.isArray(list) && list.length === (length ?? list.length);
  if (!fits || list.some((value) => typeof value !== type)) {
    throw new FormatError(`${what}: expected a list of ${length === undefined ? "" : `${length} `}${type}s.`);
  }
}
