// What pointer and keys do to the points.
import type { Place } from "./drawing.ts";
import { classMarks } from "./marks.tsx";
import { place, removeNearest, tool } from "./state.ts";

/** CSS pixels within which a point is removed, and after which a drag places the next one. */
const reach = 14;
/** What an arrow key moves the crosshair by; a fifth of it with the shift key. */
const stride = 0.05;

/** Handlers of a canvas that shows the plane. */
export function pointerHandlers() {
  /** Where the last point was placed, in CSS pixels. */
  let last = { left: 0, top: 0 };
  const act = (event: PointerEvent, spread: number) => {
    const canvas = event.currentTarget as HTMLCanvasElement;
    const jitter = () => spread * (2 * Math.random() - 1);
    last = { left: event.offsetX, top: event.offsetY };
    const x = (2 * (event.offsetX + jitter())) / canvas.clientWidth - 1;
    const y = 1 - (2 * (event.offsetY + jitter())) / canvas.clientHeight;
    const removes = tool.value === "remove" || event.shiftKey || (event.buttons & 2) !== 0;
    if (removes) removeNearest(x, y, (2 * reach) / canvas.clientWidth);
    else place(x, y);
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as HTMLCanvasElement).setPointerCapture(event.pointerId);
      act(event, 0);
    },
    onPointerMove: (event: PointerEvent) => {
      const far = Math.hypot(event.offsetX - last.left, event.offsetY - last.top) >= reach;
      if (event.buttons !== 0 && far) act(event, tool.value === "remove" ? 0 : reach / 2);
    },
    onContextMenu: (event: MouseEvent) => event.preventDefault(),
  };
}

const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Moves the crosshair, places or removes a point there, or chooses a class. @returns where the crosshair is, if it is shown. */
export function press(event: KeyboardEvent, cross: Place | undefined): Place | undefined {
  const { key, shiftKey } = event;
  const at = cross ?? { x: 0, y: 0 };
  const arrow = arrows[key];
  const mark = Number(key) - 1;
  if (arrow) {
    const length = shiftKey ? stride / 5 : stride;
    const moved = (from: number, by: number) => Math.max(-1, Math.min(1, from + by * length));
    event.preventDefault();
    return { x: moved(at.x, arrow[0]), y: moved(at.y, arrow[1]) };
  }
  if (key === "Enter" || key === " ") {
    event.preventDefault();
    if (tool.value === "remove") removeNearest(at.x, at.y, 3);
    else place(at.x, at.y);
    return at;
  }
  if (key === "Delete" || key === "Backspace") {
    event.preventDefault();
    removeNearest(at.x, at.y, 3);
    return at;
  }
  if (classMarks[mark]) tool.value = mark;
  return cross;
}
