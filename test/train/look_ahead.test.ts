import { describe, expect, it } from "vitest";
import { lookAhead } from "../../src/train/look_ahead.ts";

const never = new Promise<void>(() => {});
const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

/** An iterator that notes how often it is asked, and whether two items are on their way at a time. */
function counted(length: number) {
  const seen = { asked: 0, atATime: 0, most: 0, ended: false };
  const iterator: AsyncIterator<number> = {
    async next() {
      seen.most = Math.max(seen.most, ++seen.atATime);
      await settle();
      seen.atATime--;
      return seen.asked < length ? { done: false, value: seen.asked++ } : { done: true, value: undefined };
    },
    async return() {
      seen.ended = true;
      return { done: true, value: undefined };
    },
  };
  return { seen, iterator };
}

describe("lookAhead", () => {
  it.each([1, 2, 5])("gives all items in order, %d ahead", async (count) => {
    const { seen, iterator } = counted(7);
    const items: number[] = [];
    for await (const item of lookAhead(iterator, count, never)) items.push(item);
    expect(items).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([seen.most, seen.atATime]).toEqual([1, 0]);
  });

  it("fetches no further than it may while an item is worked on", async () => {
    const { seen, iterator } = counted(20);
    const ahead = lookAhead(iterator, 3, never);
    await ahead.next();
    for (let i = 0; i < 10; i++) await settle();
    expect(seen.asked).toBe(4);
  });

  it("takes iterators that are not asynchronous", async () => {
    const items: string[] = [];
    for await (const item of lookAhead(["a", "b"][Symbol.iterator](), 2, never)) items.push(item);
    expect(items).toEqual(["a", "b"]);
  });

  it("throws an error in its place, and ends the iterator", async () => {
    async function* failing() {
      yield 1;
      throw new RangeError("mine");
    }
    const items: number[] = [];
    const run = async () => {
      for await (const item of lookAhead(failing(), 3, never)) items.push(item);
    };
    await expect(run()).rejects.toThrow("mine");
    expect(items).toEqual([1]);
  });

  it("ends the iterator when it is left", async () => {
    const { seen, iterator } = counted(9);
    for await (const item of lookAhead(iterator, 2, never)) if (item === 2) break;
    await settle();
    await settle();
    await settle();
    expect(seen.ended).toBe(true);
  });

  it("waits no longer than it is told to", async () => {
    const stuck: AsyncIterator<number> = { next: () => new Promise(() => {}) };
    expect(
      (
        await lookAhead(
          stuck,
          2,
          settle().then(() => {}),
        ).next()
      ).done,
    ).toBe(true);
  });
});

it("lookAhead lets go of the items behind it", async () => {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const items: WeakRef<object>[] = [];
  async function* made() {
    for (let i = 0; i < 20; i++) {
      const item = { i };
      items.push(new WeakRef(item));
      yield item;
    }
  }
  const ahead = lookAhead(made(), 2, never);
  for (let i = 0; i < 15; i++) await ahead.next();
  await settle();
  collect();
  expect(items.length).toBe(17);
  // The one at work and those ahead; an engine may hold on to another one for a while.
  expect(items.filter((item) => item.deref()).length).toBeLessThanOrEqual(5);
  await ahead.return();
});
