// Against Keras' ReduceLROnPlateau and LearningRateScheduler.
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { learningRateScheduler } from "../../../src/train/callbacks/learning_rate_scheduler.ts";
import { type ReduceLrOnPlateauOptions, reduceLrOnPlateau } from "../../../src/train/callbacks/reduce_lr_on_plateau.ts";
import { play, values } from "./scripted.ts";

/** The learning rate of each epoch over these values. */
async function rates(options: ReduceLrOnPlateauOptions, ...list: number[]): Promise<number[]> {
  return (await play(reduceLrOnPlateau(options), values(options.monitor ?? "val_loss", ...list))).rates;
}

describe("reduceLrOnPlateau", () => {
  it("divides the learning rate by ten after ten epochs that are no better, by default", async () => {
    const all = await rates({}, ...Array.from({ length: 23 }, () => 1));
    expect(all.slice(0, 11)).toEqual(Array(11).fill(1));
    expect(all.slice(11, 21)).toEqual(Array(10).fill(0.1));
    expect(all[21]).toBeCloseTo(0.01, 12);
  });

  it("counts an epoch that is better by no more than minDelta", async () => {
    expect(await rates({ patience: 2, factor: 0.5 }, 1, 0.9999, 0.9999, 1)).toEqual([1, 1, 1, 0.5]);
    expect(await rates({ patience: 2, factor: 0.5 }, 1, 0.9998, 0.9998, 1)).toEqual([1, 1, 1, 1]);
    expect(await rates({ patience: 1, factor: 0.5, minDelta: 0 }, 2, 1.5, 1.4, 1.4, 1)).toEqual([1, 1, 1, 1, 0.5]);
  });

  it("waits for the cooldown, and counts anew in it", async () => {
    const script = [1, 1, 1, 1, 1, 1, 1];
    expect(await rates({ patience: 1, factor: 0.5 }, ...script)).toEqual([1, 1, 0.5, 0.25, 0.125, 0.0625, 0.03125]);
    // The cooldown's last epoch is counted again, as in Keras: it is over when the epoch begins to be looked at.
    expect(await rates({ patience: 1, factor: 0.5, cooldown: 2 }, ...script)).toEqual([
      1, 1, 0.5, 0.5, 0.25, 0.25, 0.125,
    ]);
    expect(await rates({ patience: 2, factor: 0.5, cooldown: 2 }, ...script, 1)).toEqual([
      1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25,
    ]);
  });

  it("goes no lower than minLr", async () => {
    expect(await rates({ patience: 1, factor: 0.1, minLr: 0.05 }, 1, 1, 1, 1)).toEqual([1, 1, 0.1, 0.05]);
  });

  it.each([
    ["acc", true],
    ["val_accuracy", true],
    ["val_auc", false],
    ["val_loss", false],
  ])("auto: of %s more is better: %s", async (monitor, more) => {
    const up = await rates({ monitor, patience: 1, factor: 0.5 }, 1, 2, 3);
    expect(up.at(-1)).toBe(more ? 1 : 0.5);
    expect((await rates({ monitor, patience: 1, factor: 0.5, mode: "max" }, 1, 2, 3)).at(-1)).toBe(1);
  });

  it("tells the learning rate that the epoch had", async () => {
    const { logs } = await play(reduceLrOnPlateau({ patience: 1 }), values("val_loss", 1, 1, 1));
    expect(logs.map(({ lr }) => lr)).toEqual([1, 1, 0.1]);
  });

  it("tells it also where what it watches is not there, and warns", async () => {
    const { logs, warnings } = await play(reduceLrOnPlateau(), [{ loss: 1 }]);
    expect(logs).toEqual([{ loss: 1, lr: 1 }]);
    expect(warnings).toEqual([
      'The reduction of the learning rate watches "val_loss", which is not there. There are loss, lr.',
    ]);
  });

  it("begins anew with every training", async () => {
    const callbacks = reduceLrOnPlateau({ patience: 2, factor: 0.5 });
    await play(callbacks, values("val_loss", 0, 1));
    expect((await play(callbacks, values("val_loss", 5, 6, 7, 8))).rates).toEqual([1, 1, 1, 0.5]);
  });

  it.each([[1], [1.5], [0], [Number.NaN]])("refuses a factor of %s", (factor) => {
    expect(() => reduceLrOnPlateau({ factor })).toThrow(ConfigError);
    expect(() => reduceLrOnPlateau({ factor })).toThrow(/factor must be above 0 and below 1/);
  });
});

describe("learningRateScheduler", () => {
  it("is given the epoch and the learning rate so far, and tells what it set", async () => {
    const callbacks = learningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate / 2));
    const { rates, logs } = await play(callbacks, values("loss", 1, 1, 1, 1));
    expect(rates).toEqual([1, 1, 0.5, 0.25]);
    expect(logs.map(({ lr }) => lr)).toEqual(rates);
  });

  it("counts epochs from the first of the training", async () => {
    const { rates } = await play(
      learningRateScheduler((epoch) => epoch + 1),
      values("loss", 1, 1),
      { initialEpoch: 4 },
    );
    expect(rates).toEqual([5, 6]);
  });

  it("refuses what is no function", () => {
    expect(() => learningRateScheduler(0.1 as never)).toThrow(/expected a function/);
  });
});
