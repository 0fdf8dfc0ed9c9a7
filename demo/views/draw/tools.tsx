import { useRef } from "preact/hooks";
import { engine, loading } from "../../engine.ts";
import { marks, pen } from "./drawing.ts";

/** Numbers of the test digits: 0 to 9,999. */
const testDigits = 10_000;

/** What is done to the sheet, also without a pointer. */
export function Tools() {
  /** The number of the last digit taken. */
  const last = useRef(-1);
  const take = async (number: number) => {
    const { pixels, labels } = await engine().look.images([number]);
    marks.value = [{ kind: "digit", pixels, number, label: labels[0] as number }];
    last.current = number;
  };
  const ready = loading.value.phase === "ready";
  const empty = marks.value.length === 0;
  const [first] = marks.value;
  return (
    <>
      <label class="pen">
        Pen's width: {pen.value} of the sheet's 28 pixels
        <input
          type="range"
          min="1"
          max="4"
          step="0.5"
          value={pen.value}
          onInput={(event) => {
            pen.value = Number(event.currentTarget.value);
          }}
        />
      </label>
      <div class="buttons">
        <button
          type="button"
          disabled={empty}
          onClick={() => {
            marks.value = marks.value.slice(0, -1);
          }}
        >
          Undo stroke
        </button>
        <button
          type="button"
          disabled={empty}
          onClick={() => {
            marks.value = [];
          }}
        >
          Clear
        </button>
      </div>
      <div class="buttons">
        <button type="button" disabled={!ready} onClick={() => take(Math.floor(Math.random() * testDigits))}>
          Take a test digit
        </button>
        <button type="button" disabled={!ready} onClick={() => take((last.current + 1) % testDigits)}>
          Next test digit
        </button>
      </div>
      <p class="quiet taken">
        {first?.kind === "digit"
          ? `Test digit ${first.number}, a ${first.label}. No training sees it.`
          : "Draw with a mouse, a pen or a finger, or take a digit that no training sees."}
      </p>
    </>
  );
}
