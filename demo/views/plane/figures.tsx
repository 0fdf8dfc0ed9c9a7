// What training has come to, in numbers.
import { decimals } from "../../ui/numbers.ts";
import { onOwnColor, points, state } from "./state.ts";

const none = "–";

export function Figures() {
  const right = onOwnColor.value;
  const all = points.value.length;
  const now = state.value;
  const figures = [
    ["Points on their own colour", right === undefined || all === 0 ? none : decimals(right / all, 4)],
    ["Loss, with the regularization", now ? decimals(now.loss, 4) : none],
    ["Epochs", now ? `${now.epoch} of ${now.epochs}` : none],
    ["Milliseconds an epoch", now ? now.msPerEpoch.toFixed(1) : none],
    ["Points within the margin", now ? `${now.withinMargin} of ${now.rows}` : none],
  ];
  return (
    <dl class="plane-figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
