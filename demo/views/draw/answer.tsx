import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { winnerOf } from "../../scores.ts";
import { modelVersion, progress, settings } from "../../training.ts";
import { decimals } from "../../ui/numbers.ts";
import { Pixels } from "../../ui/pixels.tsx";
import { type Bars, barOf, barsOf, shownScores } from "./bars.ts";
import { failure, outputs, seen } from "./scores.ts";

/** The drawing has come to rest when nothing has changed for so long. */
const restMilliseconds = 600;

const blank = new Uint8Array(784);

/** What the model sees, and how it scores the ten digits. */
export function Answer() {
  const winner = useComputed(() => outputs.value && winnerOf(outputs.value));
  const bars = barsOf(settings.value.loss);
  const scores = outputs.value && shownScores(outputs.value, bars);
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
          {bars.unit === "score" ? "Scores from −2 to 2; the middle is 0" : "Probabilities from 0 to 1"}
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
      <span class="zero" style={{ left: percent(barOf(0, bars).start) }} />
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
