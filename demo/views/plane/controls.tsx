// What the points are drawn from, and what they are trained with.
import { useId } from "preact/hooks";
import { type ShapeName, shapeNames } from "../../points.ts";
import type { PlaneSettings } from "../../worker/plane/machine.ts";
import { classMarks, MarkIcon } from "./marks.tsx";
import { draw, points, redraw, settings, tool } from "./state.ts";

const shapeWords: Readonly<Record<ShapeName, string>> = {
  moons: "Moons",
  circles: "Circles",
  spirals: "Spirals",
  xor: "XOR",
  blobs: "Blobs, four classes",
};

/** Chooses what a click does. */
export function Tools() {
  const tools = [...classMarks.map((mark, label) => ({ mark, value: label })), { value: "remove" as const }];
  return (
    <fieldset class="plane-tools">
      <legend class="unseen">Place or remove points</legend>
      {tools.map((each) => (
        <label key={each.value}>
          <input
            type="radio"
            name="plane-tool"
            aria-label={"mark" in each ? `Class ${each.value + 1}, ${each.mark.name}s` : undefined}
            checked={tool.value === each.value}
            onChange={() => {
              tool.value = each.value;
            }}
          />
          {"mark" in each ? (
            <>
              <MarkIcon mark={each.mark} /> Class {each.value + 1}
            </>
          ) : (
            "Remove points"
          )}
        </label>
      ))}
    </fieldset>
  );
}

/** Draws points at random. */
export function Generator() {
  const { shape, count, noise } = draw.value;
  return (
    <fieldset class="panel plane-fields">
      <legend>Points at random</legend>
      <label>
        Shape
        <select value={shape} onChange={({ currentTarget: { value } }) => redraw({ shape: value as ShapeName })}>
          {shapeNames.map((name) => (
            <option key={name} value={name}>
              {shapeWords[name]}
            </option>
          ))}
        </select>
      </label>
      <Slider
        label="Number of points"
        value={count}
        min={20}
        max={600}
        step={20}
        onChange={(count) => redraw({ count })}
      />
      <Slider label="Noise" value={noise} min={0} max={0.4} step={0.01} onChange={(noise) => redraw({ noise })} />
      <div class="plane-row">
        <button type="button" onClick={() => redraw({ seed: draw.value.seed + 1 })}>
          New draw
        </button>
        <button
          type="button"
          onClick={() => {
            points.value = [];
          }}
        >
          Remove all points
        </button>
      </div>
    </fieldset>
  );
}

const losses: readonly (readonly [PlaneSettings["loss"], string])[] = [
  ["hinge", "SVM (hinge)"],
  ["categorical_crossentropy", "Logistic regression (cross-entropy)"],
  ["mean_squared_error", "Ridge (squared error)"],
];

/** Says what is trained. */
export function Model() {
  const { loss, kernel, outputDim, scale, C } = settings.value;
  const change = (changed: Partial<PlaneSettings>) => {
    settings.value = { ...settings.value, ...changed };
  };
  return (
    <fieldset class="panel plane-fields">
      <legend>Model</legend>
      <label>
        Loss
        <select
          value={loss}
          onChange={({ currentTarget: { value } }) => change({ loss: value as PlaneSettings["loss"] })}
        >
          {losses.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <Slider label="Scale" value={scale} min={0.05} max={2} logarithmic onChange={(scale) => change({ scale })} />
      <Slider label="C" value={C} min={0.01} max={1000} logarithmic onChange={(C) => change({ C })} />
      <label>
        Kernel
        <select
          value={kernel}
          onChange={({ currentTarget: { value } }) => change({ kernel: value as PlaneSettings["kernel"] })}
        >
          <option value="gaussian">Gaussian</option>
          <option value="laplacian">Laplacian</option>
        </select>
      </label>
      <label>
        Random features
        <select value={outputDim} onChange={({ currentTarget: { value } }) => change({ outputDim: Number(value) })}>
          {[128, 512, 1024].map((D) => (
            <option key={D} value={D}>
              {D}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Of a logarithmic one, a hundredth of the way. */
  readonly step?: number;
  readonly logarithmic?: boolean;
  onChange(value: number): void;
}

function Slider({ label, value, min, max, step = 1, logarithmic = false, onChange }: SliderProps) {
  const id = useId();
  const words = String(Number(value.toPrecision(2))).replace(/^0\./, ".");
  // The way along a logarithmic slider is counted in hundredths.
  const way = (Math.log(value / min) / Math.log(max / min)) * 100;
  const range = logarithmic ? { value: way, min: 0, max: 100, step } : { value, min, max, step };
  return (
    <div class="plane-slider">
      <label for={id}>{label}</label>
      <output for={id}>{words}</output>
      <input
        id={id}
        type="range"
        {...range}
        aria-valuetext={words}
        onInput={({ currentTarget: { valueAsNumber } }) =>
          onChange(logarithmic ? min * (max / min) ** (valueAsNumber / 100) : valueAsNumber)
        }
      />
    </div>
  );
}
