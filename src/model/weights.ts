// A model's weights by name, as a user gives and gets them.
import { DataError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import { checkWeight } from "../nn/weights.ts";
import type { WeightValues } from "../train/engine.ts";
import type { Weights } from "./options.ts";

/** Values by `layer.weight`. */
export type GivenWeights = Readonly<
  Record<
    string,
    | ArrayLike<number>
    | {
        /** Row after row. */
        readonly data: ArrayLike<number>;
      }
  >
>;

/** Copies of all weights, in the network's order. */
export function namedWeights({ weights }: Network, values: WeightValues): Weights {
  return Object.fromEntries(
    weights.map(({ name, spec }) => [
      name,
      { shape: [...spec.shape], data: (values.get(name) as Float32Array).slice() },
    ]),
  );
}

/** @throws DataError for an unknown name, a wrong length, or a value that is not finite. */
export function checkedWeights({ weights }: Network, given: GivenWeights): (readonly [string, Float32Array])[] {
  const known = new Map(weights.map(({ name, spec }) => [name, spec]));
  return Object.entries(given).map(([name, value]) => {
    const data = Float32Array.from("data" in value ? value.data : value);
    const spec = known.get(name);
    if (!spec) throw new DataError(`No weight "${name}". Known: ${[...known.keys()].join(", ")}.`);
    checkWeight(spec, data, name);
    return [name, data] as const;
  });
}
