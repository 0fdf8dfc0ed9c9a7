// Optimizers by Keras' names and defaults. The updates are in shaders/optimizers.
import { ConfigError, checkOptions } from "../errors.ts";
import { packStruct } from "../gpu/buffers.ts";
import { type OptimizerShader, optimizerShaders } from "./kernels/optimizers.ts";
import { stepBytes, stepStruct } from "./kernels/wgsl.ts";

/** An optimizer: its shader, that shader's constants, and the step size of each step. */
export interface Optimizer {
  readonly name: "adam" | "sgd";
  /** The settings beside the learning rate. */
  readonly config: Readonly<Record<string, number | boolean>>;
  /** May be changed between epochs. */
  learningRate: number;
  readonly shader: OptimizerShader;
  /** Values of the shader's uniform `hyper`. */
  readonly hyper: Readonly<Record<string, number>>;
  /** What the shader multiplies a gradient by at optimizer step t, counted from 1. */
  stepSize(t: number): number;
}

export interface AdamOptions {
  /** Default 1e-3. */
  learningRate?: number;
  /** Decay of the mean gradient. Default .9. */
  beta1?: number;
  /** Decay of the mean squared gradient. Default .999. */
  beta2?: number;
  /** Added to sqrt(v). Default 1e-7. */
  epsilon?: number;
  /** Use the largest v so far. Default false. */
  amsgrad?: boolean;
}

export interface SgdOptions {
  /** Default .01. */
  learningRate?: number;
  /** Default 0. */
  momentum?: number;
  /** Default false. */
  nesterov?: boolean;
}

export const optimizers = {
  /** Adam as Keras computes it (Kingma and Ba, 2015; AMSGrad: Reddi et al., 2018). */
  adam(options: AdamOptions = {}): Optimizer {
    checkOptions(options, ["learningRate", "beta1", "beta2", "epsilon", "amsgrad"], "optimizers.adam");
    const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false } = options;
    positive("learningRate", learningRate);
    positive("epsilon", epsilon);
    decay("beta1", beta1);
    decay("beta2", beta2);
    return {
      name: "adam",
      config: { beta1, beta2, epsilon, amsgrad },
      learningRate,
      shader: amsgrad ? optimizerShaders.amsgrad : optimizerShaders.adam,
      hyper: { oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2, epsilon },
      stepSize(t) {
        return (this.learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      },
    };
  },

  /** Stochastic gradient descent, with momentum and Nesterov's variant. */
  sgd(options: SgdOptions = {}): Optimizer {
    checkOptions(options, ["learningRate", "momentum", "nesterov"], "optimizers.sgd");
    const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
    positive("learningRate", learningRate);
    decay("momentum", momentum);
    return {
      name: "sgd",
      config: { momentum, nesterov },
      learningRate,
      shader: momentum > 0 ? optimizerShaders.momentum : optimizerShaders.sgd,
      hyper: { momentum, nesterov: nesterov ? 1 : 0 },
      stepSize() {
        return this.learningRate;
      },
    };
  },
};

/** @throws ConfigError with the names there are. */
export function optimizerOf(given: "adam" | "sgd" | string | Optimizer): Optimizer {
  if (typeof given === "object" && given !== null) return given;
  if (!Object.hasOwn(optimizers, given)) {
    throw new ConfigError(`Unknown optimizer ${JSON.stringify(given)}. Known: ${Object.keys(optimizers).join(", ")}.`);
  }
  return optimizers[given as "adam" | "sgd"]();
}

/** A learning rate may be set between epochs. @throws ConfigError unless it is a positive number. */
export function checkLearningRate({ learningRate }: Optimizer): void {
  positive("learningRate", learningRate);
}

/**
 * The steps of an epoch as kernels read them, [steps] of struct Step: all that changes from step to step is computed
 * here, in float64, once an epoch.
 * @param iterations optimizer steps before the first of them.
 */
export function stepTable(optimizer: Optimizer, iterations: number, steps: number): ArrayBuffer {
  const table = new ArrayBuffer(steps * stepBytes);
  for (let i = 0; i < steps; i++) {
    const iteration = iterations + i;
    const step = { size: optimizer.stepSize(iteration + 1), rate: 0, average: 0, iteration };
    new Uint8Array(table).set(new Uint8Array(packStruct(stepStruct, step)), i * stepBytes);
  }
  return table;
}

function positive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new ConfigError(`${name} must be a positive number, got ${value}.`);
  }
}

function decay(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new ConfigError(`${name} must be at least 0 and below 1, got ${value}.`);
}
