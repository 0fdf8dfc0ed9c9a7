// The stages of RandomFourierFeatures. Where nothing below or in the layer trains, one kernel maps rows to features;
// otherwise the projection p = x U and the cosine of p / s + b stand apart, so that gradients pass.
import type { DispatchSpec } from "../gpu/dispatch.ts";
import * as cosine from "./kernels/cosine.ts";
import { featureEpilogue, packed } from "./kernels/product.ts";
import type { BackwardPass, Stage, StageBuild } from "./layer.ts";
import { packedDepth, packedRows, rowGrid } from "./moving.ts";
import { inputGradient, productSpec } from "./products.ts";
import { floatRows, type Rows, type StoredRows, stride } from "./rows.ts";

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
    bounded: true,
    placesRows: true,
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
    placesRows: true,
    parameters: [],
    forward: (build, input, output) => project(map, build, input, output, true),
    backward: (build, { outputGradient, inputGradient }) =>
      inputGradient
        ? projectionGradient(map, build, outputGradient, inputGradient, () => unscaledKernel(map, build))
        : [],
  };
}

/** p -> z = cos(p / s + b) */
export function cosineStage(map: FeatureMap): Stage {
  const columns4 = stride(map.outputDim) / 4;
  const shared = (build: StageBuild, input: Rows) => ({
    projections: input.source as GPUBuffer,
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
        resources: { ...shared(build, input), output: output.source },
        uniforms: uniforms(build),
        workgroups: [Math.ceil(columns4 / 64), ...rowGrid(build.rows)],
      },
    ],
    backward: (build, pass) => cosineGradients(map, build, pass, shared(build, pass.input), uniforms(build)),
  };
}

function project(map: FeatureMap, build: StageBuild, input: Rows, output: StoredRows, keep: boolean): DispatchSpec[] {
  const { name, inputDim, outputDim } = map;
  const scale = build.weight(`${name}.kernel_scale`)[0] as number;
  const left = packedRows(build, `${name}.pack`, input, build.rows);
  const right = build.frozenOperand(`${name}.columns`, () =>
    packColumns(unscaledKernel(map, build), inputDim, outputDim),
  );
  const spec = productSpec(build, {
    label: keep ? `${name}.project` : `${name}.map`,
    left: left.operand,
    right,
    rows: build.rows,
    columns: outputDim,
    terms: inputDim,
    output,
    epilogue: featureEpilogue(keep),
    resources: { state: build.state, biasTurns: biasTurns(map, build) },
    values: { outputDim, turnsPerUnit: 1 / (2 * Math.PI * scale) },
  });
  return [left.spec, spec];
}

/** dX = dp U', with U [d, D]. */
export function projectionGradient(
  { name, inputDim, outputDim }: FeatureMap,
  build: StageBuild,
  dp: GPUBuffer,
  dx: GPUBuffer,
  projection: () => Float32Array,
): DispatchSpec[] {
  const operand = build.frozenOperand(`${name}.rows`, () => packRows(projection(), inputDim, outputDim));
  const right = { operand, packing: [] };
  return inputGradient(build, `${name}.gradientInput`, floatRows(dp, outputDim), right, floatRows(dx, inputDim));
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
      resources: { ...shared, output, gradient: outputGradient, scalePartials },
      uniforms,
      workgroups: [Math.ceil(columns4 / 64), 1, 1],
    },
  ];
  if (map.trainable) {
    specs.push({
      label: `${map.name}.scaleGradient`,
      kernel: cosine.scaleGradient,
      resources: { output: build.gradients, scalePartials },
      uniforms,
      workgroups: [1, 1, 1],
    });
  }
  return specs;
}

/** U [d, D] */
function unscaledKernel({ name }: FeatureMap, build: StageBuild): Float32Array {
  return build.weight(`${name}.unscaled_kernel`);
}

export function biasTurns({ name, outputDim }: FeatureMap, build: StageBuild): GPUBuffer {
  return build.frozen(`${name}.biasTurns`, () => {
    const turns = new Float32Array(Math.ceil(outputDim / 8) * 8);
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

/** U [d, D] as the right operand of a product, [D/16][depth][16]. */
export function packColumns(values: Float32Array, inputDim: number, outputDim: number): Float32Array {
  const depth = packedDepth(inputDim);
  const columns = new Float32Array(Math.ceil(outputDim / packed) * depth * packed);
  for (let k = 0; k < inputDim; k++) {
    for (let column = 0; column < outputDim; column++) {
      const tile = Math.floor(column / packed);
      columns[(tile * depth + k) * packed + (column % packed)] = values[k * outputDim + column] as number;
    }
  }
  return columns;
}

/** U [d, D] as the right operand of a product with U', [d/16][depth][16]. */
function packRows(values: Float32Array, inputDim: number, outputDim: number): Float32Array {
  const depth = packedDepth(outputDim);
  const rows = new Float32Array(Math.ceil(inputDim / packed) * depth * packed);
  for (let row = 0; row < inputDim; row++) {
    const tile = Math.floor(row / packed);
    for (let k = 0; k < outputDim; k++) {
      rows[(tile * depth + k) * packed + (row % packed)] = values[row * outputDim + k] as number;
    }
  }
  return rows;
}
