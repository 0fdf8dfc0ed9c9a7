// The frozen dispatch list of one training, evaluation or prediction step. Replaying it allocates nothing.
import { allocating, Buffers } from "../gpu/buffers.ts";
import { type Dispatch, type DispatchSpec, freeze } from "../gpu/dispatch.ts";
import {
  fusedLoss,
  fusedUpdate,
  type HeadBuild,
  type HeadRows,
  isNarrow,
  type OptimizerBuild,
  optimize,
  plainLoss,
} from "../nn/head.ts";
import { advance } from "../nn/kernels/advance.ts";
import type { Stage, StageBuild } from "../nn/layer.ts";
import type { DenseStage } from "../nn/layers/dense.ts";
import type { Loss } from "../nn/losses.ts";
import { gather } from "../nn/moving.ts";
import type { Clip, Optimizer } from "../nn/optimizers.ts";
import { floatRows, type StoredRows, stride } from "../nn/rows.ts";
import { average, clip, penalize } from "../nn/updates.ts";
import { stageBuild } from "./chunk.ts";
import type { Engine } from "./engine.ts";
import type { RowSet } from "./row_set.ts";

/** A step ready to be replayed over a set of rows. */
export interface Plan {
  readonly dispatches: readonly Dispatch[];
  destroy(): void;
}

/** A step whose outputs are read. */
export interface PredictionPlan extends Plan {
  /** [rows, outputs] of a minibatch, rows padded */
  readonly outputs: GPUBuffer;
}

export interface PlanOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** False keeps the last layer, the loss and the optimizer apart; the same result up to rounding. */
  readonly fuse: boolean;
}

/** One training step: forward, loss, backward, and the optimizer, which moves the state to the next minibatch. */
export function trainingPlan(engine: Engine, set: RowSet, { loss, optimizer, fuse }: PlanOptions): Promise<Plan> {
  return frozen(engine, "training", async (buffers) => {
    const pass = new Pass(engine, buffers, set, { fuseWith: fuse ? optimizer : undefined, training: true });
    const slots = engine.slotsOf(optimizer);
    return [
      ...pass.forward(),
      ...pass.loss(loss),
      ...pass.backward(),
      ...pass.penalize(),
      ...(optimizer.clip ? pass.clip(optimizer.clip) : []),
      ...pass.update({ optimizer, slots, stepTable: set.stepTable }),
    ];
  });
}

/** One evaluation step: forward and loss. */
export function evaluationPlan(engine: Engine, set: RowSet, { loss, optimizer, fuse }: PlanOptions): Promise<Plan> {
  return frozen(engine, "evaluation", async (buffers) => {
    const pass = new Pass(engine, buffers, set, { fuseWith: fuse ? optimizer : undefined, training: false });
    return [...pass.forward(), ...pass.loss(loss), ...pass.penalize(), pass.advance()];
  });
}

