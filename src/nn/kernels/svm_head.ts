import source from "../../../shaders/svm_head.wgsl" with { type: "text" };
import type { Kernel } from "../../gpu/kernel.ts";
import { type OptimizerShader, optimizerShaders } from "./optimizers.ts";
import { loading, type StoreKind } from "./rows.ts";
import { bindings, kernel } from "./wgsl.ts";

const params = {
  batch: "u32",
  rows: "u32",
  columns4: "u32",
  first: "u32",
  features4: "u32",
  classes4: "u32",
  weights: "u32",
  l1: "f32",
  l2: "f32",
  biasL1: "f32",
  biasL2: "f32",
} as const;

/** Slices of the features over which partial logits are summed: SLICES in the shader. */
export const slices = 32;
/** Invocations of an update's workgroup. */
export const updateLanes = 64;

/** How much of the head one invocation computes; the sums are the same. */
export interface HeadShape {
  /** Classes / 4: 1 to 4. */
  readonly classQuads: number;
  /** The last quad holds at most two classes, and there is one block. */
  readonly halfLast: boolean;
  /** Rows / 4 of the logits: 1, 2 or 4. */
  readonly rowQuads: number;
  /** Features / 8 of the update: 1 or 2. */
  readonly featureOctets: number;
}

/** How the rows of the features lie, and whether a minibatch finds them through its samples. */
export interface HeadInput {
  readonly kind: StoreKind;
  readonly throughSamples: boolean;
}

function constants({ classQuads, halfLast, rowQuads, featureOctets }: HeadShape, { throughSamples }: HeadInput) {
  return {
    CLASS_QUADS: classQuads,
    HALF_LAST: halfLast ? 1 : 0,
    ROW_QUADS: rowQuads,
    FEATURE_OCTETS: featureOctets,
    THROUGH_SAMPLES: throughSamples ? 1 : 0,
  };
}

/** Logits in slices of the features. Workgroups: rows / (4 rowQuads), class blocks. */
export function partialLogits(shape: HeadShape, input: HeadInput): Kernel {
  const load = loading(input.kind);
  return kernel(
    `partialLogits.${input.kind}`,
    "partialLogits",
    // The file's other entry point calls an optimizer; which one makes no difference here.
    [source, load.source, optimizerShaders.sgd.source],
    [
      ...bindings(0, {
        params,
        state: "read_write",
        samples: "read",
        parameters: "read_write",
        partials: "read_write",
      }),
      ...load.bindings,
    ],
    constants(shape, input),
  );
}

/** dW, db and the optimizer's step. Workgroups: (features / (8 featureOctets) + 1) / updateLanes, class blocks. */
export function updateHead(shader: OptimizerShader, shape: HeadShape, input: HeadInput): Kernel {
  const load = loading(input.kind);
  const own = bindings(0, {
    params,
    state: "read_write",
    samples: "read",
    parameters: "read_write",
    partials: undefined,
    gradient: "read",
    stepTable: "read",
  });
  return kernel(
    `updateHead.${shader.name}.${input.kind}`,
    "updateHead",
    [source, load.source, shader.source],
    [...own, ...load.bindings, ...shader.bindings],
    constants(shape, input),
  );
}
