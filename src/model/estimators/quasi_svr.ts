import { ConfigError, checkOptions, show } from "../../errors.ts";
import { losses } from "../../nn/losses.ts";
import { asFormatError } from "../metadata.ts";
import type { Objective } from "./machine.ts";
import { type DeviceOptions, deviceOptions, type EstimatorOptions, estimatorSettings, positive } from "./options.ts";
import { Regressor } from "./regressor.ts";
import { l2OfC } from "./regularization.ts";
import { decodeState, machineOf } from "./saved.ts";

export interface QuasiSVROptions extends EstimatorOptions {
  /** Inverse strength of regularization, as in scikit-learn's SVR. Default 1. */
  C?: number;
  /** Errors up to this cost nothing; in units of the targets. Default 0.1. */
  epsilon?: number;
}

/**
 * Support vector regression on random Fourier features. The counterpart of scikit-learn's SVR: it minimizes
 * 1/2 |v|^2 + C sum(max(|y - f| - epsilon, 0)) by stochastic gradients.
 * @throws ConfigError for an option that is unknown or can't be used.
 */
export class QuasiSVR extends Regressor {
  readonly #C: number;
  readonly #epsilon: number;

  /** @throws ConfigError for an option that is unknown or can't be used. */
  constructor(options: QuasiSVROptions = {}) {
    const what = "new QuasiSVR";
    const settings = estimatorSettings(options, ["C", "epsilon"], what);
    const { gpu: _, tune: __, tuningStore: ___, ...own } = options;
    super("QuasiSVR", settings, own);
    const { C = 1, epsilon = 0.1 } = options;
    positive(C, `${what}: C`);
    if (!(Number.isFinite(epsilon) && epsilon >= 0)) {
      throw new ConfigError(`${what}: epsilon must be a number from 0 on, got ${show(epsilon)}.`);
    }
    this.#C = C;
    this.#epsilon = epsilon;
  }

  /** An estimator from the bytes that `save` gave. @throws FormatError for other bytes, ConfigError for bad options. */
  static load(bytes: Uint8Array, device: DeviceOptions = {}): QuasiSVR {
    checkOptions(device, deviceOptions, "QuasiSVR.load");
    const state = decodeState(bytes, "QuasiSVR");
    const svr = asFormatError("QuasiSVR.load", () => new QuasiSVR({ ...state.options, ...device }));
    svr.restoreTarget(state.learned.target);
    svr.restore(machineOf(bytes, state, svr.settings));
    return svr;
  }

  protected override objective(rows: number, deviation: number): Objective {
    // With y = deviation y', v = deviation v' and errors alike, the objective is deviation^2 times that of C / deviation.
    const l2 = l2OfC(this.#C / deviation, { rows, features: this.settings.nComponents, outputs: 1 });
    return { loss: losses.epsilonInsensitive({ epsilon: this.#epsilon / deviation }), l2, outputs: 1 };
  }
}
