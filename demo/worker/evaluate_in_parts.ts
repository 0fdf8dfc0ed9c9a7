import type { Evaluation, Sequential } from "../../src/index.ts";
import type { LabelledDigits } from "./digits.ts";

/** `evaluate` of a model, when its turn comes. */
export type EvaluatePart = (...part: Parameters<Sequential["evaluate"]>) => Promise<Evaluation>;

/** So that nobody has to wait for all. */
const parts = 5;

/** Loss and accuracy on all digits [n, 784]; undefined where nobody waits for them any more. */
export async function evaluateInParts(
  { x, y }: LabelledDigits,
  evaluate: EvaluatePart,
  isForgotten: () => boolean,
): Promise<Evaluation | undefined> {
  const rows = y.length / parts;
  const sums: Evaluation = {};
  for (let begin = 0; begin < y.length; begin += rows) {
    if (isForgotten()) return undefined;
    const part = { ...x, data: x.data.subarray(begin * 784, (begin + rows) * 784), shape: [rows, 784] as const };
    const evaluation = await evaluate(part, y.subarray(begin, begin + rows), { batchSize: 256 });
    for (const [name, value] of Object.entries(evaluation)) sums[name] = (sums[name] ?? 0) + value / parts;
  }
  return sums;
}
