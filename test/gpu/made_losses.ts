// The losses of src/nn/losses.ts that the twins of the same names stand for.
import { type Loss, losses } from "../../src/nn/losses.ts";
import type { LossName } from "../twins/losses.ts";

export const madeLosses: Record<LossName, Loss> = {
  hinge: losses.hinge(),
  squared_hinge: losses.squaredHinge(),
  categorical_hinge: losses.categoricalHinge(),
  categorical_crossentropy: losses.categoricalCrossentropy(),
  "categorical_crossentropy smoothed": losses.categoricalCrossentropy({ labelSmoothing: 0.1 }),
  categorical_crossentropy_logits: losses.categoricalCrossentropy({ fromLogits: true }),
  "categorical_crossentropy_logits smoothed": losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.3 }),
  binary_crossentropy: losses.binaryCrossentropy(),
  "binary_crossentropy smoothed": losses.binaryCrossentropy({ labelSmoothing: 0.3 }),
  binary_crossentropy_logits: losses.binaryCrossentropy({ fromLogits: true }),
  "binary_crossentropy_logits smoothed": losses.binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }),
  mean_squared_error: losses.meanSquaredError(),
  mean_absolute_error: losses.meanAbsoluteError(),
  huber: losses.huber(),
  "huber of 0.25": losses.huber({ delta: 0.25 }),
  epsilon_insensitive: losses.epsilonInsensitive(),
  "epsilon_insensitive of 0.5": losses.epsilonInsensitive({ epsilon: 0.5 }),
  squared_epsilon_insensitive: losses.squaredEpsilonInsensitive(),
};
