// An estimator as bytes: the file of its model, which any reader of models opens, with what the estimator knows beside it
// as one more JSON string among the file's metadata.
import { decodeSafetensors, encodeSafetensors } from "../../data/safetensors.ts";
import { FormatError, show } from "../../errors.ts";
import type { ModelMetadata } from "../metadata.ts";
import type { SaveOptions } from "../options.ts";
import { Sequential } from "../sequential.ts";
import { KernelMachine } from "./machine.ts";
import type { EstimatorSettings } from "./options.ts";

/** What an estimator knows beside its model. */
export interface EstimatorState {
  /** Its class, for instance "QuasiSVC". */
  readonly estimator: string;
  /** The options it was made with, those of the device left out. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly gamma: number;
  /** What its class learned: labels, calibration, the scale of targets. */
  readonly learned: Readonly<Record<string, unknown>>;
}

const key = "quasi-svm.estimator";
const version = 1;
const stateKeys = ["version", "estimator", "options", "gamma", "learned"];

/** The bytes of a safetensors file. */
export async function encodeEstimator(
  machine: KernelMachine,
  state: EstimatorState,
  metadata: ModelMetadata,
  options: SaveOptions,
): Promise<Uint8Array> {
  const { mean, scale } = machine.scaling;
  const standardization = { mean: [...mean], scale: [...scale] };
  const bytes = await machine.model.save({ ...metadata, standardization }, options);
  const file = decodeSafetensors(bytes, "estimator.save");
  return encodeSafetensors(file.tensors, { ...file.metadata, [key]: JSON.stringify({ version, ...state }) });
}

/**
 * What `encodeEstimator` put in; the model is opened by `machineOf`, when the settings are known.
 * @throws FormatError for another file, another estimator, or another version.
 */
export function decodeState(bytes: Uint8Array, estimator: string): EstimatorState {
  const json = decodeSafetensors(bytes, estimator).metadata[key];
  if (json === undefined) {
    throw new FormatError(`${estimator}.load: a safetensors file without the "${key}" metadata of a saved estimator.`);
  }
  let state: (EstimatorState & { readonly version: unknown }) | null;
  try {
    state = JSON.parse(json);
  } catch (cause) {
    throw new FormatError(`${estimator}.load: the "${key}" metadata is not JSON (${(cause as Error).message}).`, {
      cause,
    });
  }
  const unknown = Object.keys(state ?? {}).find((name) => !stateKeys.includes(name));
  if (!isRecord(state) || !isRecord(state.options) || !isRecord(state.learned) || unknown !== undefined) {
    throw new FormatError(
      `${estimator}.load: the "${key}" metadata must be an object of ${stateKeys.join(", ")}` +
        `${unknown === undefined ? "" : `, but has "${unknown}"`}.`,
    );
  }
  if (state.version !== version) {
    throw new FormatError(`${estimator}.load: format version ${show(state.version)}; this library reads ${version}.`);
  }
  if (state.estimator !== estimator) {
    throw new FormatError(`${estimator}.load: the file holds a ${show(state.estimator)}; load it with that class.`);
  }
  if (!(typeof state.gamma === "number" && state.gamma > 0)) {
    throw new FormatError(`${estimator}.load: gamma must be a positive number, found ${show(state.gamma)}.`);
  }
  return state;
}

/** The machine of a saved estimator. @throws FormatError for a model that does not fit it. */
export function machineOf(
  bytes: Uint8Array,
  { estimator, gamma }: EstimatorState,
  settings: EstimatorSettings,
): KernelMachine {
  const what = `${estimator}.load`;
  const model = Sequential.load(bytes, { ...settings.device, what });
  const { standardization } = model.metadata;
  if (!standardization) throw new FormatError(`${what}: the model has no standardization.`);
  const mean = Float32Array.from(standardization.mean);
  const scale = Float32Array.from(standardization.scale);
  return new KernelMachine(model, { mean, scale }, gamma, settings);
}

/** @throws FormatError unless it is a finite number. */
export function savedNumber(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new FormatError(`${what}: expected a number, found ${show(value)}.`);
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
