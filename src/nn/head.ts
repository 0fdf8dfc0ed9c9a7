// The head of a model: the loss, and the last Dense layer fused with it where it is narrow.
import { type DispatchSpec, linear } from "../gpu/dispatch.ts";
import { lossKernel, type RowMetric, type TargetKind } from "./kernels/losses.ts";
import { optimizeRange } from "./kernels/optimizers.ts";
import { type HeadShape, partialLogits, slices, updateHead, updateLanes } from "./kernels/svm_head.ts";
import type { StageBuild } from "./layer.ts";
import type { DenseStage } from "./layers/dense.ts";
import type { Loss } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import { noRegularizer } from "./regularizers.ts";
import { type StoredRows, stride } from "./rows.ts";

/** What the kernels of one minibatch share beyond the stages. */
export interface HeadBuild extends StageBuild {
  /** [B rows of Sample], see `sampleTable`. */
  readonly samples: GPUBuffer;
  readonly targets: GPUBuffer;
  readonly targetRows: number;
  readonly targetKind: TargetKind;
  readonly metrics: readonly RowMetric[];
  /** [rows of the epoch, 1 + metrics] f32: weighted loss, then metrics. */
  readonly outcomes: GPUBuffer;
  readonly classes: number;
  /** [rows, classes] */
  readonly logits: GPUBuffer;
  /** dL/d logits [rows, classes] */
  readonly logitsGradient: GPUBuffer;
}

/** What the optimizer's dispatches need: its constants and slots, and the steps of the epoch. */
export interface OptimizerBuild {
  readonly optimizer: Optimizer;
  /** slot0, slot1, ... and average, each as long as the parameters. */
  readonly slots: Readonly<Record<string, GPUBuffer>>;
  /** [steps of the epoch] of struct Step */
  readonly stepTable: GPUBuffer;
}

/**
 * True for a trained Dense layer so narrow that its logits are better computed in slices of the features, where the device can
 * bind those, and all that the fused update needs. Clipping needs whole gradients.
 */
export function isNarrow(
  stage: DenseStage,
  { gpu: { limits }, rows }: StageBuild,
  { shader, clip }: Optimizer,
): boolean {
  const updateBuffers = 6 + shader.slots;
  return (
    clip === undefined &&
    stage.parameters.length > 0 &&
    stage.outputDim <= 64 &&
    partialBytes(stage, rows) <= limits.maxStorageBufferBindingSize &&
    updateBuffers <= limits.maxStorageBuffersPerShaderStage &&
    rows / 4 <= limits.maxComputeWorkgroupsPerDimension
  );
}

/** Bytes of the partial logits [slices, rows, classes]. */
function partialBytes({ outputDim }: DenseStage, rows: number): number {
  return slices * rows * stride(outputDim) * 4;
}

/** The loss from logits that a stage has written. */
export function plainLoss(build: HeadBuild, loss: Loss): DispatchSpec {
  return lossSpec(build, loss, false, {}, { slices: 0, bias: 0 });
}

/** What the head reads: rows kept for all or a run of samples, or the minibatch itself. */
export interface HeadRows {
  readonly rows: StoredRows;
  readonly throughSamples: boolean;
}

/** Logits in slices, then the loss. */
export function fusedLoss(build: HeadBuild, loss: Loss, stage: DenseStage, input: HeadRows): DispatchSpec[] {
  const { blocks, shape } = headShape(build, stage);
  const partials = build.buffers.storage("partials", partialBytes(stage, build.rows));
  const { state, samples, parameters } = build;
  return [
    {
      label: `${stage.name}.partialLogits`,
      kernel: partialLogits(shape, { kind: input.rows.kind, throughSamples: input.throughSamples }),
      resources: { state, samples, parameters, partials, source: input.rows.source },
      uniforms: headUniforms(build, stage, input),
      workgroups: [Math.ceil(build.rows / (4 * shape.rowQuads)), blocks, 1],
    },
    lossSpec(
      build,
      loss,
      true,
      { partials, parameters },
      { slices, bias: build.layout.slot(`${stage.name}.bias`).first4 },
    ),
  ];
}

