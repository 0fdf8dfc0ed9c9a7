// The stages of RandomFourierFeatures. Where nothing below or in the layer trains, one kernel maps rows to features;
// otherwise the projection p = x U and the cosine of p / s + b stand apart, so that gradients pass.
import type { DispatchSpec } from "../gpu/dispatch.ts";
import { linear } from "../gpu/dispatch.ts";
import * as cosine from "./kernels/cosine.ts";
import { featureMap, lanes, tile } from "./kernels/feature_map.ts";
import { gatherTiles } from "./kernels/gather.ts";
import * as matmul from "./kernels/matmul.ts";
import type { BackwardPass, Stage, StageBuild } from "./layer.ts";
import { type Rows, rowBuffers, stride } from "./rows.ts";

export interface FeatureMap {
  /** The layer's name in the model. */
  readonly name: string;
  readonly inputDim: number;
  readonly outputDim: number;
  /** True where the scale trains. */
  readonly trainable: boolean;
}

/** X -> cos(X U / s + b), for a frozen layer on frozen input. */
export function featureMapStage(map: FeatureMap): Stage {
  return {
    name: map.name,
    outputDim: map.outputDim,
    parameters: [],
    forward: (build, input, output) => project(map, build, input, output, false),
    backward: () => [],
  };
}

/** X -> p = X U */
export function projectionStage(map: FeatureMap): Stage {
  return {
    name: `${map.name}.projection`,
    outputDim: map.outputDim,
    parameters: [],
    forward: (build, input, output) => project(map, build, input, output, true),
    backward: (build, { outputGradient, inputGradient }) =>
      inputGradient
        ? [
            projectionGradient(map, build, outputGradient, inputGradient, () =>
              build.weight(`${map.name}.unscaled_kernel`),
            ),
          ]
        : [],
  };
}

/** p -> z = cos(p / s + b) */
export function cosineStage(map: FeatureMap): Stage {
  const columns4 = stride(map.outputDim) / 4;
  const shared = (build: StageBuild, input: Rows) => ({
    projections: input.buffers[0] as GPUBuffer,
    biasTurns: biasTurns(map, build),
    scales: scaleBuffer(map, build),
  });
  const uniforms = (build: StageBuild) => ({
    params: { rows: build.rows, columns4, outputDim: map.outputDim, scale: scalePlace(map, build) },
  });
  return {
    name: map.name,
    outputDim: map.outputDim,
    parameters: map.trainable ? [`${map.name}.kernel_scale`] : [],
    forward: (build, input, output) => [
      {
        label: `${map.name}.cosine`,
        kernel: cosine.cosineForward,
        buffers: { ...shared(build, input), output },
        uniforms: uniforms(build),
        workgroups: [Math.ceil(columns4 / 64), build.rows, 1],
      },
    ],
    backward: (build, pass) => cosineGradients(map, build, pass, shared(build, pass.input), uniforms(build)),
  };
}

function project(map: FeatureMap, build: StageBuild, input: Rows, output: GPUBuffer, keep: boolean): DispatchSpec[] {
  const { name, inputDim, outputDim } = map;
  const depth = stride(inputDim);
  const columns4 = stride(outputDim) / 4;
  const rowTiles = Math.ceil(build.rows / tile);
  const rows = build.buffers.storage(`${name}.tiles`, rowTiles * tile * depth * 4); // [rows/16][depth][16] f32
  const scale = build.weight(`${name}.kernel_scale`)[0] as number;
  return [
    {
      label: `${name}.gather`,
      kernel: gatherTiles(input.kind),
      buffers: { output: rows, ...rowBuffers(input) },
      uniforms: {
        params: { rows: build.rows, batch: 0, columns4: depth / 4, rowsPerShard: input.rowsPerShard, unit: input.unit },
      },
      workgroups: [Math.ceil(depth / 4 / 64), rowTiles, 1],
    },
    {
      label: keep ? `${name}.project` : `${name}.map`,
      kernel: featureMap(keep),
      buffers: {
        state: build.state,
        rows,
        projection: build.frozen(`${name}.tiles`, () =>
          packTiles(build.weight(`${name}.unscaled_kernel`), inputDim, outputDim),
        ),
        biasTurns: biasTurns(map, build),
        output,
      },
      uniforms: {
        params: { rows: build.rows, depth, outputDim, columns4, turnsPerUnit: 1 / (2 * Math.PI * scale) },
      },
      workgroups: [Math.ceil(outputDim / (tile * lanes)), rowTiles, 1],
    },
  ];
}

