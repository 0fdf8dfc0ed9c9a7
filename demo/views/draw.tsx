import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { loading } from "../engine.ts";
import "../style/draw.css";
import { modelVersion, progress } from "../training.ts";
import { useShown } from "../ui/shown.ts";
import { Answer } from "./draw/answer.tsx";
import { ask, seen } from "./draw/scores.ts";
import { Sheet } from "./draw/sheet.tsx";
import { Tools } from "./draw/tools.tsx";

/** The same drawing is asked again at most this often while the model learns. */
const pauseMilliseconds = 250;

export function DrawView() {
  const view = useRef<HTMLDivElement>(null);
  const shown = useShown(view);
  const asked = useRef(0);

  const askNow = () => {
    if (!shown.value || loading.value.phase !== "ready") return;
    asked.current = performance.now();
    ask(seen.value);
  };
  useSignalEffect(() => {
    modelVersion.value;
    askNow();
  });
  useSignalEffect(() => {
    if (progress.value && performance.now() - asked.current > pauseMilliseconds) askNow();
  });

  return (
    <div ref={view} class="draw">
      <div class="panel drawing">
        <h2>Draw a digit</h2>
        <Sheet />
        <Tools />
      </div>
      <Answer />
    </div>
  );
}
