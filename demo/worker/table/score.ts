// How well a model does on rows that it has not seen.
import { classificationReport, type Label } from "../../../src/index.ts";
import { type Learner, type Predictions, scoreWith } from "./learner.ts";
import type { ClassScore, Mistake, NumberScore } from "./messages.ts";
import { type Pictures, pixelsOf } from "./pictures.ts";
import type { Part } from "./problem.ts";

/** The most rows that a chart shows, and the most mistakes. */
const [mostPoints, mostMistakes] = [1000, 40];

/** @param pictures those that the rows are, if they are pictures. */
export async function scoreOf(
  learner: Learner,
  test: Part,
  predictions: Predictions,
  pictures?: Pictures,
): Promise<ClassScore | NumberScore> {
  if (predictions.task === "classification") return classScore(test, predictions, pictures);
  const truth = Float32Array.from(test.y as readonly number[]);
  const { values } = predictions;
  const errors = truth.map((value, i) => Math.abs(value - values[i]!));
  return {
    task: "regression",
    r2: await scoreWith(learner, test.x, test.y),
    meanError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    truth: truth.slice(0, mostPoints),
    predicted: values.slice(0, mostPoints),
  };
}

type ClassPredictions = Extract<Predictions, { task: "classification" }>;

function classScore(test: Part, predictions: ClassPredictions, pictures: Pictures | undefined): ClassScore {
  const { classes, indices } = predictions;
  const truth = indicesOf(test.y, classes);
  const report = classificationReport(truth, indices, classes.length);
  return {
    task: "classification",
    classNames: classes.map(String),
    report,
    majority: Math.max(...report.support) / truth.length,
    ...(pictures && { form: pictures.form }),
    mistakes: pictures ? mistakesAmong(test, truth, predictions, pictures) : [],
  };
}

/** Those first whose score is furthest above that of the class they are of. */
function mistakesAmong(
  { rows }: Part,
  truth: readonly number[],
  { classes, indices, scores }: ClassPredictions,
  { files, form, pixels }: Pictures,
): Mistake[] {
  const size = pixelsOf(form);
  const score = (i: number, label: number) => scores.data[i * classes.length + label]!;
  const excess = (i: number) => score(i, indices[i]!) - score(i, truth[i]!);
  const wrong = truth.flatMap((label, i) => (label === indices[i] ? [] : [i]));
  return wrong
    .sort((a, b) => excess(b) - excess(a))
    .slice(0, mostMistakes)
    .map((i) => ({
      file: files[rows[i]!]!.file.name,
      pixels: pixels.slice(rows[i]! * size, (rows[i]! + 1) * size),
      label: String(classes[truth[i]!]),
      predicted: String(classes[indices[i]!]),
    }));
}

function indicesOf(labels: readonly Label[], classes: readonly Label[]): number[] {
  const indices = new Map(classes.map((label, i) => [label, i]));
  return labels.map((label) => indices.get(label)!);
}
