import "../style/plane.css";
import { adapter } from "../engine.ts";
import { Generator, Model, Tools } from "./plane/controls.tsx";
import { Figures } from "./plane/figures.tsx";
import { Stage } from "./plane/stage.tsx";
import { canTrain, live, running, stop, train, trouble } from "./plane/state.ts";
import { PointTable } from "./plane/table.tsx";

/** A kernel machine on points of the plane, drawn while it trains. */
export function PlaneView() {
  return (
    <div class="plane">
      <div class="plane-stage">
        <Tools />
        <Stage />
        <p id="plane-help" class="quiet plane-help">
          Drag to spray points; shift-click or right-click removes the nearest. With keys: arrows move a crosshair,
          shift makes the steps small, Enter or Space places a point, Delete removes the nearest, 1 to 4 choose a class.
          A pixel has the colour of the class predicted there, fainter within the margin (thin lines).
        </p>
      </div>
      <div class="plane-side">
        <div class="panel plane-run">
          <div class="plane-row">
            <button type="button" class="primary" disabled={!canTrain.value} onClick={train}>
              Train
            </button>
            <button type="button" disabled={!running.value} onClick={stop}>
              Stop
            </button>
            <label class="plane-check">
              <input
                type="checkbox"
                checked={live.value}
                onChange={({ currentTarget: { checked } }) => {
                  live.value = checked;
                }}
              />
              Live: train anew on every change
            </label>
          </div>
          <Figures />
          <p class="plane-note" role="status">
            {note()}
          </p>
          {trouble.value && (
            <p class="plane-trouble" role="alert">
              {trouble.value}
            </p>
          )}
        </div>
        <Model />
        <Generator />
        <PointTable />
      </div>
    </div>
  );
}

function note(): string {
  if (running.value) return "Training.";
  if (adapter.value && !canTrain.value) return "Place points of two classes at least.";
  return "";
}
