// Models that are trained side by side on rows that are kept once: each pass over the rows steps every one of them.
import type { Targets } from "../data/targets.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import type { Engine } from "./engine.ts";
import { beginEpoch, type OrderPlan } from "./epoch.ts";
import { type Evaluation, evaluationOf, replayRuns } from "./evaluate.ts";
import type { FeatureRows } from "./features.ts";
import { evaluationPlan, type Plan, type PlanOptions, trainingPlan } from "./plan.ts";
import { RowSet } from "./row_set.ts";

export interface LanePlan extends PlanOptions {
  readonly batchSize: number;
  readonly metrics: readonly CompiledMetric[];
}

/** The rows that train and those that validate, by number. */
export interface Split {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/** One of the models, with its own targets, state and plans over the rows that all share. */
export class Lane {
  readonly engine: Engine;
  readonly training: RowSet;
  readonly validation: RowSet;
  readonly step: Plan;
  readonly validationStep: Plan;

  private constructor(engine: Engine, training: RowSet, validation: RowSet, step: Plan, validationStep: Plan) {
    this.engine = engine;
    this.training = training;
    this.validation = validation;
    this.step = step;
    this.validationStep = validationStep;
  }

  static async open(engine: Engine, rows: FeatureRows, targets: Targets, split: Split, plan: LanePlan): Promise<Lane> {
    const open: { destroy(): void }[] = [];
    const keep = <T extends { destroy(): void }>(resource: T): T => {
      open.push(resource);
      return resource;
    };
    try {
      const { batchSize, metrics } = plan;
      const options = { batchSize, metrics, budget: 0, precision: "float32" } as const;
      const training = keep(await RowSet.create(engine, rows, targets, { ...options, subset: split.training }));
      const validation = keep(await RowSet.create(engine, rows, targets, { ...options, subset: split.validation }));
      const step = keep(await trainingPlan(engine, training, plan));
      return new Lane(engine, training, validation, step, await evaluationPlan(engine, validation, plan));
    } catch (error) {
      for (const resource of open) resource.destroy();
      throw error;
    }
  }

  destroy(): void {
    for (const resource of [this.training, this.validation, this.step, this.validationStep]) resource.destroy();
  }
}

/** An epoch of all. @param stop asked before each submit; true ends the epoch. */
export async function trainTogether(lanes: readonly Lane[], plan: OrderPlan, stop: () => boolean): Promise<void> {
  // All are of one seed and have made as many steps, so that each draws the same order.
  const [order] = lanes.map(({ engine, training }) => beginEpoch(engine, training, plan));
  const observer = {
    stop,
    record: (_: unknown, begin: number, end: number) => {
      for (const { engine } of lanes) engine.iterations += end - begin;
    },
  };
  const { engine, training } = lanes[0] as Lane;
  const dispatches = lanes.flatMap(({ step }) => step.dispatches);
  await replayRuns(engine, training, order as Uint32Array, { dispatches }, observer);
}

/** Loss and metrics of each over its validation rows; undefined for one whose values are not finite any more. */
export async function validateTogether(
  lanes: readonly Lane[],
  metrics: readonly CompiledMetric[],
): Promise<(Evaluation | undefined)[]> {
  for (const { validation } of lanes) validation.begin(validation.inOrder);
  const { engine, validation } = lanes[0] as Lane;
  const dispatches = lanes.flatMap(({ validationStep }) => validationStep.dispatches);
  await replayRuns(engine, validation, validation.inOrder, { dispatches }, undefined);
  return Promise.all(
    lanes.map(async (lane) => {
      const [trained, validated] = await Promise.all([lane.training.read(), lane.validation.read()]);
      if (trained.fault !== undefined || validated.fault !== undefined) return undefined;
      return evaluationOf(lane.engine, lane.validation, validated, metrics);
    }),
  );
}
