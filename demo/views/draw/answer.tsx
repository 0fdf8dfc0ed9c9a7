import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { winnerOf } from "../../scores.ts";
import { modelVersion, progress, settings } from "../../training.ts";
import { decimals } from "../../ui/numbers.ts";
import { Pixels } from "../../ui/pixels.tsx";
import { type Bars, barOf, barsOf, shownScores } from "./bars.ts";
import { answered, failure, seen } from "./scores.ts";

/** The drawing has come to rest when nothing has changed for so long. */
const restMilliseconds = 600;

const blank = new Uint8Array(784);

/** What the model sees, and how it scores the ten digits. */
export function Answer() {
  const winner = useComputed(() => answered.value && winnerOf(answered.value.outputs));
  const bars = barsOf(answered.value?.loss ?? settings.value.loss);
  const scores = answered.value && shownScores(answered.value.outputs, bars);
  const noModel = modelVersion.value === 0 && !progress.value && !scores;
  return (
    <div class="panel answer">
      <div class="seen">
        <figure>
          <Pixels
            pixels={seen.value ?? blank}
            label={seen.value ? "The drawing, centred, in 28 by 28 pixels" : "Nothing yet"}
          />
          <figcaption class="quiet">What the model sees</figcaption>
        </figure>
        <p class="verdict" aria-hidden="true">
          {winner.value === undefined ? "" : `Looks like ${winner.value}`}
        </p>
      </div>
      <Announcement winner={winner} />
      <div class="note">
        {failure.value && <p role="alert">{failure.value}</p>}
        {noModel && (
          <p>
            There is no model yet: <a href="#train">train one</a> first.
          </p>
        )}
      </div>
      <table class="bars">
        <caption class="quiet">
          {bars.unit === "score"
            ? "Scores, drawn as their square roots; lines at 0, 1, 4 and 9"
            : "Probabilities; lines at .25, .5 and .75"}
        </caption>
        <thead class="unseen">
          <tr>
            <th scope="col">Digit</th>
            <th scope="col">{bars.unit === "score" ? "Score" : "Probability"}</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: 10 }, (_, digit) => (
            <tr key={digit} aria-current={winner.value === digit ? "true" : undefined}>
              <th scope="row">
                <span aria-hidden="true">{winner.value === digit ? "▸" : ""}</span>
                {digit}
              </th>
              <td>
                <Bar score={scores?.[digit] ?? 0} bars={bars} />
                <span class="number">{scores ? decimals(scores[digit] as number, 3) : ""}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bar({ score, bars }: { score: number; bars: Bars }) {
  const { start, length } = barOf(score, bars);
  const percent = (share: number) => `${100 * share}%`;
  return (
    <span class="track" aria-hidden="true">
      <span class="bar" style={{ left: percent(start), width: percent(length) }} />
      {bars.marks.map((mark) => (
        <span key={mark} class={mark === 0 ? "line zero" : "line"} style={{ left: percent(bars.place(mark)) }} />
      ))}
    </span>
  );
}

/** Says the winner when it is another one and the drawing rests. */
function Announcement({ winner }: { winner: ReadonlySignal<number | undefined> }) {
  const words = useSignal("");
  useSignalEffect(() => {
    seen.value;
    const next = winner.value === undefined ? "" : `Looks like ${winner.value}`;
    const timer = setTimeout(() => {
      words.value = next;
    }, restMilliseconds);
    return () => clearTimeout(timer);
  });
  return (
    <p class="unseen" role="status">
      {words.value}
    </p>
  );
}
