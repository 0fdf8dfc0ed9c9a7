import optimize from "../../../shaders/optimize.wgsl" with { type: "text" };
import adam from "../../../shaders/optimizers/adam.wgsl" with { type: "text" };
import amsgrad from "../../../shaders/optimizers/amsgrad.wgsl" with { type: "text" };
import momentum from "../../../shaders/optimizers/momentum.wgsl" with { type: "text" };
import sgd from "../../../shaders/optimizers/sgd.wgsl" with { type: "text" };
import type { Binding, Kernel } from "../../gpu/kernel.ts";
import { bindings, kernel } from "./wgsl.ts";

/** An optimizer's `update` function with the bindings it brings. */
export interface OptimizerShader {
  readonly name: string;
  readonly source: string;
  readonly bindings: readonly Binding[];
  /** Buffers beside the parameters, each as long as they are, called slot0, slot1, ... */
  readonly slots: number;
}

const adamHyper = { oneMinusBeta1: "f32", oneMinusBeta2: "f32", epsilon: "f32" } as const;
const momentumHyper = { momentum: "f32", nesterov: "u32" } as const;
const slot = "read_write";

export const optimizerShaders = {
  adam: { name: "adam", source: adam, slots: 2, bindings: bindings(2, { hyper: adamHyper, slot0: slot, slot1: slot }) },
  amsgrad: {
    name: "amsgrad",
    source: amsgrad,
    slots: 3,
    bindings: bindings(2, { hyper: adamHyper, slot0: slot, slot1: slot, slot2: slot }),
  },
  sgd: { name: "sgd", source: sgd, slots: 0, bindings: [] },
  momentum: {
    name: "momentum",
    source: momentum,
    slots: 1,
    bindings: bindings(2, { hyper: momentumHyper, slot0: slot }),
  },
} as const satisfies Record<string, OptimizerShader>;

/** The optimizer over a range of the parameters. Invocations: count, in workgroups of 64. */
export function optimizeRange(shader: OptimizerShader, nonNegative: boolean): Kernel {
  const own = bindings(0, {
    params: { first: "u32", count: "u32" },
    state: "read_write",
    parameters: "read_write",
    gradients: "read",
    stepTable: "read",
  });
  return kernel(`optimize.${shader.name}`, "optimize", [optimize, shader.source], [...own, ...shader.bindings], {
    NON_NEGATIVE: nonNegative ? 1 : 0,
  });
}
