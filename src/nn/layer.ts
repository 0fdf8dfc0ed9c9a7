// What a layer is: a description with weights, and the stages by which it computes on the GPU.
import { ConfigError, show } from "../errors.ts";
import type { Buffers } from "../gpu/buffers.ts";
import type { Gpu } from "../gpu/device.ts";
import type { DispatchSpec, Resource } from "../gpu/dispatch.ts";
import type { Seed } from "../random.ts";
import type { Rows, StoredRows } from "./rows.ts";
import type { Shape } from "./shape.ts";
import type { Tuning } from "./tuning.ts";
import type { ParameterLayout, WeightSpec } from "./weights.ts";

/** A value of a layer's configuration, as it is saved. */
export type ConfigValue = string | number | boolean | null | readonly number[] | Readonly<Record<string, number>>;

/** @throws ConfigError unless true or false. */
export function checkTrainable(trainable: unknown, what: string): void {
  if (typeof trainable !== "boolean") {
    throw new ConfigError(`${what}: trainable must be true or false, got ${show(trainable)}.`);
  }
}

/** A layer, as the functions of `layers` make it. One object may stand in several models: it holds no weights. */
export interface Layer {
  /** The kind of layer, by Keras' name; files name it so. */
  readonly className: string;
  /** The name given; where none was, the model numbers `defaultName` as Keras does. */
  readonly name: string | undefined;
  /** The name without a number, for instance "dense". */
  readonly defaultName: string;
  /** The settings, as they are saved. */
  readonly config: Readonly<Record<string, ConfigValue>>;
  /** Whether it has weights that train. */
  readonly trainable: boolean;
  /** The shape of a row of outputs. @throws ConfigError for a shape that the layer does not take. */
  outputShape(inputShape: Shape): Shape;
  /** In the order of import and export. @internal */
  weights(inputShape: Shape): WeightSpec[];
  /**
   * The layer as stages; `name` is its name in the model. Rows are dense, images row after row with the channels last,
   * so that a layer that only tells a shape has none.
   * @param inputTrains true where a gradient has to pass to the layers below.
   * @internal
   */
  stages(name: string, inputShape: Shape, inputTrains: boolean): Stage[];
  /** What to change so that no binding exceeds `bytes`, in words. @internal */
  largestFit(inputShape: Shape, bytes: number): string;
}

/** One step of the computation: rows in, rows out, and the way back. */
export interface Stage {
  readonly name: string;
  /** Values of a row. */
  readonly outputDim: number;
  /** True where every output lies in [-1, 1]. */
  readonly bounded?: boolean;
  /** The parameters this stage trains, by their name in the block. */
  readonly parameters: readonly string[];
  /**
   * False where the output depends on more than the row and the weights while the model trains. Default true: such stages
   * are computed once, as long as nothing in or below them trains.
   */
  readonly isPure?: boolean;
  /**
   * True where `forward` writes from the state's destination on and into any kind of rows. Others write floats from row 0.
   * Default false.
   */
  readonly placesRows?: boolean;
  /** Floating-point operations for a row; where none are said, those of a matrix product. */
  readonly operations?: number;
  /** Writes the stage's output for `build.rows` rows; what pads a row is zero, in outputs and in gradients. */
  forward(build: StageBuild, input: Rows, output: StoredRows): DispatchSpec[];
  /**
   * `forward` of the rows of a minibatch where they are kept, through its samples. Without it they are gathered first.
   */
  gather?(build: StageBuild, kept: StoredRows, samples: GPUBuffer, output: StoredRows): DispatchSpec;
  /** Writes the gradients of the stage's parameters, and of its input where asked for. */
  backward(build: StageBuild, pass: BackwardPass): DispatchSpec[];
}

export interface BackwardPass {
  readonly input: Rows;
  /** What `forward` wrote. */
  readonly output: StoredRows;
  /** dL/d output [rows, outputDim] */
  readonly outputGradient: GPUBuffer;
  /** dL/d input [rows, inputDim], where a layer below asks for it. */
  readonly inputGradient: GPUBuffer | undefined;
  /** False where something else computes the gradients of the stage's own parameters. */
  readonly ownGradients: boolean;
}

/** What stages find on the GPU when they describe their dispatches. */
export interface StageBuild {
  readonly gpu: Gpu;
  /** Which kernels suit the device. */
  readonly tuning: Tuning;
  /** Owner of the plan's own buffers. */
  readonly buffers: Buffers;
  /** Rows of the batch buffers: B, rounded up to a multiple of 4. Those beyond B have zero gradients. */
  readonly rows: number;
  /** B */
  readonly batch: number;
  /** True for the steps of a fit, false for evaluation and prediction. */
  readonly training: boolean;
  /** The model's. */
  readonly seed: Seed;
  readonly state: GPUBuffer;
  /** [steps of the epoch] of struct Step; there while the model trains. */
  readonly stepTable: GPUBuffer | undefined;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
  /** As the parameters. */
  readonly gradients: GPUBuffer;
  /** The values of a weight that does not train, by `layer.weight`. */
  weight(name: string): Float32Array;
  /** A buffer made from such weights, by the name of its form; made once for the model. */
  frozen(form: string, make: () => Float32Array | Uint32Array): GPUBuffer;
  /** The same as a packed operand of a product. */
  frozenOperand(form: string, make: () => Float32Array): Resource;
}
