import type { MatrixLike } from "../../data/matrix.ts";
import { checkOptions } from "../../errors.ts";
import { losses } from "../../nn/losses.ts";
import { asFormatError } from "../metadata.ts";
import { softmax } from "./calibration.ts";
import { Classifier, type ClassifierOptions, type ClassScores } from "./classifier.ts";
import type { Objective } from "./machine.ts";
import { type DeviceOptions, deviceOptions, estimatorSettings, positive } from "./options.ts";
import { l2OfC } from "./regularization.ts";
import { decodeState, machineOf } from "./saved.ts";

/**
 * Kernel logistic regression on random Fourier features: softmax cross-entropy on a linear model over a map whose inner
 * products approximate the kernel. The counterpart of scikit-learn's RBFSampler + LogisticRegression: it minimizes 1/2
 * |v|^2 + C sum(loss) by stochastic gradients. C is 10 by default: features of length 1 ask for larger weights than the
 * cross-entropy is worth at scikit-learn's 1.
 */
export class QuasiLogisticRegression extends Classifier {
  readonly #C: number;

  /** @throws ConfigError for an option that is unknown or can't be used. */
  constructor(options: ClassifierOptions = {}) {
    const what = "new QuasiLogisticRegression";
    const settings = estimatorSettings(options, ["C", "classWeight"], what);
    const { gpu: _, tune: __, tuningStore: ___, ...own } = options;
    super("QuasiLogisticRegression", settings, own);
    const { C = 10 } = options;
    positive(C, `${what}: C`);
    this.#C = C;
  }

  /** An estimator from the bytes that `save` gave. @throws FormatError for other bytes, ConfigError for bad options. */
  static load(bytes: Uint8Array, device: DeviceOptions = {}): QuasiLogisticRegression {
    const what = "QuasiLogisticRegression";
    checkOptions(device, deviceOptions, `${what}.load`);
    const state = decodeState(bytes, what);
    const made = asFormatError(`${what}.load`, () => new QuasiLogisticRegression({ ...state.options, ...device }));
    const machine = machineOf(bytes, state, made.settings);
    made.restoreClasses(state.learned.classes, machine.model.outputDim);
    made.restore(machine);
    return made;
  }

  /**
   * Probabilities of the classes [n, classes] for rows X [n, d]: the softmax of the decision values.
   * @throws as `decisionFunction`.
   */
  async predictProba(X: MatrixLike): Promise<ClassScores> {
    const values = await this.decisionFunction(X);
    return { data: softmax(values), shape: values.shape };
  }

  protected override objective(rows: number, classes: number): Objective {
    // Two outputs share the difference that scikit-learn's one output makes: |w1|^2 + |w0|^2 is half its square.
    const C = classes === 2 ? this.#C / 2 : this.#C;
    const l2 = l2OfC(C, { rows, features: this.settings.nComponents, outputs: 1 });
    return { loss: losses.categoricalCrossentropy({ fromLogits: true }), l2, outputs: classes };
  }
}