/** dX = dp U'; `projection` gives U [d, D]. */
export function projectionGradient(
  { name, inputDim, outputDim }: FeatureMap,
  build: StageBuild,
  left: GPUBuffer,
  output: GPUBuffer,
  projection: () => Float32Array,
): DispatchSpec {
  const right = build.frozen(`${name}.rows`, () => padRows(projection(), inputDim, outputDim));
  const inputs4 = stride(inputDim) / 4;
  return {
    label: `${name}.gradientInput`,
    kernel: matmul.gradientInput,
    buffers: { left, right, output },
    uniforms: { params: { rows: build.rows, inputs4, outputs4: stride(outputDim) / 4, weights: 0 } },
    workgroups: linear((build.rows / 4) * inputs4, matmul.lanes),
  };
}

function cosineGradients(
  map: FeatureMap,
  build: StageBuild,
  { outputGradient, inputGradient }: BackwardPass,
  shared: Readonly<Record<string, GPUBuffer>>,
  uniforms: NonNullable<DispatchSpec["uniforms"]>,
): DispatchSpec[] {
  const columns4 = stride(map.outputDim) / 4;
  const output = inputGradient ?? build.buffers.storage(`${map.name}.dp`, build.rows * columns4 * 16);
  const scalePartials = build.buffers.storage(`${map.name}.scalePartials`, columns4 * 16); // [D] f32
  const specs: DispatchSpec[] = [
    {
      label: `${map.name}.cosineBackward`,
      kernel: cosine.cosineBackward,
      buffers: { ...shared, output, gradient: outputGradient, scalePartials },
      uniforms,
      workgroups: [Math.ceil(columns4 / 64), 1, 1],
    },
  ];
  if (map.trainable) {
    specs.push({
      label: `${map.name}.scaleGradient`,
      kernel: cosine.scaleGradient,
      buffers: { output: build.gradients, scalePartials },
      uniforms,
      workgroups: [1, 1, 1],
    });
  }
  return specs;
}

export function biasTurns({ name, outputDim }: FeatureMap, build: StageBuild): GPUBuffer {
  return build.frozen(`${name}.biasTurns`, () => {
    const turns = new Float32Array(stride(outputDim));
    build.weight(`${name}.bias`).forEach((b, i) => {
      turns[i] = b / (2 * Math.PI);
    });
    return turns;
  });
}

function scaleBuffer({ name, trainable }: FeatureMap, build: StageBuild): GPUBuffer {
  if (trainable) return build.parameters;
  return build.frozen(`${name}.scale`, () =>
    Float32Array.of(build.weight(`${name}.kernel_scale`)[0] as number, 0, 0, 0),
  );
}

function scalePlace({ name, trainable }: FeatureMap, build: StageBuild): number {
  return trainable ? build.layout.slot(`${name}.kernel_scale`).first4 : 0;
}

/** U [d, D] as [D/16][d padded][16], so that an invocation of the feature map reads it without a stride. */
export function packTiles(values: Float32Array, inputDim: number, outputDim: number): Float32Array {
  const depth = stride(inputDim);
  const packed = new Float32Array(Math.ceil(outputDim / tile) * depth * tile);
  for (let k = 0; k < inputDim; k++) {
    for (let column = 0; column < outputDim; column++) {
      const tileIndex = Math.floor(column / tile);
      packed[(tileIndex * depth + k) * tile + (column % tile)] = values[k * outputDim + column] as number;
    }
  }
  return packed;
}

/** A matrix [rows, columns] with rows and columns padded with zeros to multiples of four. */
function padRows(values: Float32Array, rows: number, columns: number): Float32Array {
  const padded = new Float32Array(stride(rows) * stride(columns));
  for (let row = 0; row < rows; row++) {
    padded.set(values.subarray(row * columns, (row + 1) * columns), row * stride(columns));
  }
  return padded;
}
