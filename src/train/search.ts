// A search over models that differ behind a shared projection: all are trained for an epoch, the better half for two,
// and so on (successive halving; Jamieson and Talwalkar, 2016), until one is left, which is trained to the end.
import type { Matrix } from "../data/matrix.ts";
import { inOrder } from "../data/samples.ts";
import type { Targets } from "../data/targets.ts";
import { DivergenceError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import type { OrderPlan } from "./epoch.ts";
import type { Evaluation } from "./evaluate.ts";
import { type FeatureOptions, FeatureRows } from "./features.ts";
import { Lane, type LanePlan, type Split, trainTogether, validateTogether } from "./side_by_side.ts";

/** Stages of the projection, which every candidate shares, and of the whole feature map. */
const depths = { projection: 1, features: 2 } as const;

export interface SearchPlan extends LanePlan, OrderPlan {
  /** Of the one that is left. */
  readonly epochs: number;
  /** The larger, the better. */
  score(evaluation: Evaluation): number;
  /** Bytes of rows that may be kept on the GPU. */
  readonly budget: number;
  stop(): boolean;
  /** Called when candidates have been compared, with what they have come to, the best first. */
  compared?(trials: readonly Trial[]): unknown;
}

/** A model of the search. The stages of its network are projection, cosine and head. */
export interface Candidate {
  /** One for each split. */
  readonly engines: readonly Engine[];
  /** Another one, with the initial weights. */
  fresh(): Promise<Engine>;
}

/** What a candidate has come to. */
export interface Trial {
  /** Its number among the candidates. */
  readonly candidate: number;
  /** Epochs it was trained for. */
  readonly epochs: number;
  /** Mean over the splits; -Infinity where training diverged. */
  readonly score: number;
  /** Loss and metrics over the validation rows of the first split. */
  readonly evaluation: Evaluation | undefined;
}

export interface SearchOutcome {
  /** The best first: those trained longest, then by score. */
  readonly trials: readonly Trial[];
  /** Holds the weights of the best: of the first split where there is one, else trained again on all rows. */
  readonly engine: Engine;
  /** Rows that were projected, as often as they were. */
  readonly projectedRows: number;
  readonly seconds: { readonly projection: number; readonly search: number; readonly training: number };
}

/** Rows with their targets, and the ways to split them. */
export interface SearchRows {
  readonly x: Matrix;
  readonly targets: Targets;
  /** More than one are the folds of a cross-validation. */
  readonly splits: readonly Split[];
}

/** @throws DivergenceError where no candidate stays finite. */
export async function search(
  candidates: readonly Candidate[],
  { x, targets, splits }: SearchRows,
  plan: SearchPlan,
): Promise<SearchOutcome> {
  const marks = [performance.now()];
  const first = (candidates[0] as Candidate).engines[0] as Engine;
  const options = { budget: plan.budget, precision: "float32", batchSize: plan.batchSize } as const;
  const projected = await FeatureRows.create(first, x, { ...options, depth: depths.projection });
  const race = new Race(candidates, targets, splits, plan);
  try {
    if (projected.runRows === 0) await projected.load(inOrder(0), 0, { stop: plan.stop });
    marks.push(performance.now());
    await race.open(projected);
    for (let epochs = 1; race.isOpen; epochs *= 2) await race.round(Math.min(epochs, plan.epochs));
    marks.push(performance.now());
    const left = { ...options, budget: plan.budget - projected.bytes, depth: depths.features };
    const engine = await race.finish(projected, left);
    marks.push(performance.now());
    const [projection = 0, search = 0, training = 0] = marks
      .slice(1)
      .map((mark, i) => (mark - (marks[i] as number)) / 1000);
    const { computedRows: projectedRows } = projected;
    return { trials: race.trials, engine, projectedRows, seconds: { projection, search, training } };
  } finally {
    race.destroy();
    projected.destroy();
  }
}

/** Candidates that are still trained, and what all have come to. */
class Race {
  readonly #candidates: readonly Candidate[];
  readonly #targets: Targets;
  readonly #splits: readonly Split[];
  readonly #plan: SearchPlan;
  /** By candidate, one for each split. */
  readonly #lanes = new Map<number, Lane[]>();
  readonly #trials = new Map<number, Trial>();
  #epochs = 0;

  constructor(candidates: readonly Candidate[], targets: Targets, splits: readonly Split[], plan: SearchPlan) {
    this.#candidates = candidates;
    this.#targets = targets;
    this.#splits = splits;
    this.#plan = plan;
  }

  /** True while there is something to compare. */
  get isOpen(): boolean {
    const isUndecided = this.#lanes.size > 1 || (this.#splits.length > 1 && this.#trials.size === 0);
    return isUndecided && this.#epochs < this.#plan.epochs && !this.#plan.stop();
  }

  /** The best first: those trained longest, then by score. */
  get trials(): readonly Trial[] {
    return [...this.#trials.values()].sort((a, b) => b.epochs - a.epochs || b.score - a.score);
  }

  /** Lets all begin on the projected rows. */
  async open(projected: FeatureRows): Promise<void> {
    for (const [number, { engines }] of this.#candidates.entries()) {
      const lanes: Lane[] = [];
      this.#lanes.set(number, lanes); // before the first is open, so that `destroy` finds those that are
      for (const [i, split] of this.#splits.entries()) {
        lanes.push(await Lane.open(engines[i] as Engine, projected, this.#targets, split, this.#plan));
      }
    }
  }

  /** Trains those that are left up to so many epochs, and drops the worse half. */
  async round(epochs: number): Promise<void> {
    await this.#train(epochs);
    if (this.#epochs < epochs) return; // stopped
    const ranked = this.trials.filter(({ candidate }) => this.#lanes.has(candidate));
    await this.#plan.compared?.(ranked);
    for (const { candidate } of ranked.slice(Math.ceil(ranked.length / 2))) this.#drop(candidate);
  }

  /** Trains the best to the end, as far as it was not stopped. @returns its engine. */
  async finish(projected: FeatureRows, options: FeatureOptions): Promise<Engine> {
    const { candidate } = this.#best();
    for (const other of [...this.#lanes.keys()]) if (other !== candidate) this.#drop(other);
    const { engines, fresh } = this.#candidates[candidate] as Candidate;
    const isOneSplit = this.#splits.length === 1;
    const isDone = this.#plan.stop() || (isOneSplit && this.#epochs === this.#plan.epochs);
    const engine = isDone || isOneSplit ? (engines[0] as Engine) : await fresh();
    if (!isDone) await this.#trainToTheEnd(candidate, engine, projected, options);
    engine.adoptAverage();
    return engine;
  }

  async #trainToTheEnd(
    candidate: number,
    engine: Engine,
    projected: FeatureRows,
    options: FeatureOptions,
  ): Promise<void> {
    const isOneSplit = this.#splits.length === 1;
    // All rows train where they were split several times; then there are none left to validate.
    const all = inOrder(this.#targets.rows);
    const split = isOneSplit ? (this.#splits[0] as Split) : { training: all, validation: all };
    // Steps over finished features are shorter than steps from the projection, where there is room for both.
    const finished = projected.runRows === 0 ? await FeatureRows.create(engine, projected, options) : undefined;
    try {
      const rows = finished?.runRows === 0 ? finished : projected;
      if (rows === finished) await finished.load(inOrder(0), 0, { stop: this.#plan.stop });
      const lane = await Lane.open(engine, rows, this.#targets, split, this.#plan);
      this.#drop(candidate);
      this.#lanes.set(candidate, [lane]);
      if (isOneSplit) await this.#train(this.#plan.epochs);
      else await trainEpochs([lane], this.#plan.epochs, this.#plan);
      const { fault } = await lane.training.read();
      if (fault !== undefined && !this.#plan.stop()) throw this.#diverged();
    } finally {
      finished?.destroy();
    }
  }

  destroy(): void {
    for (const candidate of [...this.#lanes.keys()]) this.#drop(candidate);
  }

  /** Trains all that are left up to so many epochs, split by split, and scores them. */
  async #train(epochs: number): Promise<void> {
    const { metrics, score, stop } = this.#plan;
    const evaluations = new Map([...this.#lanes.keys()].map((number) => [number, [] as (Evaluation | undefined)[]]));
    for (const i of this.#splits.keys()) {
      const lanes = [...this.#lanes.values()].map((each) => each[i] as Lane);
      await trainEpochs(lanes, epochs - this.#epochs, this.#plan);
      if (stop()) return;
      const values = await validateTogether(lanes, metrics);
      for (const [k, number] of [...this.#lanes.keys()].entries()) evaluations.get(number)?.push(values[k]);
    }
    this.#epochs = epochs;
    for (const [candidate, each] of evaluations) {
      const scores = each.map((values) => (values ? score(values) : Number.NEGATIVE_INFINITY));
      const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
      this.#trials.set(candidate, { candidate, epochs, score: mean, evaluation: each[0] });
    }
  }

  /** @throws DivergenceError where none that is left is finite. */
  #best(): Pick<Trial, "candidate"> {
    const [best] = this.trials;
    if (best?.score === Number.NEGATIVE_INFINITY) throw this.#diverged();
    return best ?? { candidate: 0 }; // alone, or stopped before anything was compared
  }

  #drop(candidate: number): void {
    for (const lane of this.#lanes.get(candidate) ?? []) lane.destroy();
    this.#lanes.delete(candidate);
  }

  #diverged(): DivergenceError {
    const { candidate = 0, epochs = 0 } = this.trials[0] ?? {};
    return new DivergenceError(
      `No candidate that was left in the search stayed finite up to epoch ${epochs}. Use a ` +
        `smaller learning rate, or scale the inputs.`,
      this.#candidates[candidate]?.engines[0]?.iterations ?? 0,
    );
  }
}

async function trainEpochs(lanes: readonly Lane[], epochs: number, plan: SearchPlan): Promise<void> {
  for (let epoch = 0; epoch < epochs && !plan.stop(); epoch++) await trainTogether(lanes, plan, plan.stop);
}
