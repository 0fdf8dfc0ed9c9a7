// What the model makes of the drawing, asked again whenever either changes.
import { signal } from "@preact/signals";
import { engine } from "../../engine.ts";
import { latestWins } from "./latest.ts";

/** The drawing as the model sees it [28, 28]; undefined while the sheet is empty. */
export const seen = signal<Uint8Array<ArrayBuffer> | undefined>(undefined);
/** The model's outputs for it [10]; undefined while there is no drawing or no model. */
export const outputs = signal<Float32Array | undefined>(undefined);
/** Why it could not be asked. */
export const failure = signal<string | undefined>(undefined);

/** Asks what the model makes of the drawing; of questions that come before the answer, only the last is asked. */
export const ask = latestWins(async (pixels: Uint8Array | undefined) => {
  try {
    const answer = pixels && (await engine().session.predict(pixels));
    // The sheet may have been cleared meanwhile.
    outputs.value = seen.peek() ? answer : undefined;
    failure.value = undefined;
  } catch (error) {
    failure.value = (error as Error).message;
  }
});
