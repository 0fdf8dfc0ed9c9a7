// What is painted on canvases is lost together with the GPU.
import { signal } from "@preact/signals";

/** Changes whenever canvases that were lost can be painted again: whoever paints reads it. */
export const restored = signal(0);

addEventListener(
  "contextrestored",
  () => {
    restored.value++;
  },
  { capture: true }, // the event goes to the canvas alone
);