/** The outputs of a minibatch [rows, outputs]. */
export async function predictionPlan(engine: Engine, set: RowSet): Promise<PredictionPlan> {
  let outputs: GPUBuffer | undefined;
  const plan = await frozen(engine, "prediction", async (buffers) => {
    const pass = new Pass(engine, buffers, set, { fuseWith: undefined, training: false });
    outputs = pass.outputs;
    return [...pass.forward(), pass.advance()];
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

interface PassOptions {
  /** The optimizer that the last stage is to be fused with, where it can be. */
  readonly fuseWith: Optimizer | undefined;
  readonly training: boolean;
}

/** The way of a minibatch through the stages behind the kept features, and back. */
class Pass {
  readonly #build: HeadBuild;
  readonly #set: RowSet;
  readonly #stages: readonly Stage[];
  /** The last stage, where it is fused with the loss and the optimizer. */
  readonly #head: DenseStage | undefined;
  /** Input of each stage, and behind the last the outputs: [rows, width] f32. */
  readonly #activations: readonly StoredRows[];
  /** True where the head reads the kept features themselves. */
  readonly #direct: boolean;
  /** How the first stage reads the kept features itself, where it does. */
  readonly #gathers: Stage["gather"];

  constructor(engine: Engine, buffers: Buffers, set: RowSet, { fuseWith, training }: PassOptions) {
    const { features } = set;
    const stages = engine.network.stages.slice(features.depth);
    const rows = stride(set.batchSize);
    const { state, batchSize: batch, stepTable } = set;
    const build = stageBuild(engine, { buffers, rows, batch, training, state, stepTable });
    const last = stages.at(-1) as DenseStage | undefined;
    this.#set = set;
    this.#stages = stages;
    this.#head = fuseWith && last?.kind === "dense" && isNarrow(last, build, fuseWith) ? last : undefined;
    this.#direct = this.#head !== undefined && stages.length === 1;
    this.#gathers = stages.length > 1 ? stages[0]?.gather : undefined;
    const readsKept = this.#direct || this.#gathers !== undefined;
    const widths = [features.rows.columns, ...stages.map(({ outputDim }) => outputDim)];
    this.#activations = widths.map((width, i) =>
      floatRows(buffers.storage(`activation${i}`, i === 0 && readsKept ? 0 : rows * stride(width) * 4), width),
    );
    this.#build = headBuild(engine, build, set, this.outputs);
  }

  get outputs(): GPUBuffer {
    return this.#activations.at(-1)?.source as GPUBuffer;
  }

  forward(): DispatchSpec[] {
    const build = this.#build;
    const { features, samples, batchSize } = this.#set;
    const stages = this.#head ? this.#stages.slice(0, -1) : this.#stages;
    const specs = stages.map((stage, i) => stage.forward(build, this.#activation(i), this.#activation(i + 1)));
    if (this.#gathers) specs[0] = [this.#gathers(build, features.rows, samples, this.#activation(1))];
    else if (!this.#direct) specs.unshift([gather(build, features.rows, samples, batchSize, this.#activation(0))]);
    return specs.flat();
  }

  loss(loss: Loss): DispatchSpec[] {
    if (!this.#head) return [plainLoss(this.#build, loss)];
    return fusedLoss(this.#build, loss, this.#head, this.#headRows());
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
        ? build.buffers.storage(`gradient${i}`, build.rows * this.#activation(i).columns4 * 16)
        : undefined;
      const ownGradients = stage !== this.#head && stage.parameters.length > 0;
      const [input, output] = [this.#activation(i), this.#activation(i + 1)];
      specs.push(...stage.backward(build, { input, output, outputGradient, inputGradient, ownGradients }));
      if (!inputGradient) break;
      outputGradient = inputGradient;
    }
    return specs;
  }

  /** What regularizers add to the loss and, in training, to the gradients that are not the head's. */
  penalize(): DispatchSpec[] {
    const adding = this.#build.training ? this.#plainParameters() : [];
    return penalize(this.#build, this.#set.penalties, new Set(adding));
  }

  clip(limit: Clip): DispatchSpec[] {
    return clip(this.#build, limit);
  }

  update(optimizer: OptimizerBuild): DispatchSpec[] {
    const specs = optimize(this.#build, optimizer, new Set(this.#plainParameters()));
    if (this.#head) specs.push(fusedUpdate(this.#build, this.#head, optimizer, this.#headRows()));
    return [...specs, ...average(this.#build, optimizer)];
  }

  advance(): DispatchSpec {
    return { label: "advance", kernel: advance, resources: { state: this.#set.state }, workgroups: [1, 1, 1] };
  }

  /** The parameters whose gradients lie in a buffer. */
  #plainParameters(): string[] {
    return this.#stages.flatMap((stage) => (stage === this.#head ? [] : stage.parameters));
  }

  /** What the head reads. */
  #headRows(): HeadRows {
    if (this.#direct) return { rows: this.#set.features.rows, throughSamples: true };
    return { rows: this.#activation(this.#stages.length - 1), throughSamples: false };
  }

  #activation(i: number): StoredRows {
    return this.#activations[i] as StoredRows;
  }
}

function headBuild(engine: Engine, build: StageBuild, set: RowSet, logits: GPUBuffer): HeadBuild {
  const { buffers, rows } = build;
  const classes = engine.network.outputDim;
  return {
    ...build,
    gradients: buffers.storage("gradients", engine.layout.bytes),
    samples: set.samples,
    targets: set.targets,
    targetRows: set.targetRows,
    targetKind: set.targetKind,
    metrics: set.metrics,
    outcomes: set.outcomes,
    classes,
    logits,
    logitsGradient: buffers.storage("logitsGradient", rows * stride(classes) * 4),
  };
}
