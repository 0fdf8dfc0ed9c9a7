import { ConfigError, checkOptions, show } from "../../errors.ts";
import { asFormatError } from "../metadata.ts";
import type { Objective } from "./machine.ts";
import { type DeviceOptions, deviceOptions, type EstimatorOptions, estimatorSettings } from "./options.ts";
import { Regressor } from "./regressor.ts";
import { l2OfAlpha } from "./regularization.ts";
import { decodeState, machineOf } from "./saved.ts";

/** Of `new QuasiRidge`. */
export interface QuasiRidgeOptions extends EstimatorOptions {
  /** Strength of regularization, as in scikit-learn's Ridge. Default 1. */
  alpha?: number;
}

/**
 * Kernel ridge regression on random Fourier features. The counterpart of scikit-learn's RBFSampler + Ridge, or
 * KernelRidge: it minimizes sum((y - f)^2) + alpha |v|^2, not by solving for v but by stochastic gradients (Adam on the
 * mean squared error), so it needs no D x D matrix.
 */
export class QuasiRidge extends Regressor {
  readonly #alpha: number;

  /** @throws ConfigError for an option that is unknown or can't be used. */
  constructor(options: QuasiRidgeOptions = {}) {
    const what = "new QuasiRidge";
    const settings = estimatorSettings(options, ["alpha"], what);
    const { gpu: _, tune: __, tuningStore: ___, ...own } = options;
    super("QuasiRidge", settings, own);
    const { alpha = 1 } = options;
    if (!(Number.isFinite(alpha) && alpha >= 0)) {
      throw new ConfigError(`${what}: alpha must be a number from 0 on, got ${show(alpha)}.`);
    }
    this.#alpha = alpha;
  }

  /** An estimator from the bytes that `save` gave. @throws FormatError for other bytes, ConfigError for bad options. */
  static load(bytes: Uint8Array, device: DeviceOptions = {}): QuasiRidge {
    checkOptions(device, deviceOptions, "QuasiRidge.load");
    const state = decodeState(bytes, "QuasiRidge");
    const ridge = asFormatError("QuasiRidge.load", () => new QuasiRidge({ ...state.options, ...device }));
    ridge.restoreTarget(state.learned.target);
    ridge.restore(machineOf(bytes, state, ridge.settings));
    return ridge;
  }

  protected override objective(rows: number): Objective {
    const l2 = l2OfAlpha(this.#alpha, { rows, features: this.settings.nComponents, outputs: 1 });
    return { loss: "mean_squared_error", l2, outputs: 1 };
  }
}
