// Optimizers as Keras computes them, one weight at a time.

/** One weight with what its optimizer remembers of it. */
export interface Weight {
  w: number;
  /** Adam's m, v and largest v; the velocity of SGD with momentum. */
  slots: number[];
}

/** Moves a weight by its gradient; t counts steps from 1. */
export type Update = (weight: Weight, g: number, t: number) => void;

interface AdamSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Keras' Adam: epsilon stands beside sqrt(v), the bias corrections are in the step size. */
export function adam({ learningRate, beta1, beta2, epsilon }: AdamSettings): Update {
  return (weight, g, t) => {
    const alpha = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    const [m, v] = moments(weight, g, beta1, beta2);
    weight.slots = [m, v];
    weight.w -= (m * alpha) / (Math.sqrt(v) + epsilon);
  };
}

/** Keras' Adam with amsgrad: the largest v so far, not bias-corrected. */
export function amsgrad({ learningRate, beta1, beta2, epsilon }: AdamSettings): Update {
  return (weight, g, t) => {
    const alpha = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    const [m, v] = moments(weight, g, beta1, beta2);
    const largest = Math.max(weight.slots[2]!, v);
    weight.slots = [m, v, largest];
    weight.w -= (m * alpha) / (Math.sqrt(largest) + epsilon);
  };
}

function moments({ slots: [m, v] }: Weight, g: number, beta1: number, beta2: number): [number, number] {
  return [m! + (g - m!) * (1 - beta1), v! + (g ** 2 - v!) * (1 - beta2)];
}

export function sgd({ learningRate }: { learningRate: number }): Update {
  return (weight, g) => {
    weight.w -= learningRate * g;
  };
}

/** Keras' SGD with momentum; Nesterov's variant looks one step ahead. */
export function momentum(settings: { learningRate: number; momentum: number; nesterov: boolean }): Update {
  return (weight, g) => {
    const velocity = settings.momentum * weight.slots[0]! - settings.learningRate * g;
    weight.slots = [velocity];
    weight.w += settings.nesterov ? settings.momentum * velocity - settings.learningRate * g : velocity;
  };
}
