import { winnerOf } from "../../scores.ts";
import { decimals } from "../../ui/numbers.ts";
import { Pixels } from "../../ui/pixels.tsx";
import { inWords } from "./words.ts";

/** Scores that a tile shows. */
const shownScores = 3;

export interface TileProps {
  /** [28, 28] */
  readonly pixels: Uint8Array;
  /** What it is. */
  readonly label: number;
  /** [10] */
  readonly scores: Float32Array;
}

/** A digit, what it was taken for, and its scores. */
export function Tile({ pixels, label, scores }: TileProps) {
  const taken = winnerOf(scores);
  const ranked = Array.from(scores, (score, digit) => ({ score, digit })).sort((a, b) => b.score - a.score);
  // The highest, and the right one's in any case.
  const others = ranked.filter(({ digit }) => digit !== label).slice(0, shownScores - 1);
  const shown = ranked.filter((each) => each.digit === label || others.includes(each));
  return (
    <li class={taken === label ? "tile" : "tile mistake"}>
      <Pixels pixels={pixels} label={inWords(label, scores)} />
      <div aria-hidden="true">
        <p>{taken === label ? `${label}, right` : `${label} as ${taken}`}</p>
        {shown.map(({ digit, score }) => (
          <p key={digit} class={digit === label ? "score own" : "score"}>
            <span>{digit}</span>
            <span>{decimals(score, 2)}</span>
          </p>
        ))}
      </div>
    </li>
  );
}
