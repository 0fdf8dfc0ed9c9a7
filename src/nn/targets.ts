// What a loss and metrics ask of targets, beyond one for each row.
import type { Targets } from "../data/targets.ts";
import { DataError } from "../errors.ts";
import type { Loss } from "./losses.ts";
import type { CompiledMetric } from "./metrics.ts";

/**
 * Targets as the loss takes them: for binary cross-entropy, those that are all 1 or -1 become 1 and 0.
 * @throws DataError for targets that the loss or a metric does not take.
 */
export function targetsFor(
  { loss, metrics }: { readonly loss: Loss; readonly metrics: readonly CompiledMetric[] },
  targets: Targets,
  what: string,
): Targets {
  if (loss.name === "sparse_categorical_crossentropy") check(targets, "labels", `the loss ${loss.name}`, what);
  for (const { name, targets: form } of metrics) if (form) check(targets, form, `the metric ${name}`, what);
  if (loss.name !== "binary_crossentropy" || targets.kind === "labels") return targets;
  return { ...targets, values: shares(targets.values, targets.outputs, what) };
}

function check({ kind }: Targets, wanted: "labels" | "values", who: string, what: string): void {
  const given = kind === "labels" ? "labels" : "values";
  if (given === wanted) return;
  const form = {
    labels: "integer labels, one a row, of a model with at least 2 outputs",
    values: "values, [rows, outputs] or a list for a single output",
  };
  throw new DataError(`${what}: ${who} takes ${form[wanted]}, got ${given}.`);
}

/** Values in [0, 1], from such values or from 1 and -1. */
function shares(values: Float32Array, outputs: number, what: string): Float32Array {
  if (values.every((y) => Math.abs(y) === 1)) return values.map((y) => (y + 1) / 2);
  const bad = values.findIndex((y) => !(y >= 0 && y <= 1));
  if (bad < 0) return values;
  throw new DataError(
    `${what}: row ${Math.floor(bad / outputs)} has ${values[bad]}, but the loss binary_crossentropy takes targets from 0 ` +
      `to 1, or -1 and 1 only.`,
  );
}
