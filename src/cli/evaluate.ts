// What evaluate does.
import { isImageSetName } from "../data/image_sets.ts";
import { labelsOf, tableToFeatures, valuesOf } from "../data/table.ts";
import { ConfigError } from "../errors.ts";
import { type Sequential, savedLoss } from "../index.ts";
import { type Calibration, calibrationInWords, calibrationOf, checkHasProbabilities } from "./calibration.ts";
import { readTable } from "./csv.ts";
import { labelColumn, loadDataset } from "./datasets.ts";
import type { LabelledRows } from "./image_files.ts";
import { readModel } from "./model.ts";
import { metricsFor } from "./optimizer.ts";
import { inUnits, standardized, towards } from "./standardization.ts";
import { evaluationBatch } from "./train.ts";
import type { DataOptions } from "./training_options.ts";
import { inWords, reportTable, whereItRan } from "./words.ts";

export interface EvaluateOptions extends DataOptions {
  model: string;
  report: boolean;
  calibration: boolean;
  json: boolean;
}

export async function evaluate(options: EvaluateOptions): Promise<number> {
  const model = await readModel(options.model, options.tune);
  try {
    const { metadata } = model;
    const { target } = metadata;
    if (options.calibration) checkHasProbabilities(metadata.loss);
    if (options.report && target) throw new ConfigError("--report is of classes, but this model is a regression.");
    const { x, y } = await labelledRows(model, options);
    const metrics = metricsFor(model.outputDim, target);
    model.compile({ optimizer: "adam", loss: savedLoss(metadata) ?? "hinge", metrics });
    const { adapter } = await model.gpu();
    const rows = x.shape[0];
    const { report, ...measured } = await measure(model, { x, y }, options.report);
    const values = inUnits(measured, target);
    console.log(`${rows} rows - ${inWords(values)}`);
    if (report) console.log(reportTable(report, classNamesOf(model)));
    const calibration: Partial<Calibration> = options.calibration ? await calibrationOf(model, x, y) : {};
    if (options.calibration) console.log(calibrationInWords(calibration as Calibration));
    if (options.json) {
      const results = { rows, ...values, ...calibration, report, model: options.model };
      console.log(JSON.stringify({ ...whereItRan(adapter), ...results }));
    }
    return 0;
  } finally {
    model.dispose();
  }
}

async function measure(model: Sequential, { x, y }: LabelledRows, wantsReport: boolean) {
  const batchSize = evaluationBatch;
  if (!wantsReport) return { ...(await model.evaluate(x, y, { batchSize })), report: undefined };
  return model.evaluate(x, y, { batchSize, report: true });
}

export function classNamesOf({ metadata, outputDim }: Sequential): readonly string[] {
  return metadata.classNames ?? Array.from({ length: outputDim }, (_, i) => String(i));
}

/** The rows a model is measured on: the test rows of an image set, or all rows of a CSV file. */
async function labelledRows(model: Sequential, options: EvaluateOptions): Promise<LabelledRows> {
  const { metadata, inputDim } = model;
  if (isImageSetName(options.data)) {
    if (metadata.target) throw new ConfigError(`${options.data} has classes, but this model is a regression.`);
    const { test } = await loadDataset(options.data, options);
    if (!test) throw new ConfigError(`${options.data} has no test rows.`);
    return { x: standardized(test.x, metadata), y: test.y };
  }
  const table = await readTable(options.data);
  const label = labelColumn(table, options.label ?? metadata.target?.name, options.data);
  const choice = { featureNames: metadata.featureNames, columns: inputDim, labelColumn: label };
  const x = standardized(tableToFeatures(table, choice, options.data), metadata);
  if (metadata.target) return { x, y: towards(valuesOf(table, label, options.data), metadata) };
  return { x, y: labelsOf(table, label, classNamesOf(model), options.data) };
}
