import { expect, test } from "vitest";
import { Pace } from "../../demo/worker/pace.ts";

test("the pace is that of the last seconds", () => {
  const pace = new Pace(1000);
  expect(pace.milliseconds).toBeUndefined();
  pace.mark(0, 0);
  expect(pace.milliseconds).toBeUndefined();
  for (let second = 1; second <= 5; second++) pace.mark(second * 500, second * 50); // 10 ms each
  expect(pace.milliseconds).toBe(10);
  for (let i = 1; i <= 4; i++) pace.mark(2500 + i * 500, 250 + i * 100); // 5 ms each, for longer than the window
  expect(pace.milliseconds).toBe(5);
  pace.clear();
  expect(pace.milliseconds).toBeUndefined();
});

test("what is told at once was done since what was told before", () => {
  const pace = new Pace(1000);
  for (let step = 1; step <= 20; step++) pace.mark(100 + step / 10, step);
  expect(pace.milliseconds).toBeUndefined(); // nothing says when these began
  for (let step = 21; step <= 40; step++) pace.mark(140 + (step - 21) / 10, step);
  expect(pace.milliseconds).toBeCloseTo((140 - 100.1) / 20, 12);
});
