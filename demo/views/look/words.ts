import { rivalOf, winnerOf } from "../../scores.ts";
import { decimals } from "../../ui/numbers.ts";

/** A test digit in words: "4 taken for 9, score 1.20 against .31". @param scores [10] */
export function inWords(label: number, scores: ArrayLike<number>): string {
  const taken = winnerOf(scores);
  const score = (digit: number) => decimals(scores[digit] as number, 2);
  if (taken !== label) return `${label} taken for ${taken}, score ${score(taken)} against ${score(label)}`;
  const rival = rivalOf(scores, label);
  return `${label} taken for ${label}, score ${score(label)} against ${score(rival)} of ${rival}`;
}
