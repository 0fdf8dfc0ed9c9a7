import { expect, test } from "vitest";
import { Gate } from "../../demo/worker/gate.ts";

/** What a promise has come to by now. */
async function now<T>(promise: Promise<T>): Promise<T | "waiting"> {
  return Promise.race([promise, new Promise<"waiting">((resolve) => setTimeout(resolve, 0, "waiting"))]);
}

test("an open gate lets everything through", async () => {
  expect(await now(new Gate().pass())).toBeUndefined();
});

test("a closed gate holds until it is opened", async () => {
  const gate = new Gate();
  gate.pause();
  const passing = gate.pass();
  expect(await now(passing)).toBe("waiting");
  gate.resume();
  expect(await now(passing)).toBeUndefined();
  expect(await now(gate.pass())).toBeUndefined();
});

test("each step lets one through, also when steps come faster than they are taken", async () => {
  const gate = new Gate();
  gate.pause();
  const passing = gate.pass();
  gate.step();
  gate.step();
  expect(await now(passing)).toBe(1);
  expect(await now(gate.pass())).toBe(1);
  const third = gate.pass();
  expect(await now(third)).toBe("waiting");
  gate.resume();
  expect(await now(third)).toBeUndefined();
});

test("steps that were not taken are forgotten when it opens", async () => {
  const gate = new Gate();
  gate.step();
  gate.resume();
  gate.pause();
  expect(await now(gate.pass())).toBe("waiting");
});
