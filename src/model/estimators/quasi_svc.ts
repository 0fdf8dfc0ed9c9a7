import { holdOut, takeRows } from "../../data/hold_out.ts";
import { type MatrixLike, toMatrix } from "../../data/matrix.ts";
import { ConfigError, checkOptions, show } from "../../errors.ts";
import { asFormatError } from "../metadata.ts";
import { sampleWeights } from "../options.ts";
import { fitTemperature, softmax } from "./calibration.ts";
import { Classifier, type ClassifierOptions, type ClassScores } from "./classifier.ts";
import { classesOf, type Label, type Labels, labelIndices } from "./labels.ts";
import type { Objective } from "./machine.ts";
import {
  type DeviceOptions,
  deviceOptions,
  estimatorSettings,
  type FitEstimatorOptions,
  fitEstimatorOptions,
  positive,
} from "./options.ts";
import { l2OfC } from "./regularization.ts";
import { decodeState, machineOf, savedNumber } from "./saved.ts";

/** Of `new QuasiSVC`. */
export interface QuasiSVCOptions extends ClassifierOptions {
  /** max(1 - y f, 0) or its square. Default "squared_hinge", as scikit-learn's LinearSVC. */
  loss?: "hinge" | "squared_hinge";
  /** Holds out a random tenth of the rows of `fit` to calibrate `predictProba` on. Default false, as in scikit-learn. */
  probability?: boolean;
}

const heldShare = 0.1;

/**
 * A support vector classifier on random Fourier features: one-vs-all hinge losses on a map whose inner products
 * approximate the kernel (Rahimi and Recht, 2007). The counterpart of scikit-learn's SVC, or of its RBFSampler +
 * LinearSVC: it minimizes 1/2 |v|^2 + C sum(loss) for each class by stochastic gradients.
 *
 * ```ts
 * const svc = await new QuasiSVC({ gamma: "median" }).fit(X, labels);
 * await svc.score(testX, testLabels);
 * ```
 */
export class QuasiSVC extends Classifier {
  readonly #C: number;
  readonly #loss: "hinge" | "squared_hinge";
  readonly #probability: boolean;
  #temperature: number | undefined;

  /** @throws ConfigError for an option that is unknown or can't be used. */
  constructor(options: QuasiSVCOptions = {}) {
    const what = "new QuasiSVC";
    const settings = estimatorSettings(options, ["C", "classWeight", "loss", "probability"], what);
    const { gpu: _, tune: __, tuningStore: ___, ...own } = options;
    super("QuasiSVC", settings, own);
    const { C = 1, loss = "squared_hinge", probability = false } = options;
    positive(C, `${what}: C`);
    if (loss !== "hinge" && loss !== "squared_hinge") {
      throw new ConfigError(`${what}: loss must be "hinge" or "squared_hinge", got ${show(loss)}.`);
    }
    if (typeof probability !== "boolean") {
      throw new ConfigError(`${what}: probability must be true or false, got ${show(probability)}.`);
    }
    this.#C = C;
    this.#loss = loss;
    this.#probability = probability;
  }

  /** An estimator from the bytes that `save` gave. @throws FormatError for other bytes, ConfigError for bad options. */
  static load(bytes: Uint8Array, device: DeviceOptions = {}): QuasiSVC {
    checkOptions(device, deviceOptions, "QuasiSVC.load");
    const state = decodeState(bytes, "QuasiSVC");
    const svc = asFormatError("QuasiSVC.load", () => new QuasiSVC({ ...state.options, ...device }));
    const machine = machineOf(bytes, state, svc.settings);
    svc.restoreClasses(state.learned.classes, machine.model.outputDim);
    const { temperature } = state.learned;
    if (temperature !== undefined) svc.#temperature = savedNumber(temperature, "QuasiSVC.load: temperature");
    svc.restore(machine);
    return svc;
  }

  override async fit(X: MatrixLike, y: Labels, options: FitEstimatorOptions = {}): Promise<this> {
    if (!this.#probability) return super.fit(X, y, options);
    checkOptions(options, fitEstimatorOptions, "QuasiSVC.fit");
    const x = toMatrix(X, "X");
    const rows = x.shape[0];
    const classes = classesOf(y, "y");
    labelIndices(y, classes, rows, "y"); // a length that does not fit is refused before rows are taken
    const { kept, held } = holdOut(rows, heldShare, this.settings.seed);
    const labelsOf = (chosen: Uint32Array) => Array.from(chosen, (row) => y[row] as Label);
    const { sampleWeight, ...rest } = options;
    const weights = sampleWeight && sampleWeights(sampleWeight, rows);
    await this.fitClasses("fit", takeRows(x, kept), labelsOf(kept), classes, {
      ...rest,
      ...(weights && { sampleWeight: Float32Array.from(kept, (row) => weights[row] as number) }),
    });
    return this.calibrate(takeRows(x, held), labelsOf(held));
  }

  /**
   * Fits the probabilities to rows X [n, d] that the model was not trained on: softmax(t f) of the decision values f,
   * with the t from 0 on that makes the labels most likely (Guo et al., "On Calibration of Modern Neural Networks",
   * 2017).
   * @throws as `decisionFunction`; DataError for labels that are no classes.
   */
  async calibrate(X: MatrixLike, y: Labels): Promise<this> {
    const values = await this.decisionFunction(X);
    this.#temperature = fitTemperature(values, labelIndices(y, this.classes, values.shape[0], "y"));
    return this;
  }

  /**
   * Probabilities of the classes [n, classes] for rows X [n, d]: the softmax of the decision values times what
   * calibration found, so that the most likely class is the one predicted.
   * @throws ConfigError without calibration, and as `decisionFunction`.
   */
  async predictProba(X: MatrixLike): Promise<ClassScores> {
    if (this.#temperature === undefined) {
      throw new ConfigError(
        "QuasiSVC.predictProba: margins are no probabilities before they are calibrated. Fit with { probability: true }, " +
          "or call calibrate with rows that were not trained on.",
      );
    }
    const values = await this.decisionFunction(X);
    return { data: softmax(values, this.#temperature), shape: values.shape };
  }

  protected override objective(rows: number, classes: number): Objective {
    const l2 = l2OfC(this.#C, { rows, features: this.settings.nComponents, outputs: classes });
    return { loss: this.#loss, l2, outputs: classes };
  }

  protected override begin(classes: readonly Label[]): void {
    super.begin(classes);
    this.#temperature = undefined; // the decision values become others
  }

  protected override learned(): Record<string, unknown> {
    return { ...super.learned(), ...(this.#temperature !== undefined && { temperature: this.#temperature }) };
  }
}
