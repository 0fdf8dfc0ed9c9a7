interface Props {
  /** What is predicted. */
  readonly label: string;
  readonly truth: Float32Array;
  readonly predicted: Float32Array;
}

/** Side of the plot, in units of its own, and the room for words. */
const [side, room] = [300, 40];

/** Predictions against what is true; on the line they are right. */
export function Scatter({ label, truth, predicted }: Props) {
  const all = [...truth, ...predicted];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const place = (value: number) => (side * (value - least)) / (most - least || 1);
  // A line of no length and a round cap is a dot; all of them are one path.
  const dots = Array.from(truth, (value, i) => `M${at(place(value))} ${at(side - place(predicted[i]!))}h0`).join("");
  const ends = [least, most].map((value) => value.toPrecision(3));
  return (
    <figure class="table-scatter">
      <svg
        viewBox={`${-room} -8 ${side + room + 8} ${side + room + 8}`}
        role="img"
        aria-label={`${truth.length} test rows: predicted ${label} against the true one, from ${ends[0]} to ${ends[1]}`}
      >
        <path class="frame" d={`M0 0h${side}v${side}h${-side}z`} />
        <path class="frame" d={`M0 ${side}L${side} 0`} />
        <path class="dots" d={dots} />
        <text x={0} y={side + 16}>
          {ends[0]}
        </text>
        <text x={side} y={side + 16} text-anchor="end">
          {ends[1]}
        </text>
        <text x={side / 2} y={side + 32} text-anchor="middle">
          true {label}
        </text>
        <text x={-8} y={side} text-anchor="end" transform={`rotate(-90 -8 ${side})`} dx={side / 2} dy={-16}>
          predicted
        </text>
      </svg>
    </figure>
  );
}

function at(value: number): string {
  return value.toFixed(1);
}
