// Against what Keras' documentation and sources say of EarlyStopping.
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { type EarlyStoppingOptions, earlyStopping } from "../../../src/train/callbacks/early_stopping.ts";
import { play, values } from "./scripted.ts";

/** How many epochs run over these values of val_loss, or of what is monitored. */
async function epochs(options: EarlyStoppingOptions, ...list: number[]): Promise<number> {
  const { epochs } = await play(earlyStopping(options), values(options.monitor ?? "val_loss", ...list));
  return epochs.length;
}

describe("earlyStopping", () => {
  it("stops at the first epoch that is no better, by default", async () => {
    expect(await epochs({}, 3, 2, 2, 1)).toBe(3);
    expect(await epochs({}, 3, 2, 1)).toBe(3);
  });

  it("waits for `patience` epochs in a row", async () => {
    expect(await epochs({ patience: 3 }, 1, 1, 1, 1, 1, 1)).toBe(4); // the example of Keras' documentation
    expect(await epochs({ patience: 2 }, 3, 4, 2, 3, 4, 1)).toBe(5);
  });

  it("takes only what is better by more than minDelta, whatever its sign", async () => {
    for (const minDelta of [0.5, -0.5]) {
      expect(await epochs({ minDelta }, 3, 2.5, 1)).toBe(2);
      expect(await epochs({ minDelta }, 3, 2.25, 2)).toBe(3);
      expect(await epochs({ minDelta, mode: "max" }, 1, 1.5, 9)).toBe(2);
      expect(await epochs({ minDelta, mode: "max" }, 1, 1.75, 9)).toBe(3);
    }
  });

  it.each([
    ["val_acc", true],
    ["accuracy", true],
    ["val_auc", true],
    ["accuracy_loss", false],
    ["acc_of_some", false],
    ["val_loss", false],
  ])("auto: of %s more is better: %s", async (monitor, more) => {
    expect(await epochs({ monitor }, 1, 2, 3)).toBe(more ? 3 : 2);
    expect(await epochs({ monitor }, 3, 2, 1)).toBe(more ? 2 : 3);
    expect(await epochs({ monitor, mode: "max" }, 1, 2, 3)).toBe(3);
    expect(await epochs({ monitor, mode: "min" }, 3, 2, 1)).toBe(3);
  });

  it("never stops in the first epoch, even without patience", async () => {
    expect(await epochs({ baseline: 0 }, Number.NaN, 1, 1)).toBe(3);
    expect((await play(earlyStopping(), values("val_loss", Number.NaN), { initialEpoch: 1 })).reason).toMatch(
      /epoch 2/,
    );
  });

  // An epoch that is better than those before, but not than the baseline, neither ends nor renews the patience.
  it("renews its patience only below the baseline", async () => {
    expect(await epochs({ patience: 2, baseline: 1 }, 5, 4, 3, 3, 1)).toBe(4);
    expect(await epochs({ patience: 2, baseline: 1 }, 5, 0.5, 3, 3, 1)).toBe(4);
    expect(await epochs({ patience: 2, baseline: 1 }, 5, 4, 3, 2, 1.5)).toBe(5);
    expect(await epochs({ patience: 1, baseline: 1 }, 5, 6, 0)).toBe(2);
  });

  it("looks at nothing before startFromEpoch", async () => {
    expect(await epochs({ startFromEpoch: 3 }, 1, 2, 3, 4, 5, 6)).toBe(5);
    expect(await epochs({ startFromEpoch: 2 }, 1, 1, 5, 4, 5)).toBe(5);
  });

  it("leaves the last weights unless told otherwise", async () => {
    expect((await play(earlyStopping(), values("val_loss", 2, 1, 3))).weights).toBe(2);
  });

  it("puts the best weights back when it stops, and when training ends otherwise", async () => {
    const callbacks = earlyStopping({ patience: 1, restoreBestWeights: true });
    const stopped = await play(callbacks, values("val_loss", 3, 1, 2, 0));
    expect([stopped.weights, stopped.reason]).toEqual([
      1,
      "Early stopping in epoch 3: val_loss did not become better.",
    ]);
    const ended = await play(earlyStopping({ patience: 9, restoreBestWeights: true }), values("val_loss", 3, 1, 2));
    expect([ended.weights, ended.reason]).toEqual([1, undefined]);
    const late = earlyStopping({ patience: 9, restoreBestWeights: true, startFromEpoch: 2 });
    expect((await play(late, values("val_loss", 0, 1, 4, 3, 5))).weights).toBe(3);
  });

  it("puts the first weights back where nothing becomes better", async () => {
    const callbacks = earlyStopping({ restoreBestWeights: true, patience: 2 });
    expect((await play(callbacks, values("val_loss", Number.NaN, Number.NaN, Number.NaN))).weights).toBe(0);
  });

  it("begins anew with every training", async () => {
    const callbacks = earlyStopping({ patience: 1, restoreBestWeights: true });
    await play(callbacks, values("val_loss", 0, 1));
    const again = await play(callbacks, values("val_loss", 5, 4, 3));
    expect([again.epochs.length, again.weights]).toEqual([3, 2]);
  });

  it("warns of a value that is not there, and goes on", async () => {
    const { warnings, epochs } = await play(earlyStopping(), [
      { loss: 1, acc: 1 },
      { loss: 1, acc: 1 },
    ]);
    expect(epochs).toHaveLength(2);
    expect(warnings[0]).toBe('Early stopping watches "val_loss", which is not there. There are loss, acc.');
  });

  it.each([
    [{ mode: "most" }, /mode must be "auto", "min" or "max", got "most"/],
    [{ patience: -1 }, /patience must be a whole number from 0 on, got -1/],
    [{ minDelta: Number.NaN }, /minDelta must be a finite number/],
    [{ restore: true }, /earlyStopping: unknown option "restore"/],
  ])("refuses %o", (options, message) => {
    expect(() => earlyStopping(options as never)).toThrow(ConfigError);
    expect(() => earlyStopping(options as never)).toThrow(message);
  });
});
