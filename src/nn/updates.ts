// What stands around the optimizer in a step: regularizers and clipping before it, the average of the weights behind it.
import { packStruct } from "../gpu/buffers.ts";
import { type DispatchSpec, linear } from "../gpu/dispatch.ts";
import type { OptimizerBuild } from "./head.ts";
import { averageWeights } from "./kernels/average.ts";
import { clipGroups, clipNorm, clipValue, sumSquares } from "./kernels/clip.ts";
import { penalty, regularizedStruct } from "./kernels/penalty.ts";
import type { StageBuild } from "./layer.ts";
import type { Clip } from "./optimizers.ts";
import { noRegularizer } from "./regularizers.ts";
import type { ParameterSlot } from "./weights.ts";

/** What regularizers add to the losses of an epoch. */
export interface Penalties {
  /** [steps of the epoch, lanes] f32: partial sums */
  readonly sums: GPUBuffer;
  readonly lanes: number;
}

/**
 * What regularizers add to the loss of a step, and their gradients for the named weights.
 * @param penalties undefined where no weight has a regularizer.
 */
export function penalize(
  build: StageBuild,
  penalties: Penalties | undefined,
  names: ReadonlySet<string>,
): DispatchSpec[] {
  if (!penalties) return [];
  const regularized = build.layout.slots.filter(({ regularizer }) => regularizer);
  const adding = regularized.filter(({ name }) => names.has(name));
  const others = regularized.filter(({ name }) => !names.has(name));
  const table = [...adding, ...others].flatMap(({ first4: first, count4: count, regularizer = noRegularizer }) => [
    ...new Uint32Array(packStruct(regularizedStruct, { first, count, ...regularizer })),
  ]);
  const weights = build.buffers.upload("regularized", Uint32Array.from(table));
  const { state, parameters, gradients } = build;
  return [
    {
      label: "penalty",
      kernel: penalty,
      resources: { state, weights, parameters, gradients, penalties: penalties.sums },
      uniforms: { params: { adding: adding.length, lanes: penalties.lanes } },
      workgroups: [Math.ceil(penalties.lanes / 64), 1, 1],
    },
  ];
}

/** Clips the gradients of all trained weights. */
export function clip(build: StageBuild, { by, limit }: Clip): DispatchSpec[] {
  const { state, gradients, layout } = build;
  const all = { name: "gradients", first4: 0, count4: layout.trained4 };
  if (by === "value") {
    return [
      {
        label: "clipValue",
        kernel: clipValue,
        resources: { state, gradients },
        uniforms: { params: { first: 0, count: all.count4, groups: 0, limit } },
        workgroups: linear(all.count4, 64),
      },
    ];
  }
  const squares = build.buffers.storage("squares", clipGroups * 64 * 4);
  const weights = by === "globalNorm" ? [all] : layout.slots.filter(({ first4 }) => first4 < layout.trained4);
  return weights.flatMap(({ name, first4, count4 }: Pick<ParameterSlot, "name" | "first4" | "count4">) => {
    const groups = Math.min(clipGroups, Math.ceil(count4 / 64));
    const shared = {
      resources: { state, gradients, squares },
      uniforms: { params: { first: first4, count: count4, groups, limit } },
      workgroups: [groups, 1, 1],
    } as const;
    return [
      { label: `sumSquares ${name}`, kernel: sumSquares, ...shared },
      { label: `clipNorm ${name}`, kernel: clipNorm, ...shared },
    ];
  });
}

/** Averages all trained weights, where the optimizer asks for it. */
export function average(build: StageBuild, { optimizer, slots, stepTable }: OptimizerBuild): DispatchSpec[] {
  if (!optimizer.average) return [];
  const { state, parameters, layout } = build;
  return [
    {
      label: "averageWeights",
      kernel: averageWeights,
      resources: { state, parameters, stepTable, ...slots },
      uniforms: { params: { count: layout.trained4, overwriteEvery: optimizer.average.overwriteFrequency ?? 0 } },
      workgroups: linear(layout.trained4, 64),
    },
  ];
}
