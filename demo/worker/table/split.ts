// Which rows a model is tested on.
import { randomOf } from "../../random.ts";

/** Row numbers, each in one of both. */
export interface Split {
  readonly train: number[];
  readonly test: number[];
}

/**
 * Shuffles rows and sets a share of them aside, of each class alike to within a row. A class with a single row is
 * trained on.
 * @param classes of each row; none: all rows are alike.
 * @param share of the rows that test, above 0, at most .5.
 */
export function splitRows(rows: readonly number[], share: number, seed: number, classes?: readonly unknown[]): Split {
  const groups = new Map<unknown, number[]>();
  for (const i of shuffle([...rows.keys()], randomOf(seed))) {
    const group = groups.get(classes?.[i]);
    if (group) group.push(rows[i]!);
    else groups.set(classes?.[i], [rows[i]!]);
  }
  const split: Split = { train: [], test: [] };
  let seen = 0;
  for (const group of groups.values()) {
    if (group.length === 1 && groups.size > 1) {
      split.train.push(group[0]!);
      continue;
    }
    for (const row of group) {
      // A row tests where its number times the share reaches the next whole number.
      const tests = Math.floor((seen + 1) * share) > Math.floor(seen * share);
      (tests ? split.test : split.train).push(row);
      seen++;
    }
  }
  const inOrder = (chosen: number[]) => chosen.sort((a, b) => a - b);
  return { train: inOrder(split.train), test: inOrder(split.test) };
}

/** Fisher and Yates' shuffle, in place. */
function shuffle<T>(list: T[], random: () => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
