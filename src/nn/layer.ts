// What a layer is: a description with weights, and the stages by which it computes on the GPU.
import type { Buffers } from "../gpu/buffers.ts";
import type { Gpu } from "../gpu/device.ts";
import type { DispatchSpec, Resource } from "../gpu/dispatch.ts";
import type { Rows, StoredRows } from "./rows.ts";
import type { Tuning } from "./tuning.ts";
import type { ParameterLayout, WeightSpec } from "./weights.ts";

/** A value of a layer's configuration, as it is saved. */
export type ConfigValue = string | number | boolean | null | readonly number[];

export interface Layer {
  readonly className: "InputLayer" | "RandomFourierFeatures" | "Dense";
  /** The name given; where none was, the model numbers `defaultName` as Keras does. */
  readonly name: string | undefined;
  readonly defaultName: string;
  readonly config: Readonly<Record<string, ConfigValue>>;
  readonly trainable: boolean;
  outputDim(inputDim: number): number;
  /** In the order of import and export. */
  weights(inputDim: number): WeightSpec[];
  /**
   * The layer as stages; `name` is its name in the model.
   * @param inputTrains true where a gradient has to pass to the layers below.
   */
  stages(name: string, inputDim: number, inputTrains: boolean): Stage[];
  /** What to change so that no binding exceeds `bytes`, in words. */
  largestFit(inputDim: number, bytes: number): string;
}

/** One step of the computation: rows in, rows out, and the way back. */
export interface Stage {
  readonly name: string;
  readonly outputDim: number;
  /** True where every output lies in [-1, 1]. */
  readonly bounded?: boolean;
  /** The parameters this stage trains, by their name in the block. */
  readonly parameters: readonly string[];
  /** Floating-point operations for a row; where none are said, those of a matrix product. */
  readonly operations?: number;
  /** Writes the stage's output for `build.rows` rows. */
  forward(build: StageBuild, input: Rows, output: StoredRows): DispatchSpec[];
  /** Writes the gradients of the stage's parameters, and of its input where asked for. */
  backward(build: StageBuild, pass: BackwardPass): DispatchSpec[];
}

export interface BackwardPass {
  readonly input: Rows;
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
  /** Rows of the batch buffers. */
  readonly rows: number;
  readonly state: GPUBuffer;
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
