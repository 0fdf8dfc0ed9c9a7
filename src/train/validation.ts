// The rows that validate, and when.
import type { Engine } from "./engine.ts";
import type { FitData } from "./fit_data.ts";
import type { Keep } from "./measured.ts";
import { evaluationPlan, type Plan, type PlanOptions } from "./plan.ts";
import { RowSet, type RowSetOptions } from "./row_set.ts";

export interface Validation {
  readonly set: RowSet;
  readonly plan: Plan;
}

/** Puts the rows on the GPU. */
export async function openValidation(
  engine: Engine,
  keep: Keep,
  { x, targets, weights }: FitData,
  plan: PlanOptions,
  options: Omit<RowSetOptions, "weights">,
): Promise<Validation> {
  const set = keep(await RowSet.create(engine, x, targets, { ...options, weights }));
  return { set, plan: keep(await evaluationPlan(engine, set, plan)) };
}

/** Epochs between two validations, or the epochs that are validated; both count from 1, as Keras does. */
export type ValidationFreq = number | readonly number[];

/** @param epoch from 0. */
export function isDue(every: ValidationFreq, epoch: number): boolean {
  return typeof every === "number" ? (epoch + 1) % every === 0 : every.includes(epoch + 1);
}
