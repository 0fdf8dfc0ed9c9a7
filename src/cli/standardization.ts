// Columns with mean 0 and variance 1, and so the target of a regression: measured on the training rows, kept with the
// model, applied to all other rows.
import { type Matrix, sliceRows } from "../data/matrix.ts";
import { splitPoint } from "../data/split.ts";
import { standardization, standardize } from "../data/table.ts";
import type { ModelMetadata } from "../index.ts";
import type { Dataset, LabelledRows } from "./image_files.ts";

/** What a regression's output means. */
export type Target = NonNullable<ModelMetadata["target"]>;

export interface Prepared {
  readonly train: LabelledRows;
  readonly test?: LabelledRows;
  readonly metadata: ModelMetadata;
}

/** The rows as the model takes them, and what a saved model has to remember. @param known the metadata to go on with. */
export function prepare(
  dataset: Dataset,
  options: { standardize: boolean; validationSplit: number },
  known: ModelMetadata = {},
): Prepared {
  const { classNames, featureNames, targetName, train, test } = dataset;
  const trained = trainingRows(train.x.shape[0], options.validationSplit);
  const statistics = known.standardization ?? (options.standardize ? statisticsOf(train.x, trained) : undefined);
  const target = targetName === undefined ? undefined : (known.target ?? targetOf(targetName, train.y, trained));
  const metadata: ModelMetadata = {
    ...(classNames && { classNames }),
    ...(featureNames && { featureNames }),
    ...(statistics && { standardization: statistics }),
    ...(target && { target }),
  };
  const asTaken = ({ x, y }: LabelledRows) => ({ x: standardized(x, metadata), y: towards(y, metadata) });
  return { train: asTaken(train), metadata, ...(test && { test: asTaken(test) }) };
}

/** The rows that train; the others validate. */
export function trainingRows(rows: number, split: number): number {
  return split > 0 ? splitPoint(rows, split) : rows;
}

/** Means and deviations of the training rows; validation rows must not leak into them. */
function statisticsOf(x: Matrix, rows: number): NonNullable<ModelMetadata["standardization"]> {
  const { mean, scale } = standardization(sliceRows(x, 0, rows));
  return { mean: [...mean], scale: [...scale] };
}

function targetOf(name: string, y: LabelledRows["y"], rows: number): Target {
  const values = Float32Array.from(y.subarray(0, rows));
  const { mean, scale } = standardization({ data: values, shape: [rows, 1] });
  return { name, mean: mean[0] as number, scale: scale[0] as number };
}

/** The rows as a model with these statistics takes them. */
export function standardized(x: Matrix, { standardization: statistics }: ModelMetadata): Matrix {
  if (!statistics) return x;
  return standardize(x, { mean: Float32Array.from(statistics.mean), scale: Float32Array.from(statistics.scale) });
}

/** Labels as they are, a regression's values as its output should be. */
export function towards(y: LabelledRows["y"], { target }: ModelMetadata): LabelledRows["y"] {
  return target ? Float32Array.from(y, (value) => (value - target.mean) / target.scale) : y;
}

/** Logs or measures of a regression whose mae and mse, validation's too, are in the target's units; others as they are. */
export function inUnits<T extends Readonly<Record<string, number>>>(values: T, target: Target | undefined): T {
  if (!target) return values;
  const factors: Record<string, number> = { mae: target.scale, mse: target.scale ** 2 };
  const entries = Object.entries(values).map(([name, value]) => {
    return [name, value * (factors[name.replace(/^val_/, "")] ?? 1)] as const;
  });
  return Object.fromEntries(entries) as T;
}
