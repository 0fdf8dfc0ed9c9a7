// Rows that come block by block, from any iteration.
import type { LabelWeights } from "../data/class_weights.ts";
import type { MatrixLike } from "../data/matrix.ts";
import type { TargetsLike } from "../data/targets.ts";
import { ConfigError, DataError, show } from "../errors.ts";
import type { FitData } from "../train/fit_data.ts";
import type { OpenBlocks } from "../train/fit_dataset.ts";
import { lookAhead } from "../train/look_ahead.ts";
import { labelledRows, type Taker, weighted } from "./fit_data.ts";

/** Rows with their targets, and a weight for each row's loss. */
export type DatasetBlock =
  | {
      /** Rows [n, inputDim]. */
      readonly x: MatrixLike;
      /** Integer labels [n], or values [n, outputDim]. */
      readonly y: TargetsLike;
      /** [n], 1 by default. */
      readonly sampleWeight?: ArrayLike<number>;
    }
  | readonly [x: MatrixLike, y: TargetsLike, sampleWeight?: ArrayLike<number>];

/** An iteration over blocks, which may have to be waited for: an array, a generator, a stream. */
export type DatasetBlocks = AsyncIterable<DatasetBlock> | Iterable<DatasetBlock>;

/** Blocks, or a function that begins an iteration over them anew. */
export type Dataset = DatasetBlocks | (() => DatasetBlocks);

/** Opens the data as often as it is asked to. @throws ConfigError for what can't be iterated, or not once more. */
export function openDataset(
  taker: Taker,
  dataset: Dataset,
  { lookAhead: count, classWeight }: { lookAhead: number; classWeight: LabelWeights | undefined },
): OpenBlocks {
  const open = typeof dataset === "function" ? dataset : () => dataset;
  let earlier: unknown;
  return async function* (aborted) {
    const iterator = iteratorOf(open());
    if (iterator === earlier) {
      throw new ConfigError(
        "model.fitDataset: the data can be iterated only once. For more than one epoch give a function that begins anew, " +
          "or stepsPerEpoch.",
      );
    }
    earlier = iterator;
    let index = 0;
    for await (const block of lookAhead(iterator, count, aborted)) {
      yield checkedBlock(taker, block, classWeight, `block ${index++}: `);
    }
  };
}

function iteratorOf(blocks: DatasetBlocks): AsyncIterator<DatasetBlock> | Iterator<DatasetBlock> {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(blocks);
  if (typeof (later ?? now) === "function") return (later ?? now).call(blocks);
  throw new ConfigError(
    `model.fitDataset: expected an iterable of { x, y } or [x, y], or a function that gives one, got ${show(blocks)}.`,
  );
}

function checkedBlock(
  taker: Taker,
  block: DatasetBlock,
  classWeight: LabelWeights | undefined,
  whose: string,
): FitData {
  if (typeof block !== "object" || block === null) {
    throw new DataError(`${whose}expected { x, y } or [x, y], got ${show(block)}.`);
  }
  const { x, y, sampleWeight } = "x" in block ? block : { x: block[0], y: block[1], sampleWeight: block[2] };
  return weighted(labelledRows(taker, x, y, sampleWeight, whose), classWeight);
}
