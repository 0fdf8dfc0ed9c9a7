// What predict does.
import Papa from "papaparse";
import { tableToFeatures } from "../data/table.ts";
import type { TuneMode } from "../index.ts";
import { readTable } from "./csv.ts";
import { classNamesOf } from "./evaluate.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import { readModel } from "./model.ts";
import { standardized, type Target } from "./standardization.ts";

export interface PredictOptions {
  tune: TuneMode;
  model: string;
  data: string;
  out?: string;
}

export async function predict(options: PredictOptions): Promise<number> {
  if (options.out) await checkWritable(options.out);
  const model = await readModel(options.model, options.tune);
  try {
    const table = await readTable(options.data);
    const { featureNames, target } = model.metadata;
    const choice = { featureNames, columns: model.inputDim, labelColumn: target?.name };
    const x = standardized(tableToFeatures(table, choice, options.data), model.metadata);
    const { data, shape } = await model.predict(x);
    const content = target ? values(data, target) : classes(data, shape[1], classNamesOf(model));
    const csv = Papa.unparse(content, { newline: "\n" });
    if (options.out) await writeAtomically(options.out, `${csv}\n`);
    else console.log(csv);
    return 0;
  } finally {
    model.dispose();
  }
}

/** The class of the largest output, and all outputs. */
function classes(data: Float32Array, outputs: number, names: readonly string[]) {
  const rows = Array.from({ length: data.length / outputs }, (_, row) => {
    const scores = data.subarray(row * outputs, (row + 1) * outputs);
    return [names[scores.indexOf(Math.max(...scores))], ...scores];
  });
  return { fields: ["prediction", ...names.map((name) => `score_${name}`)], data: rows };
}

/** Of a regression, in the target's units. */
function values(data: Float32Array, { mean, scale }: Target) {
  return { fields: ["prediction"], data: Array.from(data, (value) => [value * scale + mean]) };
}
