// Columns with mean 0 and variance 1: measured on the training rows, kept with the model, applied to all other rows.
import { type Matrix, sliceRows } from "../data/matrix.ts";
import { splitPoint } from "../data/split.ts";
import { standardization, standardize } from "../data/table.ts";
import type { ModelMetadata } from "../index.ts";
import type { Dataset } from "./image_files.ts";

/** The rows as the model takes them, and what a saved model has to remember. */
export function prepare(
  dataset: Dataset,
  options: { standardize: boolean; validationSplit: number },
  known: ModelMetadata["standardization"],
): { train: Matrix; test?: Matrix; metadata: ModelMetadata } {
  const { classNames, featureNames, train: trainRows, test } = dataset;
  const metadata: ModelMetadata = { classNames, ...(featureNames && { featureNames }) };
  if (!options.standardize && !known) return { train: trainRows.x, metadata, ...(test && { test: test.x }) };
  const withStatistics = { ...metadata, standardization: known ?? statisticsOf(trainRows.x, options.validationSplit) };
  return {
    train: standardized(trainRows.x, withStatistics),
    metadata: withStatistics,
    ...(test && { test: standardized(test.x, withStatistics) }),
  };
}

/** Means and deviations of the training rows; validation rows must not leak into them. */
function statisticsOf(x: Matrix, split: number): NonNullable<ModelMetadata["standardization"]> {
  const rows = x.shape[0];
  const { mean, scale } = standardization(sliceRows(x, 0, split > 0 ? splitPoint(rows, split) : rows));
  return { mean: [...mean], scale: [...scale] };
}

/** The rows as a model with these statistics takes them. */
export function standardized(x: Matrix, { standardization: statistics }: ModelMetadata): Matrix {
  if (!statistics) return x;
  return standardize(x, { mean: Float32Array.from(statistics.mean), scale: Float32Array.from(statistics.scale) });
}
