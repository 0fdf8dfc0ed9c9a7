// The picture: regions on one canvas, lines and points on another above it.
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { restored } from "../../ui/canvases.ts";
import { decimals } from "../../ui/numbers.ts";
import { drawAbove, drawRegions, type Place } from "./drawing.ts";
import { pointerHandlers, press } from "./gestures.ts";
import { onOwnColor, points, state } from "./state.ts";

export function Stage() {
  const regions = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const side = useSignal(0);
  const isDark = useSignal(false);
  const cross = useSignal<Place | undefined>(undefined);
  const handlers = useMemo(pointerHandlers, []);
  useEffect(() => {
    const canvas = above.current!;
    const resized = new ResizeObserver(() => {
      side.value = canvas.clientWidth;
    });
    resized.observe(canvas);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => {
      isDark.value = dark.matches;
    };
    changed();
    dark.addEventListener("change", changed);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", changed);
    };
  }, []);
  useSignalEffect(() => {
    void restored.value;
    drawRegions(regions.current!, state.value?.picture);
  });
  useSignalEffect(() => {
    void [isDark.value, restored.value]; // the lines take their colour from the theme
    drawAbove(above.current!, side.value, { picture: state.value?.picture, points: points.value, cross: cross.value });
  });
  return (
    <div class="plane-picture">
      <canvas ref={regions} class="plane-regions" role="img" aria-label={regionsInWords()} />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes pointer and keys itself, which is what the role says */}
      <canvas
        ref={above}
        class="plane-points"
        tabIndex={0}
        role="application"
        aria-label="Points of the plane"
        aria-describedby="plane-help"
        {...handlers}
        onKeyDown={(event: KeyboardEvent) => {
          cross.value = press(event, cross.value);
        }}
        onBlur={() => {
          cross.value = undefined;
        }}
      />
      <p class="unseen" aria-live="polite">
        {cross.value && `x ${decimals(cross.value.x, 2)}, y ${decimals(cross.value.y, 2)}`}
      </p>
    </div>
  );
}

function regionsInWords(): string {
  const right = onOwnColor.value;
  if (right === undefined) return "No regions yet: nothing is trained.";
  const all = points.value.length;
  return `Regions of the predicted classes. ${right} of ${all} points, ${decimals(right / all, 4)}, lie on their own colour.`;
}
