// The stages of RandomFourierFeatures whose projection is a structured one (sorf.ts), in place of the matrix product of
// feature_stages.ts.
import type { DispatchSpec } from "../gpu/dispatch.ts";
import { biasTurns, type FeatureMap, projectionGradient } from "./feature_stages.ts";
import { hadamard, lanes, tileBytes } from "./kernels/hadamard.ts";
import type { Stage, StageBuild } from "./layer.ts";
import { type Rows, type StoredRows, stride } from "./rows.ts";
import { materializeProjection, type SorfShape, sorfScale, sorfShape } from "./sorf.ts";

/** Workgroups that take turns at the tiles: more than processors run at a time, and few enough for their scratch. */
const workgroups = { software: 16, hardware: 1024 };

/** X -> cos(X U / s + b), for a frozen layer on frozen input. */
export function sorfMapStage(map: FeatureMap): Stage {
  return {
    name: map.name,
    outputDim: map.outputDim,
    operations: operations(map),
    bounded: true,
    placesRows: true,
    parameters: [],
    forward: (build, input, output) => [transform(map, build, input, output, false)],
    backward: () => [],
  };
}

/** X -> p = X U */
export function sorfProjectionStage(map: FeatureMap): Stage {
  return {
    name: `${map.name}.projection`,
    outputDim: map.outputDim,
    operations: operations(map),
    placesRows: true,
    parameters: [],
    forward: (build, input, output) => [transform(map, build, input, output, true)],
    backward: (build, { outputGradient, inputGradient }) =>
      inputGradient
        ? projectionGradient(map, build, outputGradient, inputGradient, () => materialized(map, build))
        : [],
  };
}

/** A butterfly for each level of three transforms, and some twenty for the cosine, of every value. */
function operations({ inputDim, outputDim }: FeatureMap): number {
  const { points, blocks } = sorfShape(inputDim, outputDim);
  return blocks * points * (3 * Math.log2(points) + 20);
}

function transform(map: FeatureMap, build: StageBuild, input: Rows, output: StoredRows, keep: boolean): DispatchSpec {
  const { name, inputDim, outputDim } = map;
  const shape = sorfShape(inputDim, outputDim);
  const tiles = shape.blocks * Math.ceil((build.rows * shape.points * 4) / tileBytes);
  const groups = Math.min(tiles, workgroups[build.gpu.adapter.isSoftware ? "software" : "hardware"]);
  const scale = build.weight(`${name}.kernel_scale`)[0] as number;
  return {
    label: keep ? `${name}.project` : `${name}.map`,
    kernel: hadamard(readable(input), output.kind, Math.log2(shape.points), keep),
    resources: {
      state: build.state,
      signs: build.frozen(`${name}.signs`, () => packSigns(build.weight(`${name}.signs`), shape)),
      norms: build.frozen(`${name}.norms`, () => packNorms(build.weight(`${name}.norms`), shape)),
      biasTurns: biasTurns(map, build),
      scratch: build.buffers.storage(`${name}.scratch`, groups * tileBytes),
      source: input.source,
      output: output.source,
    },
    uniforms: {
      params: {
        rows: build.rows,
        columns4: input.columns4,
        first: input.first4,
        unit: input.unit,
        outputDim,
        features4: stride(outputDim) / 4,
        turnsPerUnit: 1 / (2 * Math.PI * scale),
      },
      shape: { columns4: output.columns4, first: output.first4 },
    },
    workgroups: [groups, 1, 1],
  };
}

/** Rows come from the CPU or from another layer; kept features are gathered before a layer reads them. */
function readable({ kind }: Rows): "bytes" | "floats" {
  if (kind === "bytes" || kind === "floats") return kind;
  throw new TypeError(`A structured projection reads bytes or floats, not ${kind}.`);
}

/** U [d, D]; a gradient passes down through the plain matrix product. */
function materialized({ name, inputDim }: FeatureMap, build: StageBuild): Float32Array {
  const signs = { data: build.weight(`${name}.signs`) };
  const norms = { data: build.weight(`${name}.norms`) };
  return materializeProjection({ signs, norms }, inputDim).data;
}

/** N / P^1.5 [D], padded with zeros. */
export function packNorms(norms: Float32Array, shape: SorfShape): Float32Array {
  const packed = new Float32Array(stride(norms.length));
  packed.set(norms.map((norm) => norm * sorfScale(shape)));
  return packed;
}

/**
 * [block][round][invocation] 64 bits, one for each value that an invocation holds as the round begins, set for a minus.
 * D2 meets the kernel's inner arrangement, D1 and D3 its outermost one.
 */
export function packSigns(signs: Float32Array, { points, blocks }: SorfShape): Uint32Array {
  const outermost = points > 1024 ? outer : points > 64 ? middle : inner;
  const words: number[] = [];
  for (let block = 0; block < blocks; block++) {
    for (const [round, quadOf] of [outermost, inner, outermost].entries()) {
      const first = (round * blocks + block) * points;
      for (let word = 0; word < lanes * 2; word++) {
        let bits = 0;
        for (let bit = 0; bit < 32; bit++) {
          const quad = quadOf(word >> 1, (word & 1) * 8 + (bit >> 2));
          const value = (quad * 4 + (bit & 3)) % points;
          if ((signs[first + value] as number) < 0) bits |= 1 << bit;
        }
        words.push(bits);
      }
    }
  }
  return Uint32Array.from(words);
}

// Which quad of a tile the k-th of an invocation is, as shaders/hadamard.wgsl says.
function inner(lane: number, k: number): number {
  return lane * 16 + k;
}
function middle(lane: number, k: number): number {
  return (lane >> 4) * 256 + (lane & 15) + k * 16;
}
function outer(lane: number, k: number): number {
  return (lane >> 4) * 64 + (lane & 15) + (k >> 2) * 256 + (k & 3) * 16;
}
