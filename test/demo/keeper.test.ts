import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keeper, type Kept } from "../../demo/worker/keeper.ts";
import type { Training } from "../../src/index.ts";

let now = 0;
beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** Epochs of a training that takes `epoch` milliseconds for each, and `save` for a copy. @returns which were kept. */
async function keptOf(epochs: number, { epoch, save }: { epoch: number; save: number }): Promise<number[]> {
  const all: Kept[] = [];
  const keeper = new Keeper((kept) => all.push(kept));
  const training: Pick<Training, "save"> = {
    save: async ({ optimizer }) => {
      now += save;
      return Uint8Array.of(optimizer ? 1 : 0);
    },
  };
  keeper.onTrainBegin(training as Training);
  for (let i = 0; i < epochs; i++) {
    now += epoch;
    await keeper.onEpochEnd(i);
  }
  expect(all.every(({ file }) => file[0] === 1)).toBe(true); // training can go on from each
  return all.map((kept) => kept.epochs);
}

test("every epoch is kept where a copy is short beside it", async () => {
  expect(await keptOf(4, { epoch: 2000, save: 50 })).toEqual([1, 2, 3, 4]);
});

test("copies take a twentieth of the time where epochs are short, and the first epoch is kept", async () => {
  // After 50 ms the next one is due in 1000 ms: after 8 more epochs of 130 ms.
  expect(await keptOf(20, { epoch: 130, save: 50 })).toEqual([1, 9, 17]);
});
