// What is done to the columns of X before the feature map, so that one bandwidth suits all of them.
import type { Matrix } from "../../data/matrix.ts";
import { type Standardization, standardization, standardize } from "../../data/table.ts";
import { ConfigError, show } from "../../errors.ts";

/**
 * "auto": bytes are divided by 255. Floats whose columns share one range, as pixels do, 0..255 or 0..1, are brought to 0..1
 * by that range: to divide each pixel by its own deviation would blow up those that are rarely lit. All other floats are
 * standardized column by column. true: column by column, bytes too. false: taken as they are.
 */
export type Standardize = "auto" | boolean;

/** @throws ConfigError for anything else. */
export function checkStandardize(standardize: Standardize, what: string): void {
  if (standardize !== "auto" && typeof standardize !== "boolean") {
    throw new ConfigError(`${what}: standardize must be "auto", true or false, got ${show(standardize)}.`);
  }
}

/** Measures the rows x [n, d] that a model is fitted on: the model then takes (x - mean) / scale, column by column. */
export function measureScaling(x: Matrix, how: Standardize): Standardization {
  const columns = x.shape[1];
  if (how === false) return uniform(columns, 0, 1);
  if (how === true) return standardization(x);
  if (x.data instanceof Uint8Array) return uniform(columns, 0, 255 * (x.unit ?? 1));
  const range = sharedRange(x);
  return range ? uniform(columns, range.least, range.most - range.least) : standardization(x);
}

/** (x - mean) / scale [n, d]; without a copy where that is one factor for all values, so that bytes stay bytes. */
export function applyScaling(x: Matrix, scaling: Standardization): Matrix {
  const [divisor = 1] = scaling.scale;
  const isFactor = scaling.mean.every((m) => m === 0) && scaling.scale.every((s) => s === divisor);
  return isFactor ? { ...x, unit: (x.unit ?? 1) / divisor } : standardize(x, scaling);
}

function uniform(columns: number, mean: number, scale: number): Standardization {
  return { mean: new Float32Array(columns).fill(mean), scale: new Float32Array(columns).fill(scale) };
}

/**
 * The range of all values, where at least half of the columns that vary reach both of its ends to within a tenth of it;
 * otherwise undefined.
 */
function sharedRange({ data, shape: [, columns], unit = 1 }: Matrix): { least: number; most: number } | undefined {
  const least = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0, column = 0; i < data.length; i++) {
    const value = (data[i] as number) * unit;
    if (value < (least[column] as number)) least[column] = value;
    if (value > (most[column] as number)) most[column] = value;
    column = column + 1 === columns ? 0 : column + 1;
  }
  const all = {
    least: least.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    most: most.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  };
  const slack = (all.most - all.least) / 10;
  let varying = 0;
  let spanning = 0;
  least.forEach((low, column) => {
    const high = most[column] as number;
    if (high === low) return;
    varying++;
    if (low <= all.least + slack && high >= all.most - slack) spanning++;
  });
  return varying > 0 && spanning >= varying / 2 ? all : undefined;
}
