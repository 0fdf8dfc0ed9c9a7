// The frozen dispatch list of one training, evaluation or prediction step. Replaying it allocates nothing.
import { allocating, Buffers } from "../gpu/buffers.ts";
import { type Dispatch, type DispatchSpec, freeze } from "../gpu/dispatch.ts";
import {
  fusedLoss,
  fusedUpdate,
  type HeadBuild,
  isNarrow,
  type OptimizerBuild,
  optimize,
  plainLoss,
} from "../nn/head.ts";
import { advance } from "../nn/kernels/advance.ts";
import type { LossShader } from "../nn/kernels/losses.ts";
import type { Stage } from "../nn/layer.ts";
import type { DenseStage } from "../nn/layers/dense.ts";
import type { Loss } from "../nn/losses.ts";
import type { Optimizer } from "../nn/optimizers.ts";
import { floatRows, stride } from "../nn/rows.ts";
import type { Engine } from "./engine.ts";
import { gatherSpec, stageBuild } from "./features.ts";
import type { RowSet } from "./row_set.ts";

/** A step ready to be replayed over a set of rows. */
export interface Plan {
  readonly dispatches: readonly Dispatch[];
  destroy(): void;
}

export interface PlanOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** False keeps the last layer, the loss and the optimizer apart; the same result up to rounding. */
  readonly fuse: boolean;
}

/** One training step: forward, loss, backward, optimizer, and on to the next minibatch. */
export function trainingPlan(engine: Engine, set: RowSet, { loss, optimizer, fuse }: PlanOptions): Promise<Plan> {
  return frozen(engine, "training", async (buffers) => {
    const pass = new Pass(engine, buffers, set, fuse);
    const slots = engine.slotsOf(optimizer);
    return [
      pass.gather(),
      ...pass.forward(),
      ...pass.loss(loss.shader),
      ...pass.backward(),
      ...pass.update({ optimizer, slots, stepSizes: set.stepSizes }),
      pass.advance(),
    ];
  });
}

/** One evaluation step: forward and loss. */
export function evaluationPlan(
  engine: Engine,
  set: RowSet,
  { loss, fuse }: Pick<PlanOptions, "loss" | "fuse">,
): Promise<Plan> {
  return frozen(engine, "evaluation", async (buffers) => {
    const pass = new Pass(engine, buffers, set, fuse);
    return [pass.gather(), ...pass.forward(), ...pass.loss(loss.shader), pass.advance()];
  });
}

/** The outputs of a minibatch [rows, outputs]. */
export async function predictionPlan(engine: Engine, set: RowSet): Promise<Plan & { readonly outputs: GPUBuffer }> {
  let outputs: GPUBuffer | undefined;
  const plan = await frozen(engine, "prediction", async (buffers) => {
    const pass = new Pass(engine, buffers, set, false);
    outputs = pass.outputs;
    return [pass.gather(), ...pass.forward(), pass.advance()];
  });
  return { ...plan, outputs: outputs as GPUBuffer };
}

/** A plan that owns what its dispatches bind. */
async function frozen(
  { gpu }: Engine,
  owner: string,
  specs: (buffers: Buffers) => Promise<readonly DispatchSpec[]>,
): Promise<Plan> {
  const buffers = new Buffers(gpu, owner);
  const destroy = () => buffers.destroy();
  const dispatches = await allocating(gpu, destroy, async () => freeze(gpu, buffers, await specs(buffers)));
  return { dispatches, destroy };
}

/** The way of a minibatch through the suffix and back. */
class Pass {
  readonly #build: HeadBuild;
  readonly #set: RowSet;
  readonly #stages: readonly Stage[];
  /** Input of each stage, and behind the last the outputs: [rows, width] f32. */
  readonly #activations: readonly GPUBuffer[];
  readonly #widths: readonly number[];
  /** The last stage, where it is fused with the loss and the optimizer. */
  readonly #head: DenseStage | undefined;

  constructor(engine: Engine, buffers: Buffers, set: RowSet, fuse: boolean) {
    const { prefix, suffix, inputDim } = engine.network;
    const rows = stride(set.batchSize);
    this.#set = set;
    this.#stages = suffix;
    this.#widths = [prefix.at(-1)?.outputDim ?? inputDim, ...suffix.map(({ outputDim }) => outputDim)];
    this.#activations = this.#widths.map((width, i) => buffers.storage(`activation${i}`, rows * stride(width) * 4));
    this.#build = headBuild(engine, buffers, set, this.outputs);
    const last = suffix.at(-1) as DenseStage | undefined;
    this.#head = fuse && last?.kind === "dense" && isNarrow(last, rows, engine.gpu) ? last : undefined;
  }

  get outputs(): GPUBuffer {
    return this.#activations.at(-1) as GPUBuffer;
  }

  gather(): DispatchSpec {
    const { features, samples, batchSize } = this.#set;
    return gatherSpec(this.#build, features.rows, samples, batchSize, this.#activations[0] as GPUBuffer);
  }

  forward(): DispatchSpec[] {
    const stages = this.#head ? this.#stages.slice(0, -1) : this.#stages;
    return stages.flatMap((stage, i) =>
      stage.forward(this.#build, this.#input(i), this.#activations[i + 1] as GPUBuffer),
    );
  }

  loss(loss: LossShader): DispatchSpec[] {
    if (!this.#head) return [plainLoss(this.#build, loss)];
    return fusedLoss(this.#build, loss, this.#head, this.#activations.at(-2) as GPUBuffer);
  }

  /** From the last stage to the first that trains; a stage passes a gradient down only to such stages. */
  backward(): DispatchSpec[] {
    const build = this.#build;
    const specs: DispatchSpec[] = [];
    let outputGradient = build.logitsGradient;
    for (let i = this.#stages.length - 1; i >= 0; i--) {
      const stage = this.#stages[i] as Stage;
      const passesDown = this.#stages.slice(0, i).some(({ parameters }) => parameters.length > 0);
      const inputGradient = passesDown
        ? build.buffers.storage(`gradient${i}`, build.rows * stride(this.#widths[i] as number) * 4)
        : undefined;
      const ownGradients = stage !== this.#head;
      specs.push(...stage.backward(build, { input: this.#input(i), outputGradient, inputGradient, ownGradients }));
      if (!inputGradient) break;
      outputGradient = inputGradient;
    }
    return specs;
  }

  update(optimizer: OptimizerBuild): DispatchSpec[] {
    const plain = this.#stages.filter((stage) => stage !== this.#head);
    const specs = optimize(this.#build, optimizer, new Set(plain.flatMap(({ parameters }) => parameters)));
    if (this.#head) specs.push(fusedUpdate(this.#build, this.#head, optimizer, this.#activations.at(-2) as GPUBuffer));
    return specs;
  }

  advance(): DispatchSpec {
    return { label: "advance", kernel: advance, buffers: { state: this.#set.state }, workgroups: [1, 1, 1] };
  }

  #input(i: number) {
    return floatRows(this.#activations[i] as GPUBuffer, this.#widths[i] as number);
  }
}

function headBuild(engine: Engine, buffers: Buffers, set: RowSet, logits: GPUBuffer): HeadBuild {
  const rows = stride(set.batchSize);
  const classes = engine.network.outputDim;
  return {
    ...stageBuild(engine, buffers, rows, set.state),
    gradients: buffers.storage("gradients", engine.layout.bytes),
    batch: set.batchSize,
    samples: set.samples,
    targets: set.targets,
    targetKind: set.targetKind,
    outcomes: set.outcomes,
    classes,
    logits,
    logitsGradient: buffers.storage("logitsGradient", rows * stride(classes) * 4),
  };
}
