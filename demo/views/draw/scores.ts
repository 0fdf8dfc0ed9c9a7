// What the model makes of the drawing, asked again whenever either changes.
import { signal } from "@preact/signals";
import type { LossName } from "../../../src/index.ts";
import { engine } from "../../engine.ts";
import { latestWins } from "./latest.ts";

/** The drawing as the model sees it [28, 28]; undefined while the sheet is empty. */
export const seen = signal<Uint8Array<ArrayBuffer> | undefined>(undefined);
/** What the model makes of the drawing. */
export interface Answered {
  /** [10] */
  readonly outputs: Float32Array;
  /** What the model was trained with, where that is known. */
  readonly loss: LossName | undefined;
}

/** Undefined while there is no drawing or no model. */
export const answered = signal<Answered | undefined>(undefined);
/** Why it could not be asked. */
export const failure = signal<string | undefined>(undefined);

/** Asks what the model makes of the drawing; of questions that come before the answer, only the last is asked. */
export const ask = latestWins(async (pixels: Uint8Array | undefined) => {
  try {
    const { session } = engine();
    const [outputs, loss] = await Promise.all([pixels && session.predict(pixels), session.loss()]);
    // The sheet may have been cleared meanwhile.
    answered.value = outputs && seen.peek() && { outputs, loss };
    failure.value = undefined;
  } catch (error) {
    failure.value = (error as Error).message;
  }
});
