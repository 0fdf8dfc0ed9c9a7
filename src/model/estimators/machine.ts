// What all estimators are inside: columns brought to one scale, random features, and a linear model on them.
import { type Matrix, type MatrixLike, toMatrix } from "../../data/matrix.ts";
import type { Standardization } from "../../data/table.ts";
import type { TargetsLike } from "../../data/targets.ts";
import { DataError } from "../../errors.ts";
import { layers } from "../../nn/layers/all.ts";
import type { Loss, LossName } from "../../nn/losses.ts";
import { optimizers } from "../../nn/optimizers.ts";
import { regularizers } from "../../nn/regularizers.ts";
import { schedules } from "../../nn/schedules.ts";
import type { History } from "../../train/history.ts";
import type { Predictions } from "../../train/predict.ts";
import { Sequential } from "../sequential.ts";
import { gammaOf, scaleOf } from "./bandwidth.ts";
import { applyScaling, measureScaling } from "./input_scaling.ts";
import { batchSizeFor, type EstimatorSettings, epochsFor, type FitEstimatorOptions, featureMapFor } from "./options.ts";

/** What a machine is trained towards. */
export interface Objective {
  readonly loss: Loss | LossName;
  /** Of the linear model's kernel: l2 sum w^2 is added to the loss. */
  readonly l2: number;
  readonly outputs: number;
}

export class KernelMachine {
  readonly model: Sequential;
  /** x goes in as (x - mean) / scale. */
  readonly scaling: Standardization;
  readonly gamma: number;
  readonly #settings: EstimatorSettings;
  /** Whether the optimizer is one of a single pass, which goes on from call to call. */
  #goesOn = false;

  constructor(model: Sequential, scaling: Standardization, gamma: number, settings: EstimatorSettings) {
    this.model = model;
    this.scaling = scaling;
    this.gamma = gamma;
    this.#settings = settings;
  }

  /** A machine yet to be trained, its scaling and bandwidth measured on rows x [n, d]. */
  static measure(x: Matrix, { outputs, l2 }: Objective, settings: EstimatorSettings): KernelMachine {
    const { nComponents, kernel, seed, device } = settings;
    const columns = x.shape[1];
    const scaling = measureScaling(x, settings.standardize);
    const gamma = gammaOf(applyScaling(x, scaling), kernel, settings.gamma, seed);
    const featureMap = featureMapFor(settings, columns);
    const model = new Sequential(
      [
        layers.input({ shape: [columns] }),
        layers.randomFourierFeatures({
          outputDim: nComponents,
          kernelInitializer: kernel,
          featureMap,
          scale: scaleOf(gamma, kernel),
        }),
        layers.dense({ units: outputs, kernelRegularizer: regularizers.l2(l2) }),
      ],
      { ...device, seed },
    );
    return new KernelMachine(model, scaling, gamma, settings);
  }

  /** All epochs, by Adam with a learning rate that falls to 0 along half a cosine. */
  fit(x: Matrix, y: TargetsLike, { loss }: Objective, options: FitEstimatorOptions): Promise<History> {
    const epochs = epochsFor(this.#settings, x.shape[0]);
    const decaySteps = epochs * Math.ceil(x.shape[0] / batchSizeFor(this.#settings, x.shape[0]));
    const initialLearningRate = this.#settings.learningRate;
    const learningRate = schedules.cosineDecay({ initialLearningRate, decaySteps });
    this.model.compile({ optimizer: optimizers.adam({ learningRate }), loss });
    this.#goesOn = false;
    return this.#pass(x, y, epochs, options);
  }

  /** One epoch at a constant learning rate; the optimizer goes on from the call before, if that was such a pass too. */
  fitPart(x: Matrix, y: TargetsLike, { loss }: Objective, options: FitEstimatorOptions): Promise<History> {
    if (!this.#goesOn) {
      this.model.compile({ optimizer: optimizers.adam({ learningRate: this.#settings.learningRate }), loss });
      this.#goesOn = true;
    }
    return this.#pass(x, y, 1, options);
  }

  /** [rows, outputs] of the linear model. */
  outputs(x: MatrixLike): Promise<Predictions> {
    return this.model.predict(this.#scaled(toMatrix(x, "X")));
  }

  #pass(x: Matrix, y: TargetsLike, epochs: number, options: FitEstimatorOptions): Promise<History> {
    const batchSize = batchSizeFor(this.#settings, x.shape[0]);
    return this.model.fit(this.#scaled(x), y, { ...options, epochs, batchSize, verbose: this.#settings.verbose });
  }

  #scaled(x: Matrix): Matrix {
    const { inputDim } = this.model;
    if (x.shape[1] !== inputDim) {
      throw new DataError(`X: fitted on ${inputDim} columns, got ${x.shape[1]}. Give the same columns as in fit.`);
    }
    return applyScaling(x, this.scaling);
  }
}