/** The weight gradient of the last layer and the optimizer's step in one. */
export function fusedUpdate(
  build: HeadBuild,
  stage: DenseStage,
  { optimizer, slots, stepTable }: OptimizerBuild,
  input: HeadRows,
): DispatchSpec {
  const { blocks, shape } = headShape(build, stage);
  const { state, samples, parameters, logitsGradient: gradient } = build;
  const invocations = Math.ceil(stride(stage.inputDim) / (8 * shape.featureOctets)) + 1; // the last is the bias
  return {
    label: `${stage.name}.update`,
    kernel: updateHead(optimizer.shader, shape, { kind: input.rows.kind, throughSamples: input.throughSamples }),
    resources: { state, samples, parameters, gradient, stepTable, source: input.rows.source, ...slots },
    uniforms: { ...headUniforms(build, stage, input), hyper: optimizer.hyper },
    workgroups: [Math.ceil(invocations / updateLanes), blocks, 1],
  };
}

/** The optimizer over the named parameters, from `build.gradients`. */
export function optimize(
  build: StageBuild,
  { optimizer, slots, stepTable }: OptimizerBuild,
  names: ReadonlySet<string>,
): DispatchSpec[] {
  return build.layout.ranges(names).map(({ first4, count4, nonNegative }) => ({
    label: `optimize ${first4}`,
    kernel: optimizeRange(optimizer.shader, nonNegative),
    resources: { state: build.state, parameters: build.parameters, gradients: build.gradients, stepTable, ...slots },
    uniforms: { params: { first: first4, count: count4 }, hyper: optimizer.hyper },
    workgroups: linear(count4, 64),
  }));
}

function lossSpec(
  build: HeadBuild,
  loss: Loss,
  fromPartials: boolean,
  buffers: Readonly<Record<string, GPUBuffer>>,
  { slices, bias }: { slices: number; bias: number },
): DispatchSpec {
  const { batch, rows, classes, state, samples, targetRows, logits, outcomes } = build;
  return {
    label: `loss.${loss.name}`,
    kernel: lossKernel(loss.shader, build.targetKind, fromPartials, build.metrics),
    resources: {
      state,
      samples,
      logits,
      gradient: build.logitsGradient,
      outcomes,
      [build.targetKind === "labels" ? "labels" : "targets"]: build.targets,
      ...buffers,
    },
    uniforms: {
      params: { batch, rows, classes, stride: stride(classes), slices, bias, targetRows, constant: loss.constant },
    },
    workgroups: [Math.ceil(rows / 32), 1, 1],
  };
}

function headUniforms(build: HeadBuild, stage: DenseStage, { rows: { columns4, first4: first } }: HeadRows) {
  const { batch, rows } = build;
  const features4 = stride(stage.inputDim) / 4;
  const { first4: weights, regularizer: { l1, l2 } = noRegularizer } = build.layout.slot(stage.kernelName);
  const { l1: biasL1, l2: biasL2 } = build.layout.slot(`${stage.name}.bias`).regularizer ?? noRegularizer;
  const classes4 = stride(stage.outputDim) / 4;
  return {
    params: { batch, rows, columns4, first, features4, classes4, weights, l1, l2, biasL1, biasL2 },
  };
}

/** Classes in blocks of at most four vec4f, as even as they go, and the work of an invocation. */
function headShape({ tuning }: StageBuild, stage: DenseStage): { blocks: number; shape: HeadShape } {
  const classes4 = stride(stage.outputDim) / 4;
  if (tuning.invocations === "many") {
    return { blocks: classes4, shape: { classQuads: 1, halfLast: false, rowQuads: 1, featureOctets: 1 } };
  }
  const blocks = Math.ceil(classes4 / 4);
  const halfLast = blocks === 1 && classes4 * 4 - stage.outputDim >= 2;
  return { blocks, shape: { classQuads: Math.ceil(classes4 / blocks), halfLast, rowQuads: 4, featureOctets: 2 } };
}
