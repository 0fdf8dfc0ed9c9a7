// The epochs of a fit, wherever their rows come from.
import { DivergenceError } from "../errors.ts";
import type { CompiledMetric } from "../nn/metrics.ts";
import type { Logs } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { type Evaluation, evaluationOf, named, replayInOrder } from "./evaluate.ts";
import type { PlanOptions } from "./plan.ts";
import type { Results } from "./row_set.ts";
import type { Run } from "./run.ts";
import { isDue, type Validation, type ValidationFreq } from "./validation.ts";

/** The steps of an epoch, submitted. */
export interface TrainedEpoch {
  /** What they gave, once they are done. */
  read(): Promise<Results>;
}

export interface LoopPlan extends PlanOptions {
  readonly metrics: readonly CompiledMetric[];
  readonly validationFreq: ValidationFreq;
}

/**
 * Trains epoch by epoch, and validates after those that are due.
 * @param train submits the steps of the next epoch.
 * @throws DivergenceError with the number of the first step that gave a value that is not finite.
 */
export async function runEpochs(
  engine: Engine,
  run: Run,
  plan: LoopPlan,
  train: () => Promise<TrainedEpoch>,
  validation: Validation | undefined,
): Promise<void> {
  const { history } = run;
  const before = engine.iterations;
  let logs: Logs = {};
  const epochs = async () => {
    await run.call((each) => each.onTrainBegin?.(run));
    for (let epoch = run.initialEpoch; epoch < run.epochs && !run.stops(); epoch++) {
      await run.call((each) => each.onEpochBegin?.(epoch));
      const first = engine.iterations - before;
      const trained = await train();
      history.steps = engine.iterations - before;
      const due = validation && isDue(plan.validationFreq, epoch) ? validation : undefined;
      const aborted = () => run.aborted;
      if (due && !run.aborted) await replayInOrder(engine, due.set, due.plan, aborted);
      // Read only now: nothing is made and nothing mapped between the first and the last step of an epoch.
      const [results, validated] = await Promise.all([trained.read(), due?.set.read()]);
      if (results.fault !== undefined) {
        engine.resetOptimizer(); // its slots hold what is not finite
        throw diverged(first + results.fault + 1, epoch, results.fault, plan);
      }
      // An epoch counts when its validation is whole; one that a callback stopped counts as far as it came.
      if (run.aborted || results.rows === 0) break;
      const ended: Record<string, number> = named(results.sums, results.rows, plan.metrics);
      if (due && validated) addValidation(ended, evaluationOf(engine, due.set, validated, plan.metrics));
      engine.epochs = epoch + 1;
      logs = ended;
      await run.call((each) => each.onEpochEnd?.(epoch, ended));
      history.add(epoch, ended);
    }
    history.aborted = run.aborted && history.epoch.at(-1) !== run.epochs - 1;
    engine.adoptAverage(); // before callbacks see the end, which may put other weights back
  };
  await ending(run, epochs(), () => run.call((each) => each.onTrainEnd?.(logs)));
}

/** Ends a training whichever way it went; a divergence that a callback takes is no error. */
async function ending(run: Run, training: Promise<void>, end: () => Promise<void>): Promise<void> {
  try {
    await training;
  } catch (error) {
    if (!(error instanceof DivergenceError && (await run.takes(error)))) {
      await end().catch(() => {}); // the first error is the one to tell
      throw error;
    }
    run.stopTraining(error.message);
  }
  await end();
}

function addValidation(logs: Record<string, number>, values: Evaluation): void {
  for (const [name, value] of Object.entries(values)) logs[`val_${name}`] = value;
}

function diverged(step: number, epoch: number, inEpoch: number, { optimizer, loss }: PlanOptions): DivergenceError {
  const { learningRate: rate } = optimizer;
  const below = typeof rate === "number" ? rate : `${rate.name} gives`;
  return new DivergenceError(
    `Training diverged at step ${step} (epoch ${epoch + 1}, minibatch ${inEpoch + 1}): a weight, a logit or a loss is NaN or ` +
      `infinite under ${loss.name}. Use a smaller learning rate than ${below}, or scale the inputs.`,
    step,
  );
}
