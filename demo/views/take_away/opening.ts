import { transfer } from "comlink";
import type { Logs } from "../../../src/index.ts";
import { engine } from "../../engine.ts";
import { epochs, forget, modelVersion, settings } from "../../training.ts";

/**
 * Puts a saved model in place of the present one, and its settings, where the file tells them, in place of those set.
 * @param history of its training, where it is known.
 * @throws Error for a file that is not such a model; the present one stays.
 */
export async function openModel(bytes: Uint8Array<ArrayBuffer>, history: readonly Logs[] = []): Promise<void> {
  const restored = await engine().session.open(transfer(bytes, [bytes.buffer]));
  if (restored) settings.value = restored;
  forget();
  epochs.value = history;
  modelVersion.value++;
}
