// A kernel machine of the plane: random Fourier features of two coordinates and a linear layer with an output a class.
import { type Gpu, layers, losses, optimizers, regularizers, Sequential, schedules } from "../../../src/index.ts";

export type PlaneLoss = "hinge" | "categorical_crossentropy" | "mean_squared_error";

export interface PlaneSettings {
  readonly loss: PlaneLoss;
  readonly kernel: "gaussian" | "laplacian";
  /** D, the number of random features. */
  readonly outputDim: number;
  /** s, the kernel's bandwidth. */
  readonly scale: number;
  /** What the loss of a point counts beside the size of the weights. */
  readonly C: number;
}

/** Passes over the points. */
export const epochs = 400;
/** Minibatches of an epoch, however many points there are. */
const stepsPerEpoch = 4;

export function batchSizeFor(rows: number): number {
  return Math.ceil(rows / stepsPerEpoch);
}

/**
 * How far the score of a point's class lies above the best other one at the margin. Hinge and ridge ask for 1 of the
 * point's own class and for -1 of every other; for the logistic loss it is odds of nine to one.
 */
export const margins: Readonly<Record<PlaneLoss, number>> = {
  hinge: 2,
  categorical_crossentropy: Math.log(9),
  mean_squared_error: 2,
};

/** A model yet to be trained on so many rows of so many classes. */
export function planeModel(settings: PlaneSettings, rows: number, classes: number, gpu: Gpu): Sequential {
  const { loss, kernel, outputDim, scale } = settings;
  const featureMap = kernel === "gaussian" ? "orthogonal" : "dense";
  const kernelRegularizer = regularizers.l2(l2Of(settings, rows, classes));
  const model = new Sequential(
    [
      layers.input({ shape: [2] }),
      layers.randomFourierFeatures({ outputDim, scale, kernelInitializer: kernel, featureMap }),
      layers.dense({ units: classes, kernelRegularizer }),
    ],
    { gpu },
  );
  // A step moves each of D weights by about the rate. It falls a thousandfold, because the last bit of a hinge's way is
  // long; the mean of squares forgets in 100 steps what gradients were before most points had their margin.
  const learningRate = schedules.exponentialDecay({
    initialLearningRate: (0.02 * 512) / outputDim,
    decaySteps: epochs * Math.ceil(rows / batchSizeFor(rows)),
    decayRate: 1e-3,
  });
  const logits = losses.categoricalCrossentropy({ fromLogits: true });
  model.compile({
    optimizer: optimizers.adam({ learningRate, beta2: 0.99 }),
    loss: loss === "categorical_crossentropy" ? logits : loss,
  });
  return model;
}

/**
 * C as in scikit-learn's SVC, where 1/2 sum |v_k|^2 + C sum(loss) is minimized over the K outputs f_k = v_k . phi + b_k
 * and the n rows, each output by itself. phi = sqrt(2 / D) z has inner products that approximate the kernel, where the
 * layer's features are z = cos(...): the same f has the weights w = sqrt(2 / D) v, and so |v|^2 = D / 2 |w|^2. The
 * model's loss is a mean over rows and outputs: all divided by n K C, what is minimized is
 * mean(loss) + D / (4 n K C) sum |w_k|^2. The cross-entropy is one number a row, so its K is 1; and its two outputs
 * share the difference that scikit-learn's LogisticRegression makes with one, v / 2 and -v / 2, whose squares add up to
 * half of |v|^2, so that their C is halved too. The ridge's targets are 1 for a row's class and -1 for every other.
 */
export function l2Of({ loss, outputDim, C }: PlaneSettings, rows: number, classes: number): number {
  if (loss !== "categorical_crossentropy") return outputDim / (4 * rows * classes * C);
  return outputDim / (4 * rows * (classes === 2 ? C / 2 : C));
}

/** What the model is trained towards: the labels, or for the ridge 1 and -1 [n, classes]. */
export function targetsOf(loss: PlaneLoss, labels: Uint8Array, classes: number) {
  if (loss !== "mean_squared_error") return labels;
  const data = new Float32Array(labels.length * classes).fill(-1);
  labels.forEach((label, row) => {
    data[row * classes + label] = 1;
  });
  return { data, shape: [labels.length, classes] as const };
}
