// Places on the GPU for rows that come batch by batch, with the plans over them: made once for each size and kind.
import type { CompiledMetric } from "../nn/metrics.ts";
import type { Storage } from "../nn/rows.ts";
import type { Engine } from "./engine.ts";
import type { FitData } from "./fit_data.ts";
import { evaluationPlan, type Plan, type PlanOptions, trainingPlan } from "./plan.ts";
import { RowSet } from "./row_set.ts";

export interface BatchesOptions extends PlanOptions {
  readonly featureBudget: number;
  readonly precision: Storage["precision"];
  readonly metrics: readonly CompiledMetric[];
}

/** How many sizes and kinds are remembered at a time. */
const most = 4;

export class Batches {
  readonly #engine: Engine;
  readonly #options: BatchesOptions;
  /** The one used last at the end. */
  readonly #batches: Batch[] = [];
  #generation: number;

  constructor(engine: Engine, options: BatchesOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#generation = engine.generation;
  }

  /** A place that holds these rows, in minibatches of this size; valid until the next call. */
  async put(data: FitData, batchSize: number): Promise<Batch> {
    if (this.#generation !== this.#engine.generation) this.destroy();
    this.#generation = this.#engine.generation;
    const kind = kindOf(data, batchSize);
    const at = this.#batches.findIndex((batch) => batch.kind === kind && batch.capacity >= data.targets.rows);
    const batch = at >= 0 ? (this.#batches.splice(at, 1)[0] as Batch) : await this.#make(data, batchSize, kind);
    this.#batches.push(batch);
    batch.set.replace(data);
    return batch;
  }

  destroy(): void {
    for (const batch of this.#batches.splice(0)) batch.destroy();
  }

  async #make({ x, targets, weights }: FitData, batchSize: number, kind: string): Promise<Batch> {
    const smaller = this.#batches.findIndex((batch) => batch.kind === kind);
    const surplus = smaller >= 0 ? smaller : this.#batches.length < most ? -1 : 0;
    if (surplus >= 0) this.#batches.splice(surplus, 1)[0]?.destroy();
    const { featureBudget: budget, precision, metrics } = this.#options;
    const set = await RowSet.create(this.#engine, x, targets, { batchSize, budget, precision, weights, metrics });
    return new Batch(this.#engine, this.#options, set, kind);
  }
}

/** Rows on the GPU, and the plans over them, made when they are asked for. */
export class Batch {
  readonly set: RowSet;
  readonly kind: string;
  readonly capacity: number;
  readonly #engine: Engine;
  readonly #options: PlanOptions;
  readonly #plans = new Map<string, Plan>();

  constructor(engine: Engine, options: PlanOptions, set: RowSet, kind: string) {
    this.#engine = engine;
    this.#options = options;
    this.set = set;
    this.kind = kind;
    this.capacity = set.rowCount;
  }

  training(): Promise<Plan> {
    return this.#once("training", () => trainingPlan(this.#engine, this.set, this.#options));
  }

  evaluation(): Promise<Plan> {
    return this.#once("evaluation", () => evaluationPlan(this.#engine, this.set, this.#options));
  }

  destroy(): void {
    for (const plan of this.#plans.values()) plan.destroy();
    this.set.destroy();
  }

  async #once(name: string, make: () => Promise<Plan>): Promise<Plan> {
    const known = this.#plans.get(name);
    if (known) return known;
    const made = await make();
    this.#plans.set(name, made);
    return made;
  }
}

/** Rows of one kind can take each other's place. */
function kindOf({ x, targets }: FitData, batchSize: number): string {
  const rows = x.data instanceof Uint8Array ? `bytes of ${x.unit ?? 1}` : "floats";
  return `${rows}, ${targets.kind}, by ${batchSize}`;
}
