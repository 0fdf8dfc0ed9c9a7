// The head of a model: the loss, and the last Dense layer fused with it where it is narrow.
import type { Gpu } from "../gpu/device.ts";
import { type DispatchSpec, linear } from "../gpu/dispatch.ts";
import { type LossShader, lossKernel, type TargetKind } from "./kernels/losses.ts";
import { optimizeRange } from "./kernels/optimizers.ts";
import { partialLogits, updateHead } from "./kernels/svm_head.ts";
import type { StageBuild } from "./layer.ts";
import type { DenseStage } from "./layers/dense.ts";
import type { Optimizer } from "./optimizers.ts";
import { stride } from "./rows.ts";

/** Slices of the features over which partial logits are summed: enough workgroups for a device, few enough to add. */
const slices = 32;

/** What the kernels of one minibatch share beyond the stages. */
export interface HeadBuild extends StageBuild {
  /** B */
  readonly batch: number;
  /** [B rows of Sample], see `sampleTable`. */
  readonly samples: GPUBuffer;
  readonly targets: GPUBuffer;
  readonly targetKind: TargetKind;
  /** [rows of the epoch] vec2f */
  readonly outcomes: GPUBuffer;
  readonly classes: number;
  /** [rows, classes] */
  readonly logits: GPUBuffer;
  /** dL/d logits [rows, classes] */
  readonly logitsGradient: GPUBuffer;
}

/** What the optimizer's dispatches need: its constants and slots, and the step sizes of the epoch. */
export interface OptimizerBuild {
  readonly optimizer: Optimizer;
  /** slot0, slot1, ..., each as long as the parameters. */
  readonly slots: Readonly<Record<string, GPUBuffer>>;
  readonly stepSizes: GPUBuffer;
}

/** A Dense layer so narrow that its logits are better computed in slices of the features, where those can be bound. */
export function isNarrow(stage: DenseStage, rows: number, { limits }: Gpu): boolean {
  return stage.outputDim <= 64 && partialBytes(stage, rows) <= limits.maxStorageBufferBindingSize;
}

/** Bytes of the partial logits [slices, rows, classes]. */
function partialBytes({ outputDim }: DenseStage, rows: number): number {
  return slices * rows * stride(outputDim) * 4;
}

/** The loss from logits that a stage has written. */
export function plainLoss(build: HeadBuild, loss: LossShader): DispatchSpec {
  return lossSpec(build, loss, false, {}, { slices: 0, bias: 0 });
}

/** Logits in slices, then the loss. */
export function fusedLoss(build: HeadBuild, loss: LossShader, stage: DenseStage, inputs: GPUBuffer): DispatchSpec[] {
  const { blocks, classVec4s } = classBlocks(stage);
  const partials = build.buffers.storage("partials", partialBytes(stage, build.rows));
  return [
    {
      label: `${stage.name}.partialLogits`,
      kernel: partialLogits(classVec4s),
      buffers: { inputs, parameters: build.parameters, partials },
      uniforms: headUniforms(build, stage),
      workgroups: [slices, Math.ceil(build.rows / 128), blocks],
    },
    lossSpec(
      build,
      loss,
      true,
      { partials, parameters: build.parameters },
      { slices, bias: build.layout.slot(`${stage.name}.bias`).first4 },
    ),
  ];
}

/** The weight gradient of the last layer and the optimizer's step in one. */
export function fusedUpdate(
  build: HeadBuild,
  stage: DenseStage,
  { optimizer, slots, stepSizes }: OptimizerBuild,
  inputs: GPUBuffer,
): DispatchSpec {
  const { blocks, classVec4s } = classBlocks(stage);
  return {
    label: `${stage.name}.update`,
    kernel: updateHead(optimizer.shader, classVec4s),
    buffers: {
      state: build.state,
      inputs,
      parameters: build.parameters,
      gradient: build.logitsGradient,
      stepSizes,
      ...slots,
    },
    uniforms: { ...headUniforms(build, stage), hyper: optimizer.hyper },
    workgroups: [Math.ceil((stride(stage.inputDim) / 4 + 1) / 64), blocks, 1],
  };
}

/** The optimizer over the named parameters, from `build.gradients`. */
export function optimize(
  build: StageBuild,
  { optimizer, slots, stepSizes }: OptimizerBuild,
  names: ReadonlySet<string>,
): DispatchSpec[] {
  return build.layout.ranges(names).map(({ first4, count4, nonNegative }) => ({
    label: `optimize ${first4}`,
    kernel: optimizeRange(optimizer.shader, nonNegative),
    buffers: { state: build.state, parameters: build.parameters, gradients: build.gradients, stepSizes, ...slots },
    uniforms: { params: { first: first4, count: count4 }, hyper: optimizer.hyper },
    workgroups: linear(count4, 64),
  }));
}

function lossSpec(
  build: HeadBuild,
  loss: LossShader,
  fromPartials: boolean,
  buffers: Readonly<Record<string, GPUBuffer>>,
  { slices, bias }: { slices: number; bias: number },
): DispatchSpec {
  const { batch, rows, classes, state, samples, logits, outcomes } = build;
  return {
    label: `loss.${loss}`,
    kernel: lossKernel(loss, build.targetKind, fromPartials),
    buffers: {
      state,
      samples,
      logits,
      gradient: build.logitsGradient,
      outcomes,
      [build.targetKind === "labels" ? "labels" : "targets"]: build.targets,
      ...buffers,
    },
    uniforms: { params: { batch, rows, classes, stride: stride(classes), slices, bias } },
    workgroups: [Math.ceil(rows / 32), 1, 1],
  };
}

function headUniforms(build: HeadBuild, stage: DenseStage) {
  const { batch, rows } = build;
  const features4 = stride(stage.inputDim) / 4;
  const weights = build.layout.slot(stage.kernelName).first4;
  return { params: { batch, rows, features4, classes4: stride(stage.outputDim) / 4, weights, slices } };
}

/** Classes in blocks of at most four vec4f, as even as they go. */
function classBlocks(stage: DenseStage): { blocks: number; classVec4s: number } {
  const classes4 = stride(stage.outputDim) / 4;
  const blocks = Math.ceil(classes4 / 4);
  return { blocks, classVec4s: Math.ceil(classes4 / blocks) };
}
