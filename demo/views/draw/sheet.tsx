import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { restored } from "../../ui/canvases.ts";
import { centred } from "./centring.ts";
import { gridSide, inkOf, type Mark, marks, type Point, paint, pen, sheetSide } from "./drawing.ts";
import { seen } from "./scores.ts";

/** Where one draws, with a mouse, a pen or a finger. */
export function Sheet() {
  const canvas = useRef<HTMLCanvasElement>(null);
  /** The pointer that draws; others that come meanwhile do nothing. */
  const drawing = useRef<number>(undefined);
  /** What is drawn by that pointer, as it lies on the sheet. */
  const stroke = useRef<Mark>(undefined);

  useSignalEffect(() => {
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    void restored.value;
    paint(context, marks.value);
    seen.value = centred({ data: inkOf(context), width: sheetSide, height: sheetSide });
  });

  const place = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width } = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    return [((clientX - left) / width) * gridSide, ((clientY - top) / width) * gridSide];
  };
  const begin = (event: PointerEvent) => {
    if (drawing.current !== undefined || event.button !== 0) return;
    drawing.current = event.pointerId;
    canvas.current?.setPointerCapture(event.pointerId);
    stroke.current = { kind: "stroke", width: pen.value, points: [place(event)] };
    marks.value = [...marks.value, stroke.current];
  };
  const go = (event: PointerEvent) => {
    if (event.pointerId !== drawing.current) return;
    // Between two frames a pen reports more places than there are events.
    const between = event.getCoalescedEvents?.() ?? [];
    const points = (between.length > 0 ? between : [event]).map(place);
    const last = marks.value.at(-1);
    if (last === undefined || last !== stroke.current || last.kind !== "stroke") {
      drawing.current = undefined; // it was undone or cleared
      return;
    }
    stroke.current = { ...last, points: [...last.points, ...points] };
    marks.value = marks.value.with(-1, stroke.current);
  };
  const end = (event: PointerEvent) => {
    if (event.pointerId === drawing.current) drawing.current = undefined;
  };
  return (
    <canvas
      ref={canvas}
      class="sheet"
      width={sheetSide}
      height={sheetSide}
      role="img"
      aria-label="Sheet to draw a digit on"
      onPointerDown={begin}
      onPointerMove={go}
      onPointerUp={end}
      onPointerCancel={end}
    />
  );
}
