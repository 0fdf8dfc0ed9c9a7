// The frozen dispatch list of one training, evaluation or prediction step. Replaying it allocates nothing.
import { Buffers } from "../gpu/buffers.ts";
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
export function trainingPlan(engine: Engine, set: RowSet, options: PlanOptions): Promise<Plan> {
  return buildPlan(engine, set, options, true);
}

/** One evaluation step: forward and loss. */
export function evaluationPlan(engine: Engine, set: RowSet, options: PlanOptions): Promise<Plan> {
  return buildPlan(engine, set, options, false);
}

async function buildPlan(engine: Engine, set: RowSet, options: PlanOptions, trains: boolean): Promise<Plan> {
  const buffers = new Buffers(engine.gpu, trains ? "training" : "evaluation");
  const build = headBuild(engine, buffers, set, options.loss);
  const pass = new Pass(engine, build, options);
  const specs = [pass.gather(set), ...pass.forward(), ...pass.loss()];
  if (trains) {
    const { optimizer } = options;
    specs.push(...pass.backward());
    specs.push(...pass.update({ optimizer, slots: engine.slotsOf(optimizer), stepSizes: set.stepSizes }));
  }
  specs.push({ label: "advance", kernel: advance, buffers: { state: set.state }, workgroups: [1, 1, 1] });
  return { dispatches: await freeze(engine.gpu, buffers, specs), destroy: () => buffers.destroy() };
}

/** The outputs of the suffix for one batch of rows. */
export async function predictionPlan(engine: Engine, set: RowSet): Promise<Plan & { readonly outputs: GPUBuffer }> {
  const buffers = new Buffers(engine.gpu, "prediction");
  const rows = stride(set.batchSize);
  const build = stageBuild(engine, buffers, rows, set.state);
  const { prefix, suffix, inputDim } = engine.network;
  let columns = prefix.at(-1)?.outputDim ?? inputDim;
  let outputs = buffers.storage("inputs", rows * stride(columns) * 4);
  const specs: DispatchSpec[] = [gatherSpec(build, set.features.rows, set.samples, set.batchSize, outputs)];
  for (const stage of suffix) {
    const next = buffers.storage(`${stage.name}.output`, rows * stride(stage.outputDim) * 4);
    specs.push(...stage.forward(build, floatRows(outputs, columns), next));
    columns = stage.outputDim;
    outputs = next;
  }
  specs.push({ label: "advance", kernel: advance, buffers: { state: set.state }, workgroups: [1, 1, 1] });
  return { dispatches: await freeze(engine.gpu, buffers, specs), destroy: () => buffers.destroy(), outputs };
}

/** The way of a minibatch through the suffix and back. */
class Pass {
  readonly #build: HeadBuild;
  readonly #stages: readonly Stage[];
  readonly #options: PlanOptions;
  /** Input of each stage, and behind the last the logits: [rows, width] f32. */
  readonly #activations: readonly GPUBuffer[];
  readonly #widths: readonly number[];
  /** The last stage, where it is fused with the loss and the optimizer. */
  readonly #head: DenseStage | undefined;

  constructor(engine: Engine, build: HeadBuild, options: PlanOptions) {
    const { prefix, suffix, inputDim } = engine.network;
    this.#build = build;
    this.#stages = suffix;
    this.#options = options;
    this.#widths = [prefix.at(-1)?.outputDim ?? inputDim, ...suffix.map(({ outputDim }) => outputDim)];
    this.#activations = this.#widths.map((width, i) =>
      i > 0 && i === suffix.length
        ? build.logits
        : build.buffers.storage(`activation${i}`, build.rows * stride(width) * 4),
    );
    const last = suffix.at(-1) as DenseStage | undefined;
    this.#head = options.fuse && last?.kind === "dense" && isNarrow(last) ? last : undefined;
  }

  gather(set: RowSet): DispatchSpec {
    return gatherSpec(this.#build, set.features.rows, set.samples, set.batchSize, this.#activations[0] as GPUBuffer);
  }

  forward(): DispatchSpec[] {
    const stages = this.#head ? this.#stages.slice(0, -1) : this.#stages;
    return stages.flatMap((stage, i) =>
      stage.forward(this.#build, this.#input(i), this.#activations[i + 1] as GPUBuffer),
    );
  }

  loss(): DispatchSpec[] {
    if (!this.#head) return [plainLoss(this.#build)];
    return fusedLoss(this.#build, this.#head, this.#options.optimizer, this.#activations.at(-2) as GPUBuffer);
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

  #input(i: number) {
    return floatRows(this.#activations[i] as GPUBuffer, this.#widths[i] as number);
  }
}

function headBuild(engine: Engine, buffers: Buffers, set: RowSet, loss: Loss): HeadBuild {
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
    loss: loss.shader,
    classes,
    logits: buffers.storage("logits", rows * stride(classes) * 4),
    logitsGradient: buffers.storage("logitsGradient", rows * stride(classes) * 4),
  };
}
