import { afterEach, describe, expect, it, vi } from "vitest";
import type { Training } from "../../src/train/callbacks.ts";
import { formatValue, progress, progressLine } from "../../src/train/progress.ts";

const published = { loss: 0.0829, acc: 0.8681, val_loss: 0.0432, val_acc: 0.9358 };
const publishedLine =
  "375/375 [==============================] - 2s 6ms/step - loss: 0.0829 - acc: 0.8681 - val_loss: 0.0432 - val_acc: 0.9358";

describe("progressLine", () => {
  it("is the line of the published example", () => {
    expect(progressLine(375, 375, 2.25, published)).toBe(publishedLine);
  });

  // Keras: int(30 step / steps) characters, the last of them the arrow's head; dots fill the rest.
  it.each([
    [1, " 1/40 [..............................] - ETA: 39s - loss: 1.0000"],
    [2, " 2/40 [>.............................] - ETA: 38s - loss: 1.0000"],
    [20, "20/40 [==============>...............] - ETA: 20s - loss: 1.0000"],
    [39, "39/40 [============================>.] - ETA: 1s - loss: 1.0000"],
    [40, "40/40 [==============================] - 40s 1s/step - loss: 1.0000"],
  ])("shows step %d of 40 running at a step a second", (step, line) => {
    expect(progressLine(step, 40, step, { loss: 1 })).toBe(line);
  });

  it.each([
    [3, "3s 3s/step"],
    [0.25, "0s 250ms/step"],
    [0.001, "0s 1ms/step"],
    [0.00025, "0s 250us/step"],
  ])("tells the time of one step of %d s", (seconds, timing) => {
    expect(progressLine(1, 1, seconds, {})).toBe(`1/1 [==============================] - ${timing}`);
  });

  // Keras: minutes and seconds above 60 s, hours above 3600 s.
  it.each([
    [61, "ETA: 60s"],
    [126, "ETA: 2:05"],
    [3724, "ETA: 1:02:03"],
  ])("tells the time left with %d steps of a second", (steps, eta) => {
    expect(progressLine(1, steps, 1, {})).toContain(eta);
  });

  // Keras: the steps so far, seven wide, while their number is unknown.
  it("shows a running epoch of unknown length", () => {
    expect(progressLine(40, undefined, 2, { loss: 1 })).toBe("     40/Unknown - 2s 50ms/step - loss: 1.0000");
  });

  it("keeps the order of the logs", () => {
    const line = progressLine(1, 1, 1, { loss: 1, b: 2, a: 3 });
    expect(line).toMatch(/- loss: 1\.0000 - b: 2\.0000 - a: 3\.0000$/);
  });
});

describe("formatValue", () => {
  // Python's "%.4f" above 1e-3, "%.4e" at and below.
  it.each([
    [0.0829, "0.0829"],
    [12.34567, "12.3457"],
    [-0.5, "-0.5000"],
    [0.0010001, "0.0010"],
    [0.001, "1.0000e-03"],
    [-0.001, "-1.0000e-03"],
    [0.00012345678, "1.2346e-04"],
    [1e-12, "1.0000e-12"],
    [1e-100, "1.0000e-100"],
    [0, "0.0000e+00"],
  ])("writes %d as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe("progress", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("prints a heading and a line for each epoch, with the validation of that epoch", async () => {
    const printed = vi.spyOn(console, "log").mockImplementation(() => {});
    const callbacks = progress(2);
    callbacks.onTrainBegin?.({ epochs: 20, steps: 375 } as Training);
    callbacks.onEpochBegin?.(4);
    callbacks.onEpochEnd?.(4, published);
    const lines = printed.mock.calls.map(([line]) => String(line));
    expect(lines[0]).toBe("Epoch 5/20");
    expect(lines[1]).toMatch(/^375\/375 \[={30}\] - 0s \d+us\/step - loss: 0\.0829 - .* - val_acc: 0\.9358$/);
    expect(lines).toHaveLength(2);
  });

  it("is silent at verbose 0, and asks for no batches where nothing is redrawn", () => {
    expect(progress(0)).toEqual({});
    expect(progress(2).onBatchEnd).toBeUndefined();
  });
});
